import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { type ImportFileOptions, importFile } from '../../src/harvest/index.ts'
import { loadProfile } from '../../src/platform/profile.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'

/** A line of the report of an import. */
export interface Reported {
  place: string
  identifier: string | null
  title: string | null
  outcome: string
  faults: { path: string; rule: string; message: string; remedy?: string }[]
  excerpt: string | null
}

/** A database and a folder for the tests of a file, and what tests of imports do again and again. */
export function importKit() {
  const profile = loadProfile('neutral')
  let database: TestDatabase
  let folder: string
  beforeAll(async () => {
    database = await createTestDatabase()
    folder = mkdtempSync(join(tmpdir(), 'concord-import-'))
  })
  afterAll(async () => {
    await database?.drop()
    rmSync(folder, { recursive: true, force: true })
  })
  const query = async (text: string, values: unknown[] = []) =>
    (await database.pool.query(text, values)).rows as Record<string, unknown>[]
  return {
    profile,
    query,
    database: () => database,
    path: (name: string) => join(folder, name),
    write(name: string, content: string | Uint8Array): string {
      const path = join(folder, name)
      writeFileSync(path, content)
      return path
    },
    /** Imports a file and reads its report. */
    async load(file: string, options: Partial<ImportFileOptions> = {}) {
      const report = join(folder, 'report.jsonl')
      const summary = await importFile({ db: database.db, profile, file, report, ...options })
      const lines = readFileSync(report, 'utf8').split('\n').filter(Boolean)
      return { ...summary, records: lines.map((l) => JSON.parse(l) as Reported) }
    },
    /** Identifiers of the entries of a source, in order. */
    idsOf: async (source: string) =>
      (
        await query('select source_id from catalog.dataset where source = $1 order by source_id', [source])
      ).map((r) => r.source_id as string),
  }
}

/** The rules of the faults of records with that outcome. */
export const rulesOf = (records: Reported[], outcome = 'rejected') =>
  records.filter((r) => r.outcome === outcome).map((r) => r.faults.map((f) => f.rule).join(' '))

/** CKAN packages with the least a package needs, and a search answer of them. */
export const packages = (n: number, more: (i: number) => object = () => ({})) =>
  Array.from({ length: n }, (_, i) => ({ id: `p${i}`, title: `Title ${i}`, ...more(i) }))
export const ckan = (list: unknown[]) => JSON.stringify({ count: list.length, results: list })
