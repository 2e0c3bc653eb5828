import type { Profile } from '../platform/profile.ts'

/**
 * What is looked at in an entry. The first five dimensions and their points are those of the European metadata
 * quality assessment (MQA, 405 points); `needs` is what this jurisdiction asks for beyond it, with points from its
 * profile. Each check is one bit of `coverage.entry_score`, its place in this list: add at the end, never reorder.
 * The condition of each stands in score.queries.ts, the words in check-texts.ts.
 */
export const dimensions = [
  'findability',
  'accessibility',
  'interoperability',
  'reusability',
  'context',
  'needs',
] as const
export type Dimension = (typeof dimensions)[number]

/** Name, dimension, points, and the field of the entry's content where it is mended. */
const table = [
  ['keyword', 'findability', 30, '/keyword'],
  ['theme', 'findability', 30, '/theme'],
  ['spatial', 'findability', 20, '/spatial'],
  ['temporal', 'findability', 20, '/temporalStart'],
  ['accessReachable', 'accessibility', 50, '/distributions'],
  ['downloadUrl', 'accessibility', 20, '/distributions'],
  ['downloadReachable', 'accessibility', 30, '/distributions'],
  ['format', 'interoperability', 20, '/distributions'],
  ['mediaType', 'interoperability', 10, '/distributions'],
  ['formatVocabulary', 'interoperability', 10, '/distributions'],
  ['nonProprietary', 'interoperability', 20, '/distributions'],
  ['machineReadable', 'interoperability', 20, '/distributions'],
  ['dcatConformity', 'interoperability', 30, ''],
  ['license', 'reusability', 20, '/license'],
  ['licenseVocabulary', 'reusability', 10, '/license'],
  ['accessRights', 'reusability', 10, '/sharingType'],
  ['accessRightsVocabulary', 'reusability', 5, '/sharingCondition'],
  ['contact', 'reusability', 20, '/contact/name'],
  ['publisher', 'reusability', 10, '/body'],
  ['rights', 'context', 5, '/sharingScope'],
  ['byteSize', 'context', 5, '/distributions'],
  ['issued', 'context', 5, '/issued'],
  ['modified', 'context', 5, '/modified'],
  ['abstract', 'needs', 0, '/abstract'],
  ['items', 'needs', 0, '/items'],
  ['itemTypes', 'needs', 0, '/items'],
  ['itemDescriptions', 'needs', 0, '/items'],
  ['graded', 'needs', 0, '/grade'],
  ['sharingBasis', 'needs', 0, '/refusalBasis'],
  ['duty', 'needs', 0, '/duty'],
  ['dataElement', 'needs', 0, '/items'],
  ['resourceCode', 'needs', 0, '/resourceCode'],
  ['translation', 'needs', 0, '/translations'],
  ['mounted', 'needs', 0, '/distributions'],
  ['shared', 'needs', 0, '/sharingType'],
  ['opened', 'needs', 0, '/openType'],
] as const satisfies readonly (readonly [string, Dimension, number, string])[]

export type CheckId = (typeof table)[number][0]

export interface Check {
  id: CheckId
  bit: number
  dimension: Dimension
  points: number
  /** JSON pointer into the content; empty where the entry as a whole is meant. */
  field: string
}

/** Names of all checks, in the order of their bits. */
export const checkIds = table.map(([id]) => id)

/** The bit of a check. */
export const bitOf = (id: CheckId): number => checkIds.indexOf(id)

/** Checks whose answer comes from outside the entry, some time after it changed. */
export const observedChecks: ReadonlySet<CheckId> = new Set([
  'accessReachable',
  'downloadReachable',
  'dcatConformity',
])

/**
 * The checks with the points they are worth under a profile. Those without points are counted for the ratios only.
 * @throws Error where the profile gives points to a check that is not there
 */
export function checksOf(profile: Profile): Check[] {
  const { points } = profile.coverage
  const unknown = Object.keys(points).filter((id) => !(checkIds as string[]).includes(id))
  if (unknown.length > 0)
    throw new Error(`Profile ${profile.id} gives points to checks that do not exist: ${unknown.join(', ')}.`)
  return table.map(([id, dimension, own, field], bit) => ({
    id,
    bit,
    dimension,
    points: points[id] ?? own,
    field,
  }))
}

/** Whether a mask has a bit; masks have more bits than the operators of the language take. */
export const hasBit = (mask: number, bit: number): boolean => Math.floor(mask / 2 ** bit) % 2 === 1

/** Raise with every change of what a check or a ratio means. */
const ruleRevision = 1

/** Under which rules something was counted: told with every figure, and a reason to count anew when it changes. */
export const rulesOf = ({ id, version, coverage }: Profile): string =>
  `coverage ${ruleRevision}, ${id} ${version} (${coverage.version})`
