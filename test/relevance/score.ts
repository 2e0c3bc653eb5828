import { gradesOf, type JudgedQuery } from './judgements.ts'

/** Results looked at: the first page people read. */
export const depth = 10

const gain = (grade: number, rank: number) => (2 ** grade - 1) / Math.log2(rank + 2)

/**
 * nDCG@10 of one ranking (Järvelin and Kekäläinen 2002, gain 2^grade - 1): 1 when no order of all judged entries
 * could be better, 0 when nothing relevant is on the page. An entry named twice counts once.
 */
export function ndcg(ranked: readonly string[], grades: ReadonlyMap<string, number>): number {
  const page = [...new Set(ranked)].slice(0, depth)
  const reached = page.reduce((sum, id, rank) => sum + gain(grades.get(id) ?? 0, rank), 0)
  const ideal = [...grades.values()]
    .sort((a, b) => b - a)
    .slice(0, depth)
    .reduce((sum, grade, rank) => sum + gain(grade, rank), 0)
  return ideal === 0 ? 0 : reached / ideal
}

interface QueryScore {
  q: string
  kind: string
  ndcg: number
  /** The first page, with grades. */
  page: { sourceId: string; grade: number }[]
}

interface RelevanceScore {
  queries: number
  /** Mean over the queries. */
  ndcg: number
  byKind: Record<string, { queries: number; ndcg: number }>
  /** Worst first. */
  scores: QueryScore[]
}

const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / Math.max(1, values.length)

/** Asks every query; `search` answers with source identifiers, best first. */
export async function scoreQueries(
  queries: JudgedQuery[],
  search: (q: string) => Promise<string[]>,
  profile = 'neutral',
): Promise<RelevanceScore> {
  const scores: QueryScore[] = []
  for (const query of queries) {
    const grades = gradesOf(query, profile)
    const ranked = await search(query.q)
    scores.push({
      q: query.q,
      kind: query.kind,
      ndcg: ndcg(ranked, grades),
      page: ranked.slice(0, depth).map((sourceId) => ({ sourceId, grade: grades.get(sourceId) ?? 0 })),
    })
  }
  const kinds = [...new Set(scores.map((s) => s.kind))]
  const byKind = Object.fromEntries(
    kinds.map((kind) => {
      const of = scores.filter((s) => s.kind === kind).map((s) => s.ndcg)
      return [kind, { queries: of.length, ndcg: mean(of) }]
    }),
  )
  return {
    queries: scores.length,
    ndcg: mean(scores.map((s) => s.ndcg)),
    byKind,
    scores: scores.sort((a, b) => a.ndcg - b.ndcg),
  }
}
