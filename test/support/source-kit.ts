import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { openPeer } from '../../src/harvest/remote/index.ts'
import { createHarvestRunner, type HarvestNode, type HarvestRunner } from '../../src/harvest/source/runner.ts'
import { getHarvestRun, startHarvest } from '../../src/harvest/source/runs.ts'
import type { HarvestRun, Source, SourceInput } from '../../src/harvest/source/source.schema.ts'
import { createSource } from '../../src/harvest/source/source.ts'
import type { Fault } from '../../src/platform/errors.ts'
import { loadProfile } from '../../src/platform/profile.ts'
import {
  createOrganisation,
  openVault,
  reloadOrganisationTree,
  systemActor,
} from '../../src/security/index.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'

/** A portal in memory: what it lists, and how it misbehaves. Pages of `rows` records in the order of the list. */
export interface FakePortal {
  records: { id: string; title?: string; [member: string]: unknown }[]
  rows: number
  /** Pages (from 1) that cannot be read, and how often yet. */
  broken: Map<number, number>
  /** Waits before each page. */
  before?(page: number, signal: AbortSignal): Promise<void>
  /** Announced instead of the truth. */
  total?: number
  removed?: string[]
  /** Pages fetched so far. */
  fetched: number[]
}

export const portalOf = (records: FakePortal['records'], rows = 100): FakePortal => ({
  records,
  rows,
  broken: new Map(),
  fetched: [],
})

/** Reads fake portals as remote/ reads real ones: one cursor a page, faults for what is missing, totals compared. */
export const fakeOpen = (portals: Map<string, FakePortal>): HarvestNode['open'] =>
  async function* (source, { signal, from }) {
    const portal = portals.get(source.url)!
    for (let at = (from?.next as number | undefined) ?? 0, received = (from?.received as number) ?? 0; ; ) {
      const number = Math.floor(at / portal.rows) + 1
      await portal.before?.(number, signal)
      signal.throwIfAborted()
      portal.fetched.push(number)
      const total = portal.total ?? portal.records.length
      const last = at + portal.rows >= portal.records.length
      const faults: Fault[] = []
      const left = portal.broken.get(number) ?? 0
      if (left > 0) {
        portal.broken.set(number, left - 1)
        faults.push({ path: `page ${number}`, rule: 'page_unreadable', message: 'is no JSON' })
      }
      const records = left > 0 ? [] : portal.records.slice(at, at + portal.rows)
      received += records.length
      if (last && received !== total)
        faults.push({
          path: `page ${number}`,
          rule: 'total_mismatch',
          message: `${total} announced, ${received} came`,
        })
      at += portal.rows
      yield {
        number,
        events: records.map((value, i) => ({
          kind: 'record' as const,
          place: `page ${number}, record ${i + 1}`,
          value,
          bytes: 200,
        })),
        removed: last ? (portal.removed ?? []).map((sourceId) => ({ sourceId, place: '' })) : [],
        cursor: { next: at, received },
        total,
        bytes: 200 * records.length,
        faults,
        notes: [],
        last,
      }
      if (last) return
    }
  }

/** A database with the bodies nation > city, a runner over fake portals, and what tests of sources do again and again. */
export function sourceKit() {
  const profile = loadProfile('neutral')
  const actor = systemActor('test')
  const portals = new Map<string, FakePortal>()
  const errors: unknown[] = []
  let database: TestDatabase
  let folder: string
  let node: HarvestNode
  let runner: HarvestRunner
  beforeAll(async () => {
    database = await createTestDatabase()
    folder = mkdtempSync(join(tmpdir(), 'concord-source-'))
    const { db } = database
    const nation = await createOrganisation(db, actor, { code: 'nation', name: 'Nation', tier: 'nation' })
    await createOrganisation(db, actor, { code: 'city', name: 'City', tier: 'city', parentUid: nation.uid })
    await reloadOrganisationTree(db)
    node = {
      db,
      profile,
      log: { info: () => {}, error: (e: unknown) => void errors.push(e) } as unknown as HarvestNode['log'],
      vault: openVault({ dataDir: folder }),
      access: { contact: 'http://localhost', spoolDir: folder },
      open: fakeOpen(portals),
      peer: openPeer,
    }
    runner = createHarvestRunner(node)
  })
  afterAll(async () => {
    await runner?.close()
    await database?.drop()
    rmSync(folder, { recursive: true, force: true })
  })
  const query = async (text: string, values: unknown[] = []) =>
    (await database.pool.query(text, values)).rows as Record<string, unknown>[]
  return {
    profile,
    actor,
    portals,
    errors,
    query,
    folder: () => folder,
    node: () => node,
    db: () => database.db,
    database: () => database,
    runner: () => runner,
    async add(name: string, portal: FakePortal, more: Partial<SourceInput> = {}): Promise<Source> {
      const url = `http://${name}.example/`
      portals.set(url, portal)
      return createSource(node, actor, {
        name,
        title: `Portal ${name}`,
        kind: 'ckan',
        url,
        publish: true,
        ...more,
      })
    },
    /** Runs the source to the end of its run. */
    async run(source: Source, options: { full?: boolean } = { full: true }): Promise<HarvestRun> {
      const run = await startHarvest(database.db, actor, source.uid, options)
      await runner.idle()
      return getHarvestRun(database.db, actor, run.uid)
    },
    entries: async (source: string) =>
      (await query(
        `select source_id as id, state, title, version, uid, retired_by as "retiredBy" from catalog.dataset
         where source = $1 order by source_id`,
        [source],
      )) as unknown as KeptEntry[],
    report: async (run: HarvestRun, outcome?: string) =>
      (await query(
        `select r.source_id as id, r.outcome, r.place, r.dataset_uid as uid, coalesce(r.faults, '[]') as faults
         from harvest.import_record r join harvest.import_run i on i.id = r.run_id
         where i.uid = $1 and ($2::text is null or r.outcome = $2) order by r.position`,
        [run.uid, outcome ?? null],
      )) as unknown as ReportRow[],
  }
}

interface KeptEntry {
  id: string
  state: string
  title: string
  version: number
  uid: string
  retiredBy: string | null
}

interface ReportRow {
  id: string | null
  outcome: string
  place: string
  uid: string | null
  faults: Fault[]
}

/** The rules of all faults of these lines of a report. */
export const rulesIn = (rows: ReportRow[]) => rows.flatMap((r) => r.faults.map((f) => f.rule))

/** CKAN packages p0 … */
export const packagesOf = (n: number, more: (i: number) => object = () => ({})) =>
  Array.from({ length: n }, (_, i) => ({
    id: `p${String(i).padStart(6, '0')}`,
    title: `Title ${i}`,
    ...more(i),
  }))
