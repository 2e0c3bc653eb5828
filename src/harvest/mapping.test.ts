import { expect, test } from 'vitest'
import type { ConcordError } from '../platform/errors.ts'
import { checkMapping, compileMapping, formatMapping, projectMappings } from './mapping.ts'
import { htmlToText } from './mapping-html.ts'
import { mappingOfColumns } from './mapping-proposal.ts'
import { columnList } from './mapping-steps.ts'
import { cycleOf, dateOf, languageOf, urlOf } from './mapping-values.ts'

test.each([
  ['2012-12-18T06:24:02.918Z', '2012-12-18T06:24:02.000Z'],
  ['2024-02-29', '2024-02-29T00:00:00.000Z'],
  ['2024/2/9', '2024-02-09T00:00:00.000Z'],
  ['20240209', '2024-02-09T00:00:00.000Z'],
  ['2014', '2014-01-01T00:00:00.000Z'],
  ['2020-01-01T08:00:00+08:00', '2020-01-01T00:00:00.000Z'],
  ['2015-10-23 14:51', '2015-10-23T14:51:00.000Z'],
  ['0000-00-00', undefined],
  ['0001-01-01T00:00:00', undefined],
  ['2023-02-29', undefined],
  ['2023-13-01', undefined],
  ['R/P1W', undefined],
  ['soon', undefined],
])('the date %s', (text, expected) => expect(dateOf(text)?.dateTime).toBe(expected))

test.each([
  ['R/P1M', 'monthly'],
  ['Annually', 'yearly'],
  ['real-time', 'real_time'],
  ['每季度', 'quarterly'],
  ['http://publications.europa.eu/resource/authority/frequency/DAILY', 'daily'],
  ['now and then', undefined],
])('the update cycle %s', (text, expected) => expect(cycleOf(text)).toBe(expected))

