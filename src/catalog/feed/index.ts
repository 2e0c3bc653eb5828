/**
 * The part of the public face for processes that copy the catalogue, such as the builders of the search index: it loads
 * the database client and nothing else, where `../index.ts` loads routes and rules (100 MB a process).
 */
import type { Db } from '../../platform/postgres.ts'
import { selectFigures, selectIdRange } from '../figure.queries.ts'

export { datasetTopic } from '../dataset-topic.ts'
export {
  copyDatasetsForIndex,
  copyPublishedVersions,
  type IndexRow,
  parseIndexLine,
  publishedIdsOf,
  selectDatasetsForIndex,
} from '../search-copy.queries.ts'

/** Lowest and highest row id, and how many entries are published: to divide a rebuild into ranges and show progress. */
export async function publishedRange(db: Db): Promise<{ min: number; max: number; published: number }> {
  const [range, rows] = [await selectIdRange(db), await selectFigures(db, 0)]
  return { ...range, published: rows.find((r) => r.scope === 'all')?.entries ?? 0 }
}
