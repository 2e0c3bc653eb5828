import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { loadProfile } from '../platform/profile.ts'
import { type ImportSummary, importFile } from './index.ts'

/** Killings (issue: 20 random moments), and records enough that most of them fall into the work. */
const kills = 20
const records = 25_000
/** Longest life of a process before it is killed (ms), counted from its first sign of work. */
const longestMs = 1_000

let database: TestDatabase
let folder: string
beforeAll(async () => {
  database = await createTestDatabase()
  folder = mkdtempSync(join(tmpdir(), 'concord-kill-'))
})
afterAll(async () => {
  await database?.drop()
  rmSync(folder, { recursive: true, force: true })
})

const query = async (text: string) => (await database.pool.query(text)).rows

test(`kill -9 at ${kills} random moments loses and duplicates nothing`, { timeout: 600_000 }, async () => {
  const file = join(folder, 'killed.json')
  const list = Array.from({ length: records }, (_, i) =>
    // Every thousandth has no title, every 997th repeats the one before: rejects must be counted once too.
    i % 1_000 === 999
      ? { id: `p${i}`, title: '', name: '' }
      : { id: `p${i % 997 === 996 ? i - 1 : i}`, title: `Title ${i}` },
  )
  writeFileSync(file, JSON.stringify({ count: records, results: list }))
  let summary: ImportSummary | undefined
  let killed = 0
  while (!summary) {
    const { child, ended } = startImport(file, (s) => {
      summary = s
    })
    if (killed < kills) {
      const before = await position()
      while (child.exitCode === null && (await position()) === before) await sleep(5)
      await sleep(Math.random() * longestMs)
      if (child.exitCode === null && child.kill('SIGKILL')) killed++
    }
    await ended
  }
  expect(killed).toBeGreaterThan(kills / 2)
  const [dataset] = await query(
    'select count(*) as n, count(distinct source_id) as ids, max(version) as version from catalog.dataset',
  )
  expect(dataset).toMatchObject({ n: summary.added, ids: summary.added, version: 1 })
  expect(summary).toMatchObject({ state: 'done', resumed: true, read: records, changed: 0, unchanged: 0 })
  expect(summary.added + summary.rejected).toBe(records)
  const outcomes = await query(
    'select outcome, count(*) as n from harvest.import_record group by 1 order by 1',
  )
  expect(outcomes).toEqual([
    { outcome: 'added', n: summary.added },
    { outcome: 'rejected', n: summary.rejected },
  ])
  expect(await query('select count(*) as n from harvest.import_run')).toEqual([{ n: 1 }])
  const again = await importFile({ db: database.db, profile: loadProfile('neutral'), file, format: 'ckan' })
  expect(again).toMatchObject({ added: 0, changed: 0, unchanged: summary.added, rejected: summary.rejected })
})

/** `ended` rejects when the process fails by itself, with what it said. */
function startImport(file: string, onSummary: (summary: ImportSummary) => void) {
  const program = fileURLToPath(new URL('../../test/support/import-process.ts', import.meta.url))
  const child = fork(program, [database.url, file], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  child.on('message', (m) => onSummary(m as ImportSummary))
  let said = ''
  child.stderr!.on('data', (d) => {
    said += d
  })
  const ended = once(child, 'close').then(([code]) => {
    if (code !== 0 && code !== null) throw new Error(`the import ended with ${code}: ${said}`)
  })
  // Heard when it is awaited.
  ended.catch(() => {})
  return { child, ended }
}

async function position(): Promise<number> {
  const [row] = await query('select max(position + epoch) as n from harvest.import_run')
  return (row!.n as number) ?? -1
}
