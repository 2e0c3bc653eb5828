import { setPriority } from 'node:os'
import { createLogger } from '../platform/log.ts'
import { openPostgres } from '../platform/postgres.ts'
import { attachToParent } from '../platform/supervise.ts'
import type { FeedNames } from './feed.ts'
import { type Indexer, startIndexer } from './indexer.ts'
import type { IndexerStart } from './replicas.ts'

/** The process that follows the outbox and writes the index. */

/**
 * How far it and the builders it starts stand back behind those who answer people: a quarter to a third of their share of
 * a busy core, all of an idle one.
 */
const niceness = 5
setPriority(niceness)

let indexer: Indexer | undefined
/** Asked for before the start was told. */
let rebuildFirst = false
let closePostgres: (() => Promise<void>) | undefined

const parent = attachToParent({
  onMessage: (message) => {
    const { start, rebuild, names } = message as {
      start?: IndexerStart
      rebuild?: boolean
      names?: FeedNames
    }
    if (names) indexer?.setNames(names)
    if (rebuild) {
      if (indexer) indexer.rebuild()
      else rebuildFirst = true
    }
    if (!start || indexer) return
    const log = createLogger(start.logLevel, 'concord-indexer')
    const postgres = openPostgres(start.databaseUrl, {
      max: 4,
      log,
      applicationName: 'concord search indexer',
    })
    closePostgres = postgres.close
    indexer = startIndexer({
      postgres,
      names: start.names,
      folder: start.folder,
      log,
      onChange: () => parent.send({ changed: true }),
      onLag: (seconds) => parent.send({ lag: seconds }),
    })
    if (rebuildFirst) indexer.rebuild()
  },
  onStop: async () => {
    await indexer?.stop()
    await closePostgres?.()
  },
})

parent.ready()
