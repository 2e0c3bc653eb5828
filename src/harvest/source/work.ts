import type { CatalogContext } from '../../catalog/index.ts'
import type { Db } from '../../platform/postgres.ts'
import type { RemoteBody, RemoteOptions, RemotePage, RemoteSource } from '../remote/index.ts'
import type { HarvestRunRow } from './run.queries.ts'
import type { SeenEntries } from './seen.ts'
import type { SourceRow } from './source.queries.ts'
import type { RunWatch } from './watch.ts'

export type OpenRemote = (source: RemoteSource, options: RemoteOptions) => AsyncIterable<RemotePage>

/** A run at work, with all that its parts need. */
export interface HarvestWork {
  db: Db
  ctx: CatalogContext
  run: HarvestRunRow
  source: SourceRow
  remote: RemoteSource
  open: OpenRemote
  bodies(): Promise<RemoteBody[]>
  access: RemoteOptions['access']
  seen: SeenEntries
  watch: RunWatch
}
