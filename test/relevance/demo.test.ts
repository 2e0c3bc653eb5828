import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestNode, type TestNode } from '../support/node.ts'
import { demoFound, scoreDemo } from './demo.ts'
import { judgedQueries } from './judgements.ts'

/** What the product promises (nDCG@10), and what it has had: a change that orders results worse must not go unseen. */
const promised = 0.9
const reached = 0.94

let node: TestNode
beforeAll(async () => {
  node = await startTestNode({ seed: 'demo' })
}, 180_000)
afterAll(() => node?.close())

it('ranks the demo catalogue as the judges would', async () => {
  await demoFound(node.app)
  const { ndcg, scores } = await scoreDemo(node.app, judgedQueries)
  expect(
    ndcg,
    scores
      .slice(0, 10)
      .map((s) => `${s.ndcg.toFixed(2)} ${s.q}`)
      .join('; '),
  ).toBeGreaterThanOrEqual(reached)
  expect(ndcg).toBeGreaterThanOrEqual(promised)
}, 180_000)
