import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { trimOutbox } from '../src/platform/outbox.ts'
import { openPostgres } from '../src/platform/postgres.ts'
import { loadProfile } from '../src/platform/profile.ts'
import { checkIndex } from '../src/search/check.ts'
import { startIndexer } from '../src/search/indexer.ts'
import { readNames } from '../src/search/names.ts'
import { runSeed } from '../src/seed/index.ts'
import { createTestDatabase } from './support/database.ts'

/** Time for an index of some hundred entries (ms), on a busy machine. */
const patienceMs = 30_000

test('an index that was off for longer than the outbox reaches is built anew', async () => {
  const database = await createTestDatabase()
  const folder = mkdtempSync(join(tmpdir(), 'concord-gap-'))
  const profile = loadProfile('neutral')
  const postgres = openPostgres(database.url, { max: 4 })
  const warnings: string[] = []
  const log = {
    info() {},
    warn: (...a: unknown[]) => void warnings.push(String(a.at(-1))),
    error: console.error,
  }
  /** Runs an indexer until the index on disk is that of the catalogue. */
  const follow = async () => {
    const names = await readNames(postgres.db, profile)
    const indexer = startIndexer({ postgres, names, folder, log, onChange() {} })
    try {
      for (const end = Date.now() + patienceMs; ; await sleep(100)) {
        const found = await checkIndex(postgres, folder).catch(() => undefined)
        if (found?.published && found.indexed === found.published && found.missing === 0)
          return found.published
        if (Date.now() > end)
          throw new Error(`the index is not that of the catalogue: ${JSON.stringify(found)}`)
      }
    } finally {
      await indexer.stop()
    }
  }
  try {
    await runSeed('small', { db: postgres.db, profile })
    const before = await follow()
    expect(warnings).toEqual([])
    // While the indexer is off: entries leave, and what tells of it is trimmed.
    await postgres.pool.query(`update catalog.dataset set state = 'retired' where id in
      (select id from catalog.dataset where state = 'published' order by id limit 10)`)
    await postgres.pool.query(`insert into platform.outbox (topic, payload, at)
      values ('catalog.dataset', '{"ids":[1]}', now() - interval '8 days')`)
    await trimOutbox(postgres.db, 7)
    expect(await follow()).toBe(before - 10)
    expect(warnings.join()).toContain('further behind')
  } finally {
    await postgres.close()
    await database.drop()
    rmSync(folder, { recursive: true, force: true })
  }
})
