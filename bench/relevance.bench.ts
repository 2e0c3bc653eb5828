import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startNode } from '../src/app.ts'
import { loadConfig } from '../src/platform/config.ts'
import { createLogger } from '../src/platform/log.ts'
import { demoFound, scoreDemo } from '../test/relevance/demo.ts'
import { heldOutQueries, judgedQueries } from '../test/relevance/judgements.ts'
import { atLeast, type BenchOptions, type BenchResult, machine } from './result.ts'

/** What the product promises (nDCG@10 over the relevance set). */
const reach = 0.9
/** Queries shown on stderr, the worst first. */
const worstShown = 20
/** Seeds a fresh embedded node with the demo and asks every judged query through the API. `quick` changes nothing. */
export async function run(_options: BenchOptions): Promise<BenchResult> {
  const folder = await mkdtemp(join(tmpdir(), 'concord-bench-'))
  await chmod(folder, 0o755)
  const config = loadConfig({
    CONCORD_DATA: join(folder, 'data'),
    CONCORD_PROFILE: 'neutral',
    CONCORD_PORT: '0',
  })
  const node = await startNode({
    config,
    log: createLogger('warn'),
    progress: (step) => console.error(`  ${step}`),
    rateLimits: false,
    seed: 'demo',
  })
  try {
    const entries = await demoFound(node.app)
    const score = await scoreDemo(node.app, judgedQueries)
    const heldOut = await scoreDemo(node.app, heldOutQueries)
    for (const [kind, k] of Object.entries(score.byKind))
      console.error(`  ${kind.padEnd(12)} ${String(k.queries).padStart(3)} queries  ${k.ndcg.toFixed(3)}`)
    for (const s of score.scores.slice(0, worstShown))
      console.error(
        `  ${s.ndcg.toFixed(3)}  ${s.q}\n         ${s.page.map((p) => `${p.sourceId}:${p.grade}`).join(' ')}`,
      )
    return {
      bench: 'relevance',
      machine: machine(),
      scale: { entries, queries: score.queries, held_out_queries: heldOut.queries },
      figures: {
        'ndcg@10': atLeast(score.ndcg, 'mean nDCG@10', reach),
        'held_out_ndcg@10': atLeast(
          heldOut.ndcg,
          'mean nDCG@10 over queries that ranking was never tuned on',
          reach,
        ),
      },
      baseline: { name: 'none', figures: {} },
      ratios: {},
    }
  } finally {
    await node.close()
    await rm(folder, { recursive: true, force: true })
  }
}
