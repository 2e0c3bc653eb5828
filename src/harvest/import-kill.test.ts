import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { digestOf, killAtWork, randomOf, startWorker } from '../../test/support/killed-imports.ts'
import { loadProfile } from '../platform/profile.ts'
import { createOrganisation, systemActor } from '../security/index.ts'
import { createImport, startImport } from './import.ts'
import { type ImportSummary, importFile } from './index.ts'

/** Killings (issue: 20 random moments), each of which lands while the import is at work. */
const kills = 20
const records = 10_000
/** Positions of a batch, and about how long one takes (ms). */
const batch = 1_000
const batchMs = 600
/** CONCORD_TEST_SEED repeats the moments of a run. */
const seed = Number(process.env.CONCORD_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31))

const profile = loadProfile('neutral')
const databases: TestDatabase[] = []
let folder: string
let file: string
let clean: TestDatabase
let summary: ImportSummary

const newDatabase = async () => {
  const database = await createTestDatabase()
  databases.push(database)
  await createOrganisation(database.db, systemActor('test'), { code: 'node', name: 'Node', tier: 'nation' })
  return database
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'concord-kill-'))
  file = join(folder, 'killed.jsonl')
  writeFileSync(file, Array.from({ length: records }, (_, i) => JSON.stringify(recordOf(i))).join('\n'))
  clean = await newDatabase()
  summary = await importFile({ db: clean.db, profile, file, format: 'jsonl' })
}, 300_000)
afterAll(async () => {
  for (const database of databases) await database.drop()
  rmSync(folder, { recursive: true, force: true })
}, 300_000)

/** Every thousandth has no title, every 997th repeats the one before: rejects must be counted once too. */
function recordOf(i: number) {
  const sequence = String(i).padStart(6, '0')
  return {
    id: `p${i % 997 === 996 ? i - 1 : i}`,
    title: i % 1_000 === 999 ? '' : `Title ${i}`,
    classification: ['B01'],
    resourceCode: [`B01/${sequence}`],
    sharingType: i % 3 === 0 ? 'unconditional' : undefined,
    openType: 'unconditional',
    updateCycle: 'yearly',
    items: Array.from({ length: i % 4 }, (_, k) => ({ name: `item ${i} ${k}`, code: `c${k}`, length: k })),
    distributions: Array.from({ length: i % 3 }, (_, k) => ({ accessUrl: `https://a.example/${i}/${k}` })),
  }
}

test('an import without kills is as it should be', () => {
  const twice = Math.floor(records / 997)
  expect(summary).toMatchObject({ state: 'done', read: records, changed: 0, unchanged: 0, gone: 0 })
  expect(summary.rejected).toBe(twice + records / 1_000)
  expect(summary.added).toBe(records - summary.rejected)
})

test(`kill -9 at ${kills} random moments loses and duplicates nothing`, { timeout: 300_000 }, async () => {
  console.info(`moments of the kills: CONCORD_TEST_SEED=${seed}`)
  const random = randomOf(seed)
  const database = await newDatabase()
  const places: number[] = []
  for (let killed = 0; killed < kills; killed++) {
    const worker = startWorker('file', database.url, file, 'jsonl')
    const moment = {
      after: random() < 0.5 ? batch : 0,
      delayMs: random() * batchMs,
      before: (records * (killed + 1)) / (kills + 1),
    }
    places.push(await killAtWork(database, worker, moment))
  }
  console.info(`killed at ${places.join(', ')}`)
  expect(new Set(places).size).toBeGreaterThan(3)
  const last = startWorker('file', database.url, file, 'jsonl')
  await last.ended
  const { run: _, ...counts } = summary
  expect(last.summary()).toMatchObject({ ...counts, resumed: true })
  expect(await digestOf(database)).toEqual(await digestOf(clean))
  const again = await importFile({ db: database.db, profile, file, format: 'jsonl' })
  expect(again).toMatchObject({ added: 0, changed: 0, unchanged: summary.added, rejected: summary.rejected })
})

/** Kills a node in the moment in which its import is asked to stop. */
async function killAfterStop(database: TestDatabase, uid: string): Promise<void> {
  const worker = startWorker('node', database.url, folder)
  const ask = `update harvest.import_run set stop_requested = true where uid = $1 and state = 'running' and epoch > $2`
  const { rows } = await database.pool.query('select epoch from harvest.import_run where uid = $1', [uid])
  while ((await database.pool.query(ask, [uid, rows[0].epoch])).rowCount === 0) await sleep(5)
  worker.child.kill('SIGKILL')
  await worker.ended
}

test('kill -9 of a node while it works on an upload, also after a stop was asked for', {
  timeout: 300_000,
}, async () => {
  const database = await newDatabase()
  const context = { db: database.db, profile, dataDir: folder }
  // The name that the command writes into entries: both ways must leave the same.
  const actor = systemActor('catalog import')
  const upload = { stream: createReadStream(file), fileName: 'killed.jsonl' }
  const { uid } = await createImport(context, actor, upload)
  await startImport(context, actor, uid, { source: 'killed' })
  const stateOf = async () =>
    (await database.pool.query('select state from harvest.import_run where uid = $1', [uid])).rows[0]
      .state as string
  const random = randomOf(seed + 1)
  for (const before of [records / 4, records / 2])
    await killAtWork(database, startWorker('node', database.url, folder), {
      after: batch,
      delayMs: random() * batchMs,
      before,
    })
  // Asked to stop between two looks of the run at the database: it does not hear it any more.
  await killAfterStop(database, uid)
  const next = startWorker('node', database.url, folder)
  while ((await stateOf()) === 'running' || (await stateOf()) === 'queued') await sleep(20)
  expect(await stateOf()).toBe('stopped')
  next.child.kill('SIGKILL')
  await startImport(context, actor, uid, {})
  const last = startWorker('node', database.url, folder)
  while ((await stateOf()) !== 'done') await sleep(50)
  last.child.kill('SIGKILL')
  await last.ended
  expect(await digestOf(database)).toEqual(await digestOf(clean))
})
