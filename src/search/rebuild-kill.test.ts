import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { random } from '../../bench/corpus.ts'
import { type CatalogApp, createCatalogApp, sampleRecord } from '../../test/support/catalog-app.ts'
import { upsertDatasets } from '../catalog/index.ts'
import { createBodyTable } from './bodies.ts'
import { checkIndex } from './check.ts'
import { searchIndex } from './engine.ts'
import { arrange, emptyIndex, liveEntries } from './index-view.ts'
import { currentGeneration, readManifest, segmentPath } from './manifest.ts'
import { readNames } from './names.ts'
import type { RebuildResult } from './rebuild.ts'
import { openSegmentAt } from './segment.ts'

/** Killings (issue: 20 random moments). */
const kills = 20
const entries = 4_000
/** Entries of one segment: ten builds in each rebuild. */
const maxDocuments = 400
/** Longest life of a process before it is killed (ms), counted from the start of its work. */
const longestMs = 1_500
const seed = Number(process.env.KILL_SEED ?? Date.now() % 100_000)

let s: CatalogApp
let folder: string
beforeAll(async () => {
  s = await createCatalogApp()
  folder = mkdtempSync(join(tmpdir(), 'concord-rebuild-kill-'))
  const records = Array.from({ length: entries }, (_, i) =>
    sampleRecord(`e${i}`, { title: `水库 ${i}`, items: [{ name: `水位 ${i % 7}` }, { name: `库容 ${i}` }] }),
  )
  for (let i = 0; i < entries; i += 500)
    await upsertDatasets(s.db, s.system, records.slice(i, i + 500), { publish: true })
}, 120_000)
afterAll(async () => {
  await s?.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Starts a rebuild; `begun` resolves at its first sign of work, `ended` with its result, undefined where it was killed. */
function startRebuild() {
  const program = fileURLToPath(new URL('../../test/support/rebuild-process.ts', import.meta.url))
  const child = fork(program, [s.database.url, folder, String(maxDocuments)], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let result: RebuildResult | undefined
  let said = ''
  child.stderr!.on('data', (d) => {
    said += d
  })
  const begun = new Promise<void>((resolve) => {
    child.on('message', (m: { result?: RebuildResult }) => {
      result = m.result ?? result
      resolve()
    })
    child.on('close', () => resolve())
  })
  const ended = once(child, 'close').then(([code, signal]) => {
    if (code !== 0 && signal !== 'SIGKILL') throw new Error(`the rebuild ended with ${code}: ${said}`)
    return result
  })
  ended.catch(() => {})
  return { child, begun, ended }
}

/** Searches the index on disk: how many live entries it has, and how many each word finds. */
async function found(words: string[]) {
  const manifest = readManifest(folder)!
  const segments = manifest.segments.map((e) =>
    openSegmentAt(segmentPath(folder, manifest.generation, e.name)),
  )
  const names = await readNames(s.db, s.profile)
  const index = arrange({ ...emptyIndex(), bodies: createBodyTable(names.bodies) }, segments)
  const ask = { view: 'entries', filters: {}, sort: 'relevance', offset: 0, limit: 0, facets: false } as const
  const totals = words.map((text) => searchIndex(index, { ...ask, text }).total)
  const live = liveEntries(index)
  arrange(index, [])
  return { live, totals }
}

test(`kill -9 at ${kills} random moments of rebuilding loses and duplicates nothing`, async () => {
  console.info(`seed ${seed}`)
  const r = random(seed)
  let killed = 0
  let changed = 0
  while (killed < kills) {
    const { child, begun, ended } = startRebuild()
    // One in five is killed before it has done anything.
    if (r() < 0.2) await sleep(r() * 1_000)
    else await begun.then(() => sleep(r() * longestMs))
    if (child.exitCode === null && child.kill('SIGKILL')) killed++
    // Changes between and during the attempts must be in the index that comes of them.
    await upsertDatasets(s.db, s.system, [sampleRecord(`e${changed}`, { title: `桥梁 ${changed}` })], {
      publish: true,
    })
    changed++
    await ended
    // What is current is whole at every moment.
    if (currentGeneration(folder) > 0) expect(await found([])).toEqual({ live: entries, totals: [] })
  }
  const last = await startRebuild().ended
  expect(last!.entries).toBeGreaterThanOrEqual(entries)
  const check = await checkIndex({ ...s.database, close: async () => {} }, folder)
  expect(check).toMatchObject({ published: entries, indexed: entries, missing: 0, surplus: 0, different: 0 })
  expect(await found(['水库', '桥梁', `库容 ${entries - 1}`])).toEqual({
    live: entries,
    totals: [entries - changed, changed, 1],
  })
}, 600_000)
