import { buildCountry } from '../../src/seed/country.ts'
import { buildEntries } from '../../src/seed/entries.ts'
import type { JudgedQuery } from './judgements.ts'
import { depth, scoreQueries } from './score.ts'

/** The judged queries put to a node with the demo catalogue, through its API. */

interface Answer {
  total: number
  hits: { title: string; body: { code: string } }[]
}
/** Of a Fastify application. */
interface Api {
  inject(request: { url: string }): Promise<{ statusCode: number; body: string; json(): unknown }>
}

/** The index must hold every published entry of the demo within this time (ms) after the start. */
const indexLimitMs = 120_000

async function ask(api: Api, q: string): Promise<Answer> {
  const query = new URLSearchParams({ q, limit: String(depth), facets: 'false' })
  const response = await api.inject({ url: `/api/v1/search?${query}` })
  if (response.statusCode !== 200)
    throw new Error(`${q}: ${response.statusCode} ${response.body.slice(0, 200)}`)
  return response.json() as Answer
}

const published = () => buildEntries(buildCountry('neutral')).filter((e) => e.plan.published)

/** Waits until every published entry is found. @returns how many there are. */
export async function demoFound(api: Api): Promise<number> {
  const entries = published().length
  const end = performance.now() + indexLimitMs
  for (;;) {
    const { total } = await ask(api, '').catch(() => ({ total: 0 }))
    if (total === entries) return entries
    if (performance.now() > end) throw new Error(`The index holds ${total} of ${entries} entries.`)
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
}

export function scoreDemo(api: Api, queries: JudgedQuery[]): ReturnType<typeof scoreQueries> {
  // No body has two entries of one title.
  const key = (title: string, body: string) => `${body}\n${title}`
  const idBy = new Map(published().map((e) => [key(e.content.title, e.content.body), e.plan.sourceId]))
  return scoreQueries(queries, async (q) =>
    (await ask(api, q)).hits.map((h) => idBy.get(key(h.title, h.body.code)) ?? h.title),
  )
}
