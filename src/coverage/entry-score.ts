import { type CatalogContext, visibleMeta } from '../catalog/index.ts'
import { notFound } from '../platform/errors.ts'
import type { Db } from '../platform/postgres.ts'
import type { Profile } from '../platform/profile.ts'
import { type Check, type CheckId, checksOf, dimensions, hasBit, observedChecks, rulesOf } from './check.ts'
import { checkTexts } from './check-texts.ts'
import type { EntryScore } from './coverage.schema.ts'
import { type ScoreRow, selectScore } from './score.queries.ts'

type State = EntryScore['dimensions'][number]['checks'][number]['state']

/** The words of a check in the languages of the pages. */
export const wordsOf = (id: CheckId) => {
  const [name, nameZh, todo, todoZh] = checkTexts[id]
  return { name: { en: name, 'zh-CN': nameZh }, todo: { en: todo, 'zh-CN': todoZh } }
}

function stateOf({ id, bit }: Check, score: ScoreRow, checks: Check[]): State {
  if (hasBit(score.measured, bit)) return hasBit(score.passed, bit) ? 'passed' : 'failed'
  const download = checks.find((c) => c.id === 'downloadUrl')!
  if (id === 'downloadReachable' && !hasBit(score.measured, download.bit)) return 'not_applicable'
  return observedChecks.has(id) ? 'not_checked' : 'not_applicable'
}

/** The dimensions with their checks; those without points only count for ratios and are left out. */
function toDimensions(score: ScoreRow, checks: Check[]): EntryScore['dimensions'] {
  return dimensions.map((id) => {
    const own = checks.filter((c) => c.dimension === id && c.points > 0)
    const sum = (mask: number) => own.reduce((n, c) => n + (hasBit(mask, c.bit) ? c.points : 0), 0)
    return {
      id,
      points: sum(score.passed),
      possible: sum(score.measured),
      checks: own.map((c) => ({
        id: c.id,
        state: stateOf(c, score, checks),
        points: c.points,
        field: c.field,
        ...wordsOf(c.id),
      })),
    }
  })
}

/**
 * The score of an entry as its rows are now, computed at once by the expression that scores all: it is never behind.
 * @throws not_found
 */
export async function getEntryScore(
  db: Db,
  ctx: CatalogContext,
  profile: Profile,
  uid: string,
): Promise<EntryScore> {
  const meta = await visibleMeta(db, ctx, uid)
  const score = await selectScore(db, profile, meta.id)
  if (!score) throw notFound(`The entry ${uid}`)
  const { code, label } = profile.coverage.ratings[score.rating]!
  return {
    uid,
    version: meta.version,
    rules: rulesOf(profile),
    points: score.points,
    possible: score.possible,
    rating: { code, label },
    dueAt: score.dueAt,
    dimensions: toDimensions(score, checksOf(profile)),
  }
}
