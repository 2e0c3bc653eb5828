import { afterAll, beforeAll, expect, test } from 'vitest'
import { sql } from '../src/platform/postgres.ts'
import { createTestDatabase, type TestDatabase } from '../test/support/database.ts'
import {
  baselinePage,
  baselinePageWithFacets,
  measureBaseline,
  prepareBaseline,
  readBaselineQuery,
  withBaselineSession,
} from './baseline-postgres.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase({ max: 3 })
  await sql`insert into security.division (code, name, parent_code, tier)
    values ('320000', '江苏省', null, 'province'), ('320500', '苏州市', '320000', 'city')`.execute(
    database.db,
  )
  await sql`insert into security.organisation (id, code, name, translations, tier, division_code)
    overriding system value values
    (1, 'water', '水利局', '{"en": {"name": "Water Bureau"}}', 'city', '320500'),
    (2, 'school', '教育局', '{"en": {"name": "Education Bureau"}}', 'province', '320000')`.execute(
    database.db,
  )
  await sql`insert into catalog.dataset (id, organisation_id, state, language, title, translations, abstract, theme,
      format, keyword, resource_code, sharing_type, open_type, update_cycle, grade, quality, changed_by_name)
    overriding system value values
    (1, 1, 'published', 'zh-CN', '2019年水库水位信息', '{"en": {"title": "Reservoir levels"}}', '全部水库。',
      '{water,safety}', '{CSV,JSON}', '{水库}', '{101001/0000001}', 'unconditional', 'not_open', 'daily', 'general1', 500, 'x'),
    (2, 2, 'published', 'zh-CN', '学校名录', '{}', '含车站点信息', '{education}', '{CSV}', '{}', '{}',
      'conditional', 'not_open', 'yearly', null, 900, 'x'),
    (3, 2, 'published', 'en', 'Schools and cities', '{}', '', '{education}', '{}', '{}', '{}',
      'conditional', 'not_open', 'yearly', null, 100, 'x'),
    (4, 2, 'draft', 'en', 'School draft', '{}', '', '{education}', '{}', '{}', '{}',
      'conditional', 'not_open', 'yearly', null, 100, 'x')`.execute(database.db)
  await sql`insert into catalog.item (dataset_id, ordinal, name, translations) values
    (1, 1, '户籍地址', '{"en": {"name": "Household address"}}'), (2, 1, '统一社会信用代码', null),
    (3, 1, 'School name', null)`.execute(database.db)
  await prepareBaseline(database.db)
})
afterAll(() => database?.drop())

const found = async (q: string) => (await baselinePage(database.db, q)).map((hit) => hit.id).sort()

test.each([
  ['水位', [1]],
  ['车站', [2]],
  ['站点', [2]],
  ['点', [2]],
  ['学', [2]],
  ['信息', [1, 2]],
  ['信息 -学校', [1]],
  ['2019', [1]],
  ['"2019年水库"', [1]],
  ['"水库2019"', []],
  ['"车站点"', [2]],
  ['school', [3]],
  ['city', [3]],
  ['reservoir levels', [1]],
  ['eservoi', [1]],
  ['item:户籍', [1]],
  ['title:户籍', []],
  ['item:household', [1]],
  ['body:水利', [1]],
  ['body:教育 名录', [2]],
  ['101001/0000001', [1]],
  ['code:101001/0000001', [1]],
  ["it's ' & | !( :*", []],
  ['车站 没有', []],
])('%s', async (q, ids) => {
  expect(await found(q)).toEqual(ids)
})

test('the whole title comes first, pages follow one another', async () => {
  expect((await baselinePage(database.db, '学校名录'))[0]).toMatchObject({ id: 2, title: '学校名录' })
  const [first, second] = await baselinePage(database.db, '信息')
  expect(await baselinePage(database.db, '信息', { limit: 1, offset: 1 })).toEqual([second])
  expect(first!.rank).toBeGreaterThan(second!.rank)
})

test('total and every facet are exact', async () => {
  const { total, facets, hits } = await baselinePageWithFacets(database.db, '信息')
  expect(total).toBe(2)
  expect(hits).toHaveLength(2)
  expect(facets).toEqual({
    theme: ['education', 'safety', 'water'].map((value) => ({ value, count: 1 })),
    body: ['school', 'water'].map((value) => ({ value, count: 1 })),
    region: [
      { value: '320000', count: 2 },
      { value: '320500', count: 1 },
    ],
    tier: ['city', 'province'].map((value) => ({ value, count: 1 })),
    sharing: ['conditional', 'unconditional'].map((value) => ({ value, count: 1 })),
    open: [{ value: 'not_open', count: 2 }],
    format: [
      { value: 'CSV', count: 2 },
      { value: 'JSON', count: 1 },
    ],
    cycle: ['daily', 'yearly'].map((value) => ({ value, count: 1 })),
    grade: [{ value: 'general1', count: 1 }],
    database: [],
  })
  expect((await baselinePageWithFacets(database.db, '没有')).total).toBe(0)
})

test('a second build is left out until the catalogue has changed', async () => {
  const lines: string[] = []
  const first = await prepareBaseline(database.db, (line) => lines.push(line))
  expect(lines).toEqual([])
  expect(first.bytes).toBeGreaterThan(0)
  await sql`update catalog.dataset set state = 'published' where id = 4`.execute(database.db)
  await prepareBaseline(database.db, (line) => lines.push(line))
  expect(lines.length).toBeGreaterThan(0)
  expect(await found('draft')).toEqual([4])
})

test('sessions set their limits and leave none behind; figures are in milliseconds', async () => {
  const limit = async (db: typeof database.db) =>
    (await sql<{ limit: string }>`select current_setting('statement_timeout') as limit`.execute(db)).rows[0]!
      .limit
  expect(await withBaselineSession(database.db, limit)).toBe('30s')
  expect(await limit(database.db)).toBe('15s')
  const figures = await measureBaseline(
    database.db,
    { page: ['信息', 'school'], facets: ['信息', 'school'] },
    2,
  )
  expect(figures.timeouts).toBe(0)
  expect(figures.pageP95).toBeGreaterThanOrEqual(figures.pageP50)
  expect(figures.facetsP50).toBeGreaterThan(0)
})

test('queries are read into text that PostgreSQL takes', () => {
  expect(readBaselineQuery('item:车站点 -"abc 车站" x').text).toBe(
    "('车站':B & '站点':B) & !('abc' <2> '车站') & ('x')",
  )
})
