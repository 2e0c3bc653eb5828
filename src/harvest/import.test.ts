import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { loadProfile } from '../platform/profile.ts'
import { type ImportFileOptions, importFile } from './index.ts'

const shared =
  process.env.CONCORD_SHARED_DATA ?? fileURLToPath(new URL('../../../shared/data', import.meta.url))
const haveShared = existsSync(join(shared, 'negative'))
if (!haveShared)
  console.warn(`Skipped: tests with the shared files, because ${shared} is not there (CONCORD_SHARED_DATA).`)

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

interface Reported {
  place: string
  identifier: string | null
  outcome: string
  faults: { path: string; rule: string; message: string }[]
  excerpt: string | null
}

async function load(file: string, options: Partial<ImportFileOptions> = {}) {
  const report = join(folder, 'report.jsonl')
  const summary = await importFile({ db: database.db, profile, file, report, ...options })
  const lines = readFileSync(report, 'utf8').split('\n').filter(Boolean)
  return { ...summary, records: lines.map((l) => JSON.parse(l) as Reported) }
}
function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}
const rulesOf = (records: Reported[], outcome = 'rejected') =>
  records.filter((r) => r.outcome === outcome).map((r) => r.faults.map((f) => f.rule).join(' '))
const count = async (source: string) =>
  (await database.pool.query('select count(*) from catalog.dataset where source = $1', [source])).rows[0]
    .count

describe.skipIf(!haveShared)('shared files', () => {
  /** file, added, rejects by rule, notes by rule, rules of warnings on what was taken. */
  test.each<[string, number, string[], string[], string[]]>([
    ['dcatus', 7, [], [], []],
    ['dcatus_2', 3, [], [], []],
    ['dcatus_single_record', 1, [], [], []],
    ['dcatus_single_record_non-federal', 1, [], [], []],
    ['dcatus_same_title', 2, [], [], []],
    ['dcatus_same_title_step_2', 2, [], [], []],
    ['dcatus_no_identifier', 0, ['identifier_missing'], [], []],
    ['missing_title', 0, ['required'], [], []],
    ['dcatus_spatial_no_translate', 1, [], [], ['spatial']],
    ['dcatus_bad_license_uri', 0, ['maxLength'], [], []],
    ['dcatus_multiple_invalid', 0, ['maxLength mailto url'], [], []],
    ['dcatus_long_description', 0, ['maxLength'], [], []],
    ['dcatus3_0', 4, [], [], []],
    ['dcatus3_0_invalid', 1, ['required'], [], []],
    ['dcatus3_0_no_identifier', 0, ['identifier_missing'], [], []],
    ['dcatus3_0_warning', 3, [], [], ['issued_after_modified', 'media_type']],
    ['dcatus3_0_nested_catalog', 3, [], [], []],
    ['dcatus3_0_with_records', 1, [], [], []],
    ['dcatus3_0_record_no_id', 1, [], ['record_without_id'], []],
    ['dcatus3_0_with_services', 3, [], [], []],
    ['dcatus3_0_service_no_identifier', 1, ['identifier_missing'], [], []],
    ['dcatus3_0_service_serves_dataset', 1, [], [], []],
    ['dcatus3_0_series_with_members', 2, [], [], []],
    ['dcatus3_0_series_member_also_top_level', 2, [], [], []],
  ])('%s: %i in', async (name, added, rejects, notes, warnings) => {
    const file = join(shared, 'negative', `${name}.json`)
    const result = await load(file, { format: 'dcat-us', source: name })
    expect(result).toMatchObject({
      state: 'done',
      added,
      rejected: rejects.length,
      read: added + rejects.length,
    })
    expect(rulesOf(result.records)).toEqual(rejects)
    expect(rulesOf(result.records, 'note')).toEqual(notes)
    expect(rulesOf(result.records, 'added').filter(Boolean)).toEqual(warnings)
    for (const r of result.records) expect(r.place).toMatch(/^\/.+ line \d+$/)
    for (const r of result.records) if (r.outcome === 'rejected') expect(r.excerpt).not.toBe('')
    const again = await load(file, { format: 'dcat-us', source: name })
    expect(again).toMatchObject({ added: 0, changed: 0, unchanged: added, gone: 0 })
  })

  test('402 real data sets, 391 without a date', async () => {
    const file = join(shared, 'negative', 'dcatus_with_none.json')
    const result = await load(file, { format: 'dcat-us' })
    expect(result).toMatchObject({ added: 402, rejected: 0 })
    expect(rulesOf(result.records, 'added').filter((r) => r.includes('empty'))).toHaveLength(391)
  })

  test('the next state of a source: one changed, two unchanged, four gone', async () => {
    const first = join(shared, 'negative', 'dcatus.json')
    await load(first, { format: 'dcat-us', source: 'steps' })
    const second = await load(join(shared, 'negative', 'dcatus_2.json'), {
      format: 'dcat-us',
      source: 'steps',
    })
    expect(second).toMatchObject({ read: 3, added: 0, gone: 4 })
    expect(second.changed + second.unchanged).toBe(3)
    expect(second.records.filter((r) => r.outcome === 'gone')).toHaveLength(4)
  })

  test('the same title twice: an update does not swap them', async () => {
    const step = (n: string) => join(shared, 'negative', `dcatus_same_title${n}.json`)
    await load(step(''), { format: 'dcat-us', source: 'twins' })
    expect(await load(step('_step_2'), { format: 'dcat-us', source: 'twins' })).toMatchObject({
      changed: 1,
      unchanged: 1,
    })
  })

  test('a CKAN export of 2013: 390 in, again unchanged', async () => {
    const file = join(shared, 'real', 'ckan-export.json')
    expect(await load(file, { format: 'ckan' })).toMatchObject({ read: 390, added: 390, rejected: 0 })
    expect(await load(file, { format: 'ckan' })).toMatchObject({
      read: 390,
      added: 0,
      unchanged: 390,
      gone: 0,
    })
  })

  test.each([
    ['official-sources.json', 'official-sources', 768, 0],
    ['kaohsiung-catalogue.csv', 'kaohsiung-catalogue', 1495, 0],
    ['tainan-catalogue.csv', 'tainan-catalogue', 665, 0],
    ['yilan-catalogue.csv', 'yilan-catalogue', 357, 0],
    ['portals.csv', 'portals', 631, 0],
    // Titles said twice are one entry.
    ['dgtw-titles.txt', 'dgtw-titles', 35_208, 425],
  ])(
    '%s by its mapping',
    async (file, mapping, added, rejected) => {
      expect(await load(join(shared, 'real', file), { mapping })).toMatchObject({
        state: 'done',
        added,
        rejected,
      })
    },
    120_000,
  )
})

