import type { Fault } from '../platform/errors.ts'
import type { Profile } from '../platform/profile.ts'
import { limits } from './dataset.schema.ts'
import { checkExtension } from './extension-rules.ts'
import { checkCode, type Loose, list, objects, pointer, type Rulebook, rulebookOf, text } from './rulebook.ts'

/** The entry a content belongs to, where there is one. */
export interface Self {
  uid?: string
}

/** Letters and digits: the shortest citation seen is a law's short name with an article. */
const minCitation = 4
/** What people write to get past a required field. */
const notACitation =
  /^(none|n\/?a|nil|null|tbd|unknown|other|secret|confidential|internal|不详|暂无|没有|其他|其它|保密|涉密|内部|不予共享)$/i
const languageTag = /^[a-z]{2,3}(-[A-Za-z0-9]+)*$/
const visible = /[\p{L}\p{N}\p{P}\p{S}]/u
/** Years; outside of them it is a typing error, and PostgreSQL and browsers disagree about the calendar. */
const firstYear = 1000
const lastYear = 2999

/** Adds the faults of everything the schema cannot say. The content is tidied; it need not fit the schema. */
export function checkRules(c: Loose, profile: Profile, self: Self, faults: Fault[]): void {
  const book = rulebookOf(profile)
  checkEntry(c, book, faults)
  checkSharing(c, undefined, '', book, faults)
  checkResourceCodes(c, book, faults)
  checkDates(c, faults)
  checkItems(c, book, faults)
  checkRelated(c, self, faults)
  checkExtension(c.extension, book, faults)
}

function checkEntry(c: Loose, book: Rulebook, faults: Fault[]): void {
  checkVisible(c.title, '/title', faults)
  checkLanguages(c.translations, '/translations', faults)
  for (const name of ['classification', 'theme'])
    list(c[name]).forEach((code, i) => {
      checkCode(code, name, `/${name}/${i}`, book, faults)
    })
  for (const name of ['database', 'shareMethod', 'updateCycle', 'grade'])
    checkCode(c[name], name, `/${name}`, book, faults)
  for (const [i, d] of objects(c.distributions))
    checkCode(d.formatCategory, 'formatCategory', `/distributions/${i}/formatCategory`, book, faults)
}

function checkVisible(value: unknown, path: string, faults: Fault[]): void {
  if (typeof value === 'string' && value !== '' && !visible.test(value))
    faults.push({
      path,
      rule: 'visible',
      message: 'The name has no visible character.',
      remedy: 'Write the name.',
    })
}

function checkLanguages(value: unknown, path: string, faults: Fault[]): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return
  for (const tag of Object.keys(value))
    if (!languageTag.test(tag) || tag.length > 35)
      faults.push({
        path: `${path}/${pointer(tag.slice(0, 50))}`,
        rule: 'language',
        message: 'This is not a language tag.',
        remedy: 'Use a tag such as en or zh-CN.',
      })
}

const isCitation = (value: unknown) =>
  typeof value === 'string' &&
  !notACitation.test(value.trim()) &&
  (value.match(/[\p{L}\p{N}]/gu)?.length ?? 0) >= minCitation

/** Sharing and opening of an entry, or of an item where it has its own; `entry` is what an item falls back on. */
function checkSharing(
  c: Loose,
  entry: Loose | undefined,
  path: string,
  book: Rulebook,
  faults: Fault[],
): void {
  const basisPlace = c.refusalBasis ?? (entry?.sharingType === 'not_shared' ? entry.refusalBasis : undefined)
  if (c.sharingType === 'not_shared' && !isCitation(basisPlace))
    faults.push({
      path: `${path}/refusalBasis`,
      rule: 'citation_required',
      message: 'Data that is not shared needs the law, regulation or decision relied on.',
      remedy: 'Cite it with its name and article; otherwise share the data, with conditions if need be.',
    })
  if (c.sharingType === 'conditional' && !text(c.sharingCondition ?? entry?.sharingCondition))
    faults.push({
      path: `${path}/sharingCondition`,
      rule: 'condition_required',
      message: 'Conditional sharing needs its condition.',
      remedy: `Choose one of the profile's list sharingCondition; conditions of one's own are not allowed.`,
    })
  checkCode(c.sharingCondition, 'sharingCondition', `${path}/sharingCondition`, book, faults)
  if (c.openType === 'conditional' && !text(c.openCondition ?? entry?.openCondition))
    faults.push({
      path: `${path}/openCondition`,
      rule: 'condition_required',
      message: 'Conditional opening needs its condition.',
      remedy: 'Say who may use the data, how they get it and what they must observe.',
    })
}

