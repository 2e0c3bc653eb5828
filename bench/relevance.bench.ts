import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startNode } from '../src/app.ts'
import { loadConfig } from '../src/platform/config.ts'
import { createLogger } from '../src/platform/log.ts'
import { buildCountry } from '../src/seed/country.ts'
import { buildEntries } from '../src/seed/entries.ts'
import { judgedQueries } from '../test/relevance/judgements.ts'
import { depth, scoreQueries } from '../test/relevance/score.ts'
import { type BenchOptions, type BenchResult, machine } from './result.ts'

/** What the product promises (nDCG@10 over the relevance set). */
const reach = 0.9
/** Queries shown on stderr, the worst first. */
const worstShown = 20
/** The index must hold every published entry of the demo within this time (ms) after the start. */
const indexLimitMs = 120_000

type Node = Awaited<ReturnType<typeof startNode>>

interface Answer {
  total: number
  hits: { title: string; body: { code: string } }[]
}

async function ask(node: Node, q: string): Promise<Answer> {
  const query = new URLSearchParams({ q, limit: String(depth), facets: 'false' })
  const response = await node.app.inject({ url: `/api/v1/search?${query}` })
  if (response.statusCode !== 200)
    throw new Error(`${q}: ${response.statusCode} ${response.body.slice(0, 200)}`)
  return response.json()
}

/** Waits until every published entry is found. */
async function filled(node: Node, entries: number): Promise<void> {
  const end = performance.now() + indexLimitMs
  for (;;) {
    const { total } = await ask(node, '')
    if (total === entries) return
    if (performance.now() > end) throw new Error(`The index holds ${total} of ${entries} entries.`)
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
}

/** Seeds a fresh embedded node with the demo and asks every judged query through the API. `quick` changes nothing. */
export async function run(_options: BenchOptions): Promise<BenchResult> {
  const folder = await mkdtemp(join(tmpdir(), 'concord-bench-'))
  await chmod(folder, 0o755)
  const config = loadConfig({
    CONCORD_DATA: join(folder, 'data'),
    CONCORD_PROFILE: 'neutral',
    CONCORD_PORT: '0',
  })
  const published = buildEntries(buildCountry('neutral')).filter((e) => e.plan.published)
  // No body has two entries of one title.
  const key = (title: string, body: string) => `${body}\n${title}`
  const idBy = new Map(published.map((e) => [key(e.content.title, e.content.body), e.plan.sourceId]))
  const node = await startNode({
    config,
    log: createLogger('warn'),
    progress: (step) => console.error(`  ${step}`),
    rateLimits: false,
    seed: 'demo',
  })
  try {
    await filled(node, published.length)
    const score = await scoreQueries(judgedQueries, async (q) =>
      (await ask(node, q)).hits.map((h) => idBy.get(key(h.title, h.body.code)) ?? h.title),
    )
    for (const [kind, k] of Object.entries(score.byKind))
      console.error(`  ${kind.padEnd(12)} ${String(k.queries).padStart(3)} queries  ${k.ndcg.toFixed(3)}`)
    for (const s of score.scores.slice(0, worstShown))
      console.error(
        `  ${s.ndcg.toFixed(3)}  ${s.q}\n         ${s.page.map((p) => `${p.sourceId}:${p.grade}`).join(' ')}`,
      )
    const value = Number(score.ndcg.toFixed(4))
    return {
      bench: 'relevance',
      machine: machine(),
      scale: { entries: published.length, queries: score.queries },
      figures: { 'ndcg@10': { value, unit: 'mean nDCG@10', reach, met: value >= reach } },
      baseline: { name: 'none', figures: {} },
      ratios: {},
    }
  } finally {
    await node.close()
    await rm(folder, { recursive: true, force: true })
  }
}
