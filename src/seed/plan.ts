import { type Body, type Country, nationKey } from './country.ts'
import { hashText } from './random.ts'
import type { Bilingual, EntryKind } from './tables.ts'

/** One entry to be written: which subject, whose, where. */
export interface PlannedEntry {
  /** Stable identity, e.g. `hospitals@p3`, `hospitals.stat@ld`, `budget.2023@c1`. */
  sourceId: string
  kind: EntryKind
  variant: 'plain' | 'statistics' | 'year'
  year: number | undefined
  body: Body
  title: Bilingual
  /** Classification code + sequence. */
  classification: string
  resourceCode: string
  /** False: a draft. */
  published: boolean
}

/** Years of series that are catalogued year by year. */
const seriesYears = [2022, 2023, 2024]
/** Of 100 bodies that could hold a subject, those that have catalogued it: no country is complete. */
const share = { nation: 100, province: 66, city: 51 } as const
const statisticsShare = { nation: 100, province: 46, city: 22 } as const
/** Of 1,000 entries, those not yet published. */
const drafts = 18
/** Drafts of the bodies whose people can sign in. */
const storyDrafts = new Set([
  'name-changes@ld',
  'missing-persons@ld',
  'disease-register@ld',
  'blood-stock@ld',
])

const tierLetter = { nation: 'n', province: 'p', city: 'c' } as const

const cycleWords: Record<string, Bilingual> = {
  monthly: { en: 'monthly statistics', zh: '月度统计' },
  quarterly: { en: 'quarterly statistics', zh: '季度统计' },
  yearly: { en: 'yearly statistics', zh: '年度统计' },
}

/** Every body names its entries in its own manner. */
function placed(title: Bilingual, body: Body, year: number | undefined): Bilingual {
  const { place } = body
  const manner = hashText(`manner ${body.code}`) % 3
  const nation = place.tier === 'nation'
  const period = year === undefined ? '' : `${year}年`
  const zh = nation
    ? `${period}${title.zh}`
    : manner === 2
      ? `${period}${title.zh}（${place.zh}）`
      : `${place.zh}${period}${title.zh}`
  const en = nation ? title.en : manner === 2 ? `${place.en}: ${title.en}` : `${title.en} in ${place.en}`
  return { en: year === undefined ? en : `${en}, ${year}`, zh }
}

/** Flows are counted by the month or quarter, what stays by the year. */
function statisticsCycle(kind: EntryKind): 'monthly' | 'quarterly' | 'yearly' {
  if (['real_time', 'daily'].includes(kind.cycle)) return hashText(kind.key) % 2 ? 'monthly' : 'quarterly'
  return kind.cycle === 'yearly' ? 'yearly' : 'quarterly'
}

/** The update cycle of the statistics beside a register. */
export const cycleOf = (entry: Pick<PlannedEntry, 'kind' | 'variant'>) =>
  entry.variant === 'statistics' ? statisticsCycle(entry.kind) : entry.kind.cycle

/** All entries of a country in a fixed order. `places` limits them to some places. */
export function planEntries(
  country: Country,
  kinds: EntryKind[],
  classes: Map<string, string>,
  places?: Set<string>,
): PlannedEntry[] {
  const sequence = new Map<string, number>()
  const planned: PlannedEntry[] = []
  const add = (kind: EntryKind, body: Body, variant: PlannedEntry['variant'], year?: number) => {
    const suffix = variant === 'statistics' ? '.stat' : year === undefined ? '' : `.${year}`
    const sourceId = `${kind.key}${suffix}@${body.place.key}`
    const words = cycleWords[statisticsCycle(kind)]!
    const title =
      variant === 'statistics'
        ? { en: `${capital(kind.noun![0])}, ${words.en}`, zh: `${kind.noun![1]}${words.zh}` }
        : kind
    const classification = classes.get(kind.subject)
    if (!classification) throw new Error(`${kind.key}: subject ${kind.subject} has no class`)
    const n = (sequence.get(classification) ?? 0) + 1
    sequence.set(classification, n)
    planned.push({
      sourceId,
      kind,
      variant,
      year,
      body,
      title: placed(title, body, year),
      classification,
      resourceCode: `${classification}/${String(n).padStart(6, '0')}`,
      published: !storyDrafts.has(sourceId) && hashText(`draft ${sourceId}`) % 1000 >= drafts,
    })
  }
  for (const place of country.places) {
    if (places && !places.has(place.key)) continue
    for (const kind of kinds) {
      const body = country.bodyFor(kind.dept, place.key)
      const has = (variant: string, of: number) => hashText(`${variant} ${kind.key}@${place.key}`) % 100 < of
      if (!body || !kind.levels.includes(tierLetter[place.tier])) continue
      if (!has('plain', share[place.tier])) continue
      if (kind.levels.includes('Y') && place.key !== nationKey && has('series', 50))
        for (const year of seriesYears) add(kind, body, 'year', year)
      else add(kind, body, 'plain')
      if (kind.noun && has('statistics', statisticsShare[place.tier])) add(kind, body, 'statistics')
    }
  }
  return planned
}

const capital = (text: string) => text[0]!.toUpperCase() + text.slice(1)
