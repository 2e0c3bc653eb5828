import type { Ckan } from './action.ts'
import type { Counts } from './counts.ts'
import { question } from './question.ts'

/** Proposals for input fields of other programs. */

/** Proposals of one answer. */
const maxProposals = 100

export async function autocompletePackages({ port, packages }: Ckan, q: string, limit: number) {
  const words = q.split(/\s+/).filter((word) => word !== '')
  if (words.length === 0) return []
  const clauses = words.map((word) => ({ field: 'title' as const, phrase: false, text: word }))
  const found = await port.search(
    question({ clauses }, { sort: 'relevance', limit: Math.min(limit, maxProposals) }),
  )
  const texts = await packages.render(found.hits.map((hit) => hit.id))
  return texts.map((json) => {
    const { name, title } = JSON.parse(json) as { name: string; title: string }
    return { name, title, match_field: 'title', match_displayed: `${title} (${name})` }
  })
}

export async function autocompleteFormats({ port }: Ckan, q: string, limit: number): Promise<string[]> {
  const { facets } = await port.search(question({ facets: ['format'] }))
  const wanted = q.toLowerCase()
  return (facets.format ?? [])
    .map(([format]) => format.toLowerCase())
    .filter((format) => format.includes(wanted))
    .slice(0, Math.min(limit, maxProposals))
}

export const autocompleteTags = async (counts: Counts, query: string, limit: number): Promise<string[]> =>
  query.trim() === '' ? [] : matching(await counts.keywords(), query).slice(0, Math.min(limit, maxProposals))

/** Things with a name and a title that contain the text. */
export function autocompleteNamed<T extends { name: string; title: string }>(
  all: T[],
  q: string,
  limit: number,
): T[] {
  const wanted = q.trim().toLowerCase()
  return all
    .filter((o) => o.name.toLowerCase().includes(wanted) || o.title.toLowerCase().includes(wanted))
    .slice(0, Math.min(limit, maxProposals))
}

/** Names that contain the text, all without one. */
export const matching = (counts: [string, number][], query: string | undefined): string[] => {
  const wanted = query?.toLowerCase()
  const names = counts.map(([name]) => name)
  return wanted === undefined ? names : names.filter((name) => name.toLowerCase().includes(wanted))
}
