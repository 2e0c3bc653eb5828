import type { Db } from '../platform/postgres.ts'
import { codeList, type Profile } from '../platform/profile.ts'
import {
  listDivisions,
  listOrganisations,
  type OrganisationRow,
  organisationRevision,
} from '../security/index.ts'
import type { FacetName } from './search.schema.ts'
import { normalise } from './tokens.ts'

/** Names of facet values in every language the profile, the bodies and the territories have. */
export interface Labels {
  label(facet: FacetName, value: string): Record<string, string>
  body(id: number): OrganisationRow | undefined
  /** Themes with a label that contains the folded text: code and that label. */
  themesLike(folded: string): [string, string][]
}

/** It is asked again whether a body changed after this time (ms): nobody waits longer for a new name of a ministry. */
const maxAgeMs = 15_000
/** Territories change with the profile, by a command: they are read again after this time (ms) in any case. */
const territoriesMs = 600_000

const lists: Partial<Record<FacetName, string>> = {
  theme: 'theme',
  tier: 'tier',
  sharing: 'sharingType',
  open: 'openType',
  cycle: 'updateCycle',
  grade: 'grade',
  database: 'database',
}

type Named = { name: string; translations: Record<string, unknown> }

export function createLabels(db: Db, profile: Profile): { fresh(): Promise<Labels> } {
  const fromProfile = new Map(
    Object.entries(lists).map(([facet, list]) => [
      facet,
      new Map([...codeList(profile, list)].map(([code, entry]) => [code, entry.label])),
    ]),
  )
  let names: { labels: Labels; revision: number; readAt: number; checkedAt: number } | undefined
  let reading: Promise<Labels> | undefined

  const labelOf = ({ name, translations }: Named): Record<string, string> => {
    const others = Object.entries(translations).map(
      ([lang, t]) => [lang, (t as { name?: string }).name] as const,
    )
    return { [profile.language]: name, ...Object.fromEntries(others.filter(([, n]) => n)) } as Record<
      string,
      string
    >
  }
  const read = async (): Promise<Labels> => {
    const revision = await organisationRevision(db)
    if (names && names.revision === revision && Date.now() - names.readAt < territoriesMs) {
      names.checkedAt = Date.now()
      return names.labels
    }
    const [organisations, divisions] = await Promise.all([listOrganisations(db), listDivisions(db)])
    const bodies = new Map(organisations.map((o) => [o.code, labelOf(o)]))
    const regions = new Map(divisions.map((d) => [d.code, labelOf(d)]))
    const byId = new Map(organisations.map((o) => [o.id, o]))
    const themes = [...fromProfile.get('theme')!].flatMap(([code, label]) =>
      Object.values(label).map((text) => ({ code, text, folded: normalise(text) })),
    )
    const labels: Labels = {
      label(facet, value) {
        const list = facet === 'body' ? bodies : facet === 'region' ? regions : fromProfile.get(facet)
        return list?.get(value) ?? {}
      },
      body: (id) => byId.get(id),
      themesLike(folded) {
        const found = new Map<string, string>()
        for (const t of themes) if (t.folded.includes(folded) && !found.has(t.code)) found.set(t.code, t.text)
        return [...found]
      },
    }
    names = { labels, revision, readAt: Date.now(), checkedAt: Date.now() }
    return labels
  }
  return {
    async fresh() {
      const stale = !names || Date.now() - names.checkedAt > maxAgeMs
      if (stale) {
        reading ??= read().finally(() => {
          reading = undefined
        })
        // Old names serve while new ones are read.
        if (!names) return reading
        reading.catch(() => {})
      }
      return names!.labels
    },
  }
}