function checkResourceCodes(c: Loose, book: Rulebook, faults: Fault[]): void {
  const classification = new Set(list(c.classification))
  list(c.resourceCode).forEach((code, i) => {
    if (typeof code !== 'string') return
    const path = `/resourceCode/${i}`
    if (!book.resourceCode.test(code)) {
      faults.push({
        path,
        rule: 'resource_code',
        message: `"${code.slice(0, 100)}" does not have the form of a resource code.`,
        remedy: `Write classification code, "${book.separator}", sequence: ${book.resourceCode.source}.`,
      })
      return
    }
    const place = code.slice(0, code.indexOf(book.separator))
    if (!classification.has(place))
      faults.push({
        path,
        rule: 'classification_mismatch',
        message: `The code belongs to the classification ${place}, which the entry does not have.`,
        remedy: `Add ${place} to classification, or correct the code.`,
      })
  })
}

function checkYear(value: unknown, path: string, faults: Fault[]): void {
  if (typeof value !== 'string') return
  const year = /^(\d{4})-/.exec(value)?.[1]
  if (year !== undefined && (Number(year) < firstYear || Number(year) > lastYear))
    faults.push({
      path,
      rule: 'year',
      message: `The year ${year} cannot be right.`,
      remedy: `Give a year from ${firstYear} to ${lastYear}, or leave the date out.`,
    })
  // A leap second and a time-zone annotation are valid in RFC 3339 and 9557 but not to the calendar we keep.
  else if (year !== undefined && Number.isNaN(Date.parse(value)))
    faults.push({
      path,
      rule: 'date',
      message: `"${value.slice(0, 40)}" is not a date or time we can keep.`,
      remedy: 'Write e.g. 2024-03-31 or 2024-03-31T08:00:00+08:00.',
    })
}

function checkDates(c: Loose, faults: Fault[]): void {
  for (const name of ['temporalStart', 'temporalEnd', 'issued', 'modified'])
    checkYear(c[name], `/${name}`, faults)
  for (const [i, d] of objects(c.distributions))
    for (const name of ['issued', 'modified']) checkYear(d[name], `/distributions/${i}/${name}`, faults)
  const [start, end] = [text(c.temporalStart), text(c.temporalEnd)]
  if (start && end && end < start)
    faults.push({
      path: '/temporalEnd',
      rule: 'order',
      message: `The period ends (${end.slice(0, 10)}) before it begins (${start.slice(0, 10)}).`,
      remedy: 'Exchange or correct the two dates.',
    })
}

function checkItems(c: Loose, book: Rulebook, faults: Fault[]): void {
  const codes = new Map<string, number>()
  for (const [i, item] of objects(c.items)) {
    // The schema says that there are too many; no need to name each.
    if (i >= limits.items) return
    const path = `/items/${i}`
    checkVisible(item.name, `${path}/name`, faults)
    if (item.translations !== undefined) checkLanguages(item.translations, `${path}/translations`, faults)
    for (const name of ['dataType', 'updateCycle', 'grade', 'shareMethod'])
      if (item[name] !== undefined) checkCode(item[name], name, `${path}/${name}`, book, faults)
    checkSharing(item, c, path, book, faults)
    const code = text(item.code)
    if (code === undefined) continue
    const first = codes.get(code)
    if (first === undefined) codes.set(code, i)
    else
      faults.push({
        path: `${path}/code`,
        rule: 'unique',
        message: `Item ${first + 1} has the code "${code.slice(0, 64)}" too.`,
        remedy: 'Give each item of the entry a code of its own, or none.',
      })
  }
}

function checkRelated(c: Loose, self: Self, faults: Fault[]): void {
  for (const [i, other] of objects(c.related)) {
    if (!other.uid && !other.identifier)
      faults.push({
        path: `/related/${i}`,
        rule: 'required',
        message: 'A related entry needs its uid or an identifier.',
        remedy: 'Give the address of an entry (uid), or a resource code or outside identifier (identifier).',
      })
    if (self.uid && text(other.uid)?.toLowerCase() === self.uid.toLowerCase())
      faults.push({
        path: `/related/${i}/uid`,
        rule: 'itself',
        message: 'The entry names itself as related.',
        remedy: 'Remove it.',
      })
  }
}