const packages = (n: number, more: (i: number) => object = () => ({})) =>
  Array.from({ length: n }, (_, i) => ({ id: `p${i}`, title: `Title ${i}`, ...more(i) }))
const ckan = (list: unknown[]) => JSON.stringify({ count: list.length, results: list })

describe('bad input', () => {
  test('35,000 keywords and 8,000 distributions are rejects with their measure', async () => {
    const list = packages(5, (i) => {
      if (i === 1) return { tags: Array.from({ length: 35_000 }, (_, k) => `k${k}`) }
      const url = (k: number) => `https://a.example/${k}`
      return i === 3 ? { resources: Array.from({ length: 8_000 }, (_, k) => ({ url: url(k) })) } : {}
    })
    const result = await load(write('fat.json', ckan(list)), { format: 'ckan' })
    expect(result).toMatchObject({ added: 3, rejected: 2 })
    const messages = result.records.filter((r) => r.outcome === 'rejected').map((r) => r.faults[0]!.message)
    expect(messages[0]).toContain('35,000 entries')
    expect(messages[1]).toContain('8,000 entries')
  })

  test('duplicate identifiers are told; the first counts', async () => {
    const list = [...packages(3), { id: 'p1', title: 'Other' }]
    const result = await load(write('twice.json', ckan(list)), { format: 'ckan' })
    expect(result).toMatchObject({ added: 3, rejected: 1 })
    expect(rulesOf(result.records)).toEqual(['duplicate_identifier'])
    expect(result.records.at(-1)!.place).toBe('/results/3 line 1')
  })

  test('dates in the year 0 are left out with a warning', async () => {
    const dates = { metadata_created: '0000-00-00T00:00:00', metadata_modified: '0001-01-01' }
    const result = await load(write('zero.json', ckan(packages(1, () => dates))), { format: 'ckan' })
    expect(result).toMatchObject({ added: 1 })
    expect(rulesOf(result.records, 'added')).toEqual(['date date'])
  })

  test('HTML and script in every text field stay text', async () => {
    const script = '<script>alert(1)</script><img src=x onerror=alert(1)>'
    const record = {
      id: script,
      title: `T ${script}`,
      notes: `N ${script}`,
      author: script,
      author_email: script,
      url: `javascript:${script}`,
      license_title: script,
      tags: [script],
      extras: { spatial_text: script, language: script, frequency: script, [script]: script },
      resources: [{ name: script, description: script, format: script, url: script, mimetype: script }],
    }
    const file = write('script.json', ckan([record, { ...record, id: 'x', author_email: 'a@b.example' }]))
    const result = await load(file, { format: 'ckan' })
    expect(result.state).toBe('done')
    expect(result.added + result.rejected).toBe(2)
    const { rows } = await database.pool.query(
      `select title, abstract, landing_page from catalog.dataset where source = 'script'`,
    )
    for (const row of rows) expect(row).toEqual({ title: `T ${script}`, abstract: 'N', landing_page: null })
  })

  test('zero characters and broken surrogates cannot be stored and are rejects', async () => {
    const file = write(
      'zero-char.jsonl',
      '{"id":"a\\u0000","title":"x","resources":[]}\n{"id":"b","title":"\\ud800","resources":[]}\n{"id":"c","title":"C","resources":[]}\n',
    )
    const result = await load(file, { format: 'jsonl' })
    expect(result).toMatchObject({ state: 'done', added: 1, rejected: 2 })
  })

  test('a record nested very deep is a reject', async () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
    const file = write(
      'deep.json',
      `[{"id":"a","title":"A"},{"id":"b","title":"B","tags":${deep}},{"id":"c","title":"C"}]`,
    )
    expect(await load(file, { format: 'ckan' })).toMatchObject({ state: 'done', read: 3 })
  })

  test('a truncated file: what came before is in, the place is told, nothing is gone', async () => {
    const whole = ckan(packages(2_500, () => ({ notes: 'x'.repeat(100) })))
    await load(write('cut.json', whole), { format: 'ckan' })
    const result = await load(write('cut.json', whole.slice(0, 200_000)), { format: 'ckan' })
    expect(result).toMatchObject({ state: 'failed', added: 0, gone: 0, rejected: 1 })
    expect(result.unchanged).toBeGreaterThan(1_000)
    expect(result.error).toMatchObject({ place: expect.stringMatching(/^\/results\/\d+ line 1$/) })
    expect(result.error!.message).toMatch(/ends before .* \(byte 200,000, line 1\)/)
  })

  test.each([
    ['empty', ''],
    ['no JSON', 'hello'],
    ['only the beginning', '{'],
    ['another thing', '{"a": 1}'],
    ['binary', Buffer.from(Array.from({ length: 5_000 }, (_, i) => (i * 7919) % 256))],
  ])('%s is told', async (name, content) => {
    for (const format of ['ckan', 'dcat-us', 'jsonl'] as const) {
      const result = await load(write(`${name}.json`, content), { format })
      expect(result.added).toBe(0)
      expect(result.state === 'failed' || result.rejected > 0).toBe(true)
    }
  })

  test('a file that is no workbook, a missing file, an unknown format', async () => {
    const file = write('no.xlsx', 'PK no')
    await expect(load(file, { format: 'xlsx' })).rejects.toThrow('not a workbook')
    await expect(load(join(folder, 'none.json'), { format: 'ckan' })).rejects.toThrow('cannot be read')
    await expect(load(file, { format: 'word' })).rejects.toThrow('not known')
    await expect(load(write('x.csv', 'a,b\n1,2\n'), { format: 'csv' })).rejects.toThrow(
      'No column of the file looks like a title',
    )
    await expect(
      load(write('x.json', '[]'), { format: 'ckan', body: 'nobody' }).then((r) => r.error?.message),
    ).resolves.toContain('No body has the code nobody')
  })
})

