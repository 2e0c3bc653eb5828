import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CkanPeer, startCkanPeer } from '../../../test/support/ckan-peer.ts'
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.ts'
import { digestOf, killAtWork, randomOf, startWorker } from '../../../test/support/killed-imports.ts'
import { loadProfile } from '../../platform/profile.ts'
import { createOrganisation, openVault, systemActor } from '../../security/index.ts'
import { startHarvest } from './runs.ts'
import { createSource } from './source.ts'

/** Killings, each of which lands while the harvest is at work. */
const kills = 8
const records = 3_000
/** Records of a page, and about how long one takes (ms). */
const page = 100
const pageMs = 60
/** CONCORD_TEST_SEED repeats the moments of a run. */
const seed = Number(process.env.CONCORD_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31))

const actor = systemActor('test')
const profile = loadProfile('neutral')
const databases: TestDatabase[] = []
let folder: string
let peer: CkanPeer

const recordOf = (i: number) => ({
  id: `r${String(i % 997 === 996 ? i - 1 : i).padStart(6, '0')}`,
  title: i % 1_000 === 999 ? '' : `Title ${i}`,
  notes: 'x'.repeat(i % 300),
  resources: Array.from({ length: i % 3 }, (_, k) => ({ url: `https://a.example/${i}/${k}`, format: 'CSV' })),
})

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'concord-source-kill-'))
  peer = await startCkanPeer(Array.from({ length: records }, (_, i) => recordOf(i)))
})
afterAll(async () => {
  for (const database of databases) await database.drop()
  await peer.close()
  rmSync(folder, { recursive: true, force: true })
}, 120_000)

async function newNode() {
  const database = await createTestDatabase()
  databases.push(database)
  const { db } = database
  await createOrganisation(db, actor, { code: 'node', name: 'Node', tier: 'nation' })
  const source = await createSource({ db, profile, vault: openVault({ dataDir: folder }) }, actor, {
    name: 'peer',
    title: 'Peer',
    kind: 'ckan',
    url: peer.url,
    publish: true,
    limits: { requestsPerSecond: 50 },
  })
  const run = await startHarvest(db, actor, source.uid)
  const rowOf = async () =>
    (
      await database.pool.query(
        `select state, complete, position, read_count as read, added_count as added, changed_count as changed,
           unchanged_count as unchanged, rejected_count as rejected, page_count as pages, error
         from harvest.import_run where uid = $1`,
        [run.uid],
      )
    ).rows[0]
  const done = async () => {
    while (['queued', 'running', 'interrupted'].includes((await rowOf()).state)) await sleep(50)
    return rowOf()
  }
  return { database, rowOf, done }
}

test(`kill -9 at ${kills} random moments loses and repeats nothing`, { timeout: 600_000 }, async () => {
  console.info(`moments of the kills: CONCORD_TEST_SEED=${seed}`)
  const random = randomOf(seed)
  const clean = await newNode()
  const worker = startWorker('node', clean.database.url, folder)
  const expected = await clean.done()
  worker.child.kill('SIGKILL')
  expect(expected).toMatchObject({ state: 'done', complete: true, changed: 0, unchanged: 0 })
  expect(expected.read).toBe(records)

  const killed = await newNode()
  const places: number[] = []
  for (let i = 0; i < kills; i++) {
    const moment = {
      // Every other one gets somewhere, however slow the machine is.
      after: i % 2 === 0 ? page : 0,
      delayMs: random() * pageMs,
      before: (records * (i + 1)) / (kills + 1),
    }
    places.push(await killAtWork(killed.database, startWorker('node', killed.database.url, folder), moment))
  }
  console.info(`killed at ${places.join(', ')}`)
  expect(new Set(places).size).toBeGreaterThan(kills / 4)
  const before = peer.answered
  const last = startWorker('node', killed.database.url, folder)
  expect(await killed.done()).toEqual(expected)
  last.child.kill('SIGKILL')
  // It went on where it was: only what was left was fetched.
  expect(peer.answered - before).toBeLessThan((records - places.at(-1)!) / page + 5)
  expect(await digestOf(killed.database)).toEqual(await digestOf(clean.database))
})

test('two nodes of one database: each source is worked on by one, and all are done', {
  timeout: 120_000,
}, async () => {
  const node = await newNode()
  const workers = [1, 2].map(() => startWorker('node', node.database.url, folder))
  expect(await node.done()).toMatchObject({ state: 'done', read: records })
  const { rows } = await node.database.pool.query('select max(epoch) as epoch from harvest.import_run')
  expect(rows).toEqual([{ epoch: 1 }])
  for (const worker of workers) worker.child.kill('SIGKILL')
})