test('addresses and languages', () => {
  expect(urlOf('HTTP://a.example/x y')).toBe('http://a.example/x%20y')
  expect([urlOf('javascript:alert(1)'), urlOf('//x'), urlOf('http://a.example/<b>')]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
  expect([languageOf('en_GB'), languageOf('ZH'), languageOf('English please')]).toEqual([
    'en-GB',
    'zh',
    undefined,
  ])
})

test.each([
  ['a <b>bold</b> word', 'a bold word'],
  ['<p>one</p><p>two &amp; three</p>', 'one\n\ntwo & three'],
  ['x<script>alert("</p>")</script>y', 'xy'],
  ['<style>p{}</style>z<!-- no -->', 'z'],
  ['2 < 3 and 5 > 4', '2 < 3 and 5 > 4'],
  ['a <b', 'a <b'],
  ['&lt;b&gt; stays text', '<b> stays text'],
  ['<script>never closed', ''],
])('HTML %s', (html, text) => expect(htmlToText(html)).toBe(text))

test('HTML made to be slow is quick', () => {
  const started = performance.now()
  htmlToText('<script '.repeat(20_000))
  htmlToText('<b '.repeat(60_000))
  htmlToText(`${'&'.repeat(90_000)}${'<!--'.repeat(20_000)}`)
  expect(performance.now() - started).toBeLessThan(1_000)
})

test.each([
  ['編號、調查日期、縣市別、區別', 4],
  ['「序號」、「保管字號」、「道路名稱」', 3],
  ['郵遞區號,行政區,型式,編號,', 4],
  ['資料欄位：名稱、地址、電話', 3],
  ['本資料集提供臺南市空氣品質監測資訊。', 0],
  ['提供編號、日期、地點等資料', 0],
  ['宜蘭縣政府', 0],
])('columns in "%s"', (text, count) => {
  const items = columnList(text, {}) as { name: string }[] | undefined
  expect(items?.length ?? 0).toBe(count)
  for (const item of items ?? []) expect(item.name).not.toMatch(/[「」、]/)
})

test('the mappings of the project are valid', () => {
  expect(projectMappings().map((m) => m.name)).toEqual([
    'dgtw-titles',
    'kaohsiung-catalogue',
    'official-sources',
    'portals',
    'tainan-catalogue',
    'yilan-catalogue',
  ])
})

test('a mapping names every fault with its place', () => {
  const faultsOf = (mapping: unknown) => {
    try {
      checkMapping(mapping)
      return []
    } catch (error) {
      return (error as ConcordError).faults.map((f) => f.path)
    }
  }
  expect(faultsOf({ name: 'x', format: 'csv' })).toEqual(['/fields/title', '/identifier'])
  expect(faultsOf({ name: 'X', format: 'word', fields: { title: { form: 'a' } } })).toEqual(
    expect.arrayContaining(['/name', '/format', '/fields/title']),
  )
})

test('every step', () => {
  const map = compileMapping(
    checkMapping({
      name: 'x',
      format: 'csv',
      identifier: { from: 'id' },
      bodyFrom: { from: 'who', steps: [{ lookup: { Water: 'water-office', '*': 'other' } }] },
      fields: {
        title: { from: ['none', 'title'] },
        keyword: { from: 'tags', steps: [{ split: ';' }] },
        issued: { from: 'date', steps: [{ date: 'date' }] },
        updateCycle: { from: 'often', steps: [{ updateCycle: true }] },
        theme: { from: 'theme', steps: [{ split: ',' }, { lookup: { WATER: 'water' } }] },
        landingPage: {
          from: 'path',
          steps: [{ replace: { find: ' ', by: '-' } }, { prefix: 'https://a.example' }],
        },
        'contact.name': { const: 'Office' },
        'distributions.0.accessUrl': { from: 'file' },
        'services.0.title': { const: 'API', when: 'api' },
      },
      defaults: { language: 'en', updateCycle: 'yearly' },
    }),
  )
  const record = map({
    id: ' a\tb ',
    who: 'WATER',
    title: 'T',
    tags: 'x; y;',
    date: '0000-00-00',
    often: 'now and then',
    theme: 'water,fire',
    path: '/a b',
    file: 'https://a.example/f',
    api: '',
  })
  expect(record).toMatchObject({ sourceId: 'a b', bodyName: 'water-office', title: 'T', faults: [] })
  expect(record.content).toEqual({
    title: 'T',
    keyword: ['x', 'y'],
    updateCycle: 'irregular',
    theme: ['water'],
    landingPage: 'https://a.example/a-b',
    contact: { name: 'Office' },
    distributions: [{ accessUrl: 'https://a.example/f' }],
    sharingType: 'conditional',
    sharingCondition: 'by_agreement',
    openType: 'not_open',
    language: 'en',
  })
  expect(record.assumed).toEqual({ sharingType: 'conditional', openType: 'not_open' })
  expect(record.warnings.map((w) => w.rule)).toEqual(['date', 'update_cycle', 'lookup'])
})

test('both dialects of CKAN say the same', () => {
  const map = compileMapping(formatMapping('ckan'))
  const common = {
    id: 'i',
    title: 'T',
    notes: 'N',
    metadata_created: '2013-03-15T07:17:26.251',
    url: 'http://a.example',
  }
  const old = map({ ...common, tags: ['a', 'b'], extras: { frequency: 'monthly', language: 'en' } })
  const now = map({
    ...common,
    tags: [{ name: 'a' }, { name: 'b', display_name: 'b' }],
    extras: [
      { key: 'frequency', value: 'monthly' },
      { key: 'language', value: 'en' },
    ],
  })
  expect(now.content).toEqual(old.content)
  expect(old.content).toMatchObject({ keyword: ['a', 'b'], updateCycle: 'monthly', issued: '2013-03-15' })
})

test('columns propose a mapping', () => {
  expect(mappingOfColumns('csv', ['编号', '数据集名称', '摘要', '更新周期'])).toMatchObject({
    identifier: { from: '编号' },
    fields: { title: { from: '数据集名称' }, abstract: { from: '摘要' }, updateCycle: { from: '更新周期' } },
  })
  expect(mappingOfColumns('csv', ['x', 'y'])).toBeUndefined()
})

test('a column or a path named like an object method is data', () => {
  const map = compileMapping({
    name: 'x',
    format: 'json',
    identifier: { from: '/constructor/name' },
    fields: { title: { from: '__proto__' }, 'constructor.prototype': { const: 'x' } },
  })
  expect(map({ id: 1 }).sourceId).toBeUndefined()
  expect(({} as Record<string, unknown>).x).toBeUndefined()
})
