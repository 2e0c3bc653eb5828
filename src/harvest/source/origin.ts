import { getSourceOf } from '../../catalog/index.ts'
import { notFound } from '../../platform/errors.ts'
import type { Db } from '../../platform/postgres.ts'
import { selectLinksOf } from './record.queries.ts'
import { selectSourceByName } from './source.queries.ts'
import type { DatasetOrigin } from './source.schema.ts'

/** Where a public entry comes from, and which other sources hold it too. An entry compiled here has no source. */
export async function originOf(db: Db, uid: string): Promise<DatasetOrigin> {
  const entry = await getSourceOf(db, uid)
  if (!entry) throw notFound(`The entry ${uid}`)
  const linked = await selectLinksOf(db, entry.id)
  if (entry.source === null || entry.sourceId === null) return { source: null, linked }
  // A file that was imported is a source of that name, without an address.
  const kept = await selectSourceByName(db, entry.source)
  return {
    source: {
      name: entry.source,
      title: kept?.title ?? null,
      url: kept?.url ?? null,
      identifier: entry.sourceId,
    },
    linked,
  }
}