test('drafts, and a change afterwards', async () => {
  const file = write('draft.json', ckan(packages(2)))
  await load(file, { format: 'ckan', draft: true })
  const states = await database.pool.query(
    `select distinct state from catalog.dataset where source = 'draft'`,
  )
  expect(states.rows).toEqual([{ state: 'draft' }])
  writeFileSync(file, ckan(packages(3, (i) => (i === 1 ? { notes: 'new' } : {}))))
  expect(await load(file, { format: 'ckan', draft: true })).toMatchObject({
    added: 1,
    changed: 1,
    unchanged: 1,
  })
})

test('what a portal counts by itself makes no new version', async () => {
  const file = write(
    'volatile.json',
    ckan(packages(3, () => ({ indexed_ts: '1', tracking_summary: { total: 1 } }))),
  )
  await load(file, { format: 'ckan' })
  writeFileSync(file, ckan(packages(3, () => ({ tracking_summary: { total: 2 }, indexed_ts: '2' }))))
  expect(await load(file, { format: 'ckan' })).toMatchObject({ unchanged: 3, changed: 0 })
})

test('a stopped import goes on where it was; two of one source do not run at once', async () => {
  const file = write('stop.json', ckan(packages(6_000)))
  const stop = new AbortController()
  const first = load(file, { format: 'ckan', signal: stop.signal, onProgress: () => stop.abort() })
  const stopped = await first
  expect(stopped.state).toBe('interrupted')
  expect(stopped.read).toBeGreaterThan(0)
  expect(stopped.read).toBeLessThan(6_000)
  const [one, two] = await Promise.allSettled([
    load(file, { format: 'ckan' }),
    load(file, { format: 'ckan' }),
  ])
  const done = [one, two].flatMap((r) => (r.status === 'fulfilled' ? [r.value] : []))
  expect(done.at(-1)).toMatchObject({ state: 'done', resumed: true, read: 6_000, added: 6_000 })
  expect(await count('stop')).toBe(6_000)
})

test('a run taken over by another process writes nothing more and leaves its end to that one', async () => {
  const file = write('fenced.json', ckan(packages(4_000)))
  let taken: Promise<unknown> | undefined
  const result = await load(file, {
    format: 'ckan',
    onProgress: () => {
      taken ??= database.pool.query(`update harvest.import_run set epoch = epoch + 1 where source = 'fenced'`)
    },
  })
  await taken
  expect(result.state).toBe('running')
  expect(await count('fenced')).toBe(result.added)
  expect(result.added).toBeLessThan(4_000)
})
