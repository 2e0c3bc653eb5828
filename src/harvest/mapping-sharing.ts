import type { Fault } from '../platform/errors.ts'
import type { MappedRecord } from './mapping-entry.ts'
import { objectOf, shown, textOf, warning } from './mapping-values.ts'

/**
 * Sharing and opening are legal statements. What a source says is mapped; where it says nothing the careful class is
 * taken, and told: in the preview for each record, in the report of a run with its count. A mapping says otherwise with
 * `defaults.sharingType` and `defaults.openType`.
 */

/** The condition taken for data that is not for everybody: each body asks, the provider decides. Every profile has it. */
export const carefulCondition = 'by_agreement'

type Opening = 'sharingType' | 'openType'
const careful: Record<Opening, string> = { sharingType: 'conditional', openType: 'not_open' }
/** A package of a CKAN portal that is neither private nor inactive is there for everybody to take. */
const everybodys: Record<Opening, string> = { sharingType: 'unconditional', openType: 'unconditional' }

/** The class taken where neither record nor mapping says one; the record remembers that it was assumed. */
export function assumeOpening(record: MappedRecord, field: Opening): string {
  const taken = (record.listedForAll ? everybodys : careful)[field]
  if (field === 'sharingType' && taken === 'conditional') record.content.sharingCondition ??= carefulCondition
  record.assumed = { ...record.assumed, [field]: taken }
  return taken
}

/** The assumptions of one record in words, for the preview. */
export const assumedWarnings = (record: MappedRecord): Fault[] =>
  Object.entries(record.assumed ?? {}).map(([field, taken]) =>
    assumption(field, `the record does not say its ${field}; "${taken}" is taken`),
  )

/** How many records of a file were taken with which assumption. */
export type Assumptions = Map<string, number>

export function countAssumed(assumptions: Assumptions, record: MappedRecord): void {
  for (const [field, taken] of Object.entries(record.assumed ?? {})) {
    const key = `${field} ${taken}`
    assumptions.set(key, (assumptions.get(key) ?? 0) + 1)
  }
}

/** The same for the report of a run. */
export const assumptionFaults = (assumptions: Assumptions): Fault[] =>
  [...assumptions].map(([key, count]) => {
    const [field, taken] = key.split(' ') as [string, string]
    const records = count === 1 ? '1 record does' : `${count.toLocaleString('en')} records do`
    return assumption(field, `${records} not say the ${field}; "${taken}" is taken`)
  })

const assumption = (field: string, message: string): Fault =>
  warning(
    `/${field}`,
    'sharing_assumed',
    message,
    `Map a column to it, or say it in the mapping: defaults.${field}.`,
  )

type Level = 'public' | 'restricted public' | 'non-public'

/** Last words of the addresses of the EU list of access rights, which DCAT-US 3.0 uses. */
const accessRights: Record<string, Level> = {
  public: 'public',
  restricted: 'restricted public',
  non_public: 'non-public',
  confidential: 'non-public',
  sensitive: 'non-public',
}

/**
 * Opening and sharing of a DCAT-US record by its accessLevel (1.1), else by an address of the EU list of access rights
 * (3.0). What is not public is shared on conditions, never unconditionally; a level not known counts as not public.
 */
export function accessOf(
  record: MappedRecord,
  dataset: Record<string, unknown>,
  rights: string | undefined,
): Partial<Record<Opening | 'sharingCondition' | 'sharingScope' | 'openCondition', string>> {
  const level = levelOf(record, dataset)
  if (level === undefined) return {}
  if (level === 'public') return { openType: 'unconditional', sharingType: 'unconditional' }
  const scope = rights ?? `Its source says "${level}"; ask the contact.`
  const opening =
    level === 'restricted public'
      ? { openType: 'conditional', openCondition: scope }
      : { openType: 'not_open' }
  return {
    ...opening,
    sharingType: 'conditional',
    sharingCondition: carefulCondition,
    sharingScope: scope,
  }
}

function levelOf(record: MappedRecord, dataset: Record<string, unknown>): Level | undefined {
  const said = textOf(dataset.accessLevel)
  const level = said?.toLowerCase()
  if (level === 'public' || level === 'restricted public' || level === 'non-public') return level
  if (said !== undefined) {
    record.warnings.push(
      warning(
        '/accessLevel',
        'access_level',
        `the access level ${shown(said)} is not known; "non-public" is taken`,
        'DCAT-US knows public, restricted public and non-public.',
      ),
    )
    return 'non-public'
  }
  const right = textOf(objectOf(dataset.accessRights)?.['@id'] ?? dataset.accessRights)
  return right === undefined ? undefined : accessRights[right.slice(right.lastIndexOf('/') + 1).toLowerCase()]
}
