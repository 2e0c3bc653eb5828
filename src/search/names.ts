import type { Db } from '../platform/postgres.ts'
import { codeList, type Profile } from '../platform/profile.ts'
import { listDivisions, listOrganisations } from '../security/index.ts'
import type { SearchBody } from './bodies.ts'
import type { FeedNames } from './feed.ts'

/**
 * Names of bodies, themes and classifications for the processes of search: read by the main process and sent to
 * them, so that none of them loads more than it needs.
 */
export async function readNames(db: Db, profile: Profile): Promise<FeedNames> {
  const [organisations, divisions] = await Promise.all([listOrganisations(db), listDivisions(db)])
  const parents = new Map(divisions.map((d) => [d.code, d.parentCode]))
  const around = (code: string | null | undefined): string[] => {
    const chain: string[] = []
    for (let at = code; at && !chain.includes(at); at = parents.get(at)) chain.push(at)
    return chain
  }
  const labels = (list: string) =>
    new Map([...codeList(profile, list)].map(([code, entry]) => [code, Object.values(entry.label)]))
  return {
    bodies: organisations.map((o): SearchBody => {
      const names = Object.entries(o.translations as Record<string, { name?: string }>)
      return {
        id: o.id,
        code: o.code,
        name: o.name,
        translations: Object.fromEntries(names.flatMap(([lang, t]) => (t.name ? [[lang, t.name]] : []))),
        tier: o.tier,
        regions: around(o.divisionCode),
      }
    }),
    themes: labels('theme'),
    classifications: labels('classification'),
  }
}
