import { readFileSync } from 'node:fs'
import { buildCountry } from '../../src/seed/country.ts'
import { buildEntries } from '../../src/seed/entries.ts'
import { readItemKinds } from '../../src/seed/tables.ts'

/**
 * Which entries answer a query, judged from what they are about. A pattern names entries:
 * - `hospitals@p3`, `hospitals@p*`, `hospitals@*`: the subject in a place (all years of a series);
 * - `hospitals.stat@*`, `budget.2023@c1`: the statistics beside it, one year of a series;
 * - `item:household_address`: entries that hold the item; `body:hea@ld`: entries of the body that answers for a
 *   department in a place; `code:B02.01/000001`: the entry with the code.
 * Where several patterns name an entry, the highest grade counts.
 */
export interface JudgedQuery {
  q: string
  /** title, compound, variant, everyday, item, body, traditional, fullwidth, code, mixed, phrase, place, words, question */
  kind: string
  /** Pattern → 3 exact or obvious, 2 relevant, 1 marginal. */
  judgements: Record<string, number>
}

const readQueries = (file: string): JudgedQuery[] =>
  JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')).queries

export const judgedQueries = readQueries('queries.json')

/** Queries that ranking is never tuned on: written before any was run, never changed because of a score. */
export const heldOutQueries = readQueries('held-out.json')

/** What a pattern is compared with. */
interface JudgedEntry {
  sourceId: string
  kind: string
  variant: string
  place: string
  bodyCode: string
  resourceCode: string
  items: Set<string>
}

const catalogues = new Map<
  string,
  { entries: JudgedEntry[]; bodyCode(dept: string, place: string): string }
>()

function catalogueOf(profile: string) {
  const known = catalogues.get(profile)
  if (known) return known
  const country = buildCountry(profile)
  const kinds = [...readItemKinds().values()]
  const itemKey = new Map(kinds.flatMap((k) => [[k.en, k.key] as const, [k.zh, k.key] as const]))
  const entries = buildEntries(country)
    .filter(({ plan }) => plan.published)
    .map(({ plan, content }) => ({
      sourceId: plan.sourceId,
      kind: plan.kind.key,
      variant: plan.variant === 'statistics' ? 'stat' : plan.variant === 'year' ? String(plan.year) : '',
      place: plan.body.place.key,
      bodyCode: plan.body.code,
      resourceCode: plan.resourceCode,
      items: new Set(content.items!.map((i) => itemKey.get(i.name)!)),
    }))
  const bodyCode = (dept: string, place: string) => country.bodyFor(dept, place)?.code ?? ''
  const catalogue = { entries, bodyCode }
  catalogues.set(profile, catalogue)
  return catalogue
}

/** The published entries a pattern names. @throws Error when it names none: a judgement must be about something. */
export function entriesOf(pattern: string, profile = 'neutral'): string[] {
  const { entries, bodyCode } = catalogueOf(profile)
  const found = entries.filter(testOf(pattern, bodyCode)).map((e) => e.sourceId)
  if (found.length === 0) throw new Error(`The judgement ${pattern} names no entry.`)
  return found
}

function testOf(
  pattern: string,
  bodyCode: (dept: string, place: string) => string,
): (e: JudgedEntry) => boolean {
  const [, prefix, rest] = /^(?:(item|body|code):)?(.*)$/.exec(pattern)!
  if (prefix === 'item') return (e) => e.items.has(rest!)
  if (prefix === 'code') return (e) => e.resourceCode === rest
  const [subject, place] = rest!.split('@') as [string, string]
  if (prefix === 'body') {
    const code = bodyCode(subject, place)
    return (e) => e.bodyCode === code
  }
  const [kind, variant] = subject.split('.') as [string, string | undefined]
  const placeFits = (key: string) =>
    place.endsWith('*') ? key.startsWith(place.slice(0, -1)) : key === place
  return (e) =>
    e.kind === kind &&
    placeFits(e.place) &&
    (variant === undefined ? e.variant !== 'stat' : e.variant === variant)
}

/** Grade of every entry that has one. */
export function gradesOf(query: JudgedQuery, profile = 'neutral'): Map<string, number> {
  const grades = new Map<string, number>()
  for (const [pattern, grade] of Object.entries(query.judgements))
    for (const id of entriesOf(pattern, profile)) grades.set(id, Math.max(grade, grades.get(id) ?? 0))
  return grades
}
