import { expect, test } from 'vitest'
import { validateDataset } from '../catalog/index.ts'
import { loadProfile } from '../platform/profile.ts'
import { checkMapping, compileMapping } from './mapping.ts'
import { booleanOf, numberOf } from './mapping-types.ts'

const profile = loadProfile('neutral')
const mapping = checkMapping({
  name: 'x',
  format: 'csv',
  identifier: { from: 'id' },
  fields: {
    title: { from: 'id' },
    keyword: { from: 'word' },
    'extension.recordCount': { from: 'count' },
    'extension.owningSystem': { from: 'system' },
    'distributions.0.byteSize': { from: 'size' },
    'items.0.name': { const: 'first' },
    'items.0.length': { from: 'length' },
    'items.0.isKey': { from: 'key' },
    'items.0.personal': { const: true },
    'contact.phone': { from: 'phone' },
  },
  defaults: { 'items.0.precision': 2, 'extension.storageLocation': 7 },
})

test('texts of a table become numbers and yes or no where the catalogue wants them', () => {
  const record = compileMapping(
    mapping,
    profile,
  )({
    id: '1',
    word: '2024',
    count: '1,234,567',
    system: '42',
    size: ' ２０４８ ',
    length: '12',
    key: '是',
    phone: '110',
  })
  expect(record).toMatchObject({ warnings: [], faults: [] })
  expect(record.content).toMatchObject({
    title: '1',
    keyword: ['2024'],
    extension: { recordCount: 1_234_567, owningSystem: '42', storageLocation: '7' },
    distributions: [{ byteSize: 2048 }],
    items: [{ name: 'first', length: 12, isKey: true, personal: true, precision: 2 }],
    contact: { phone: '110' },
  })
  expect(validateDataset({ ...record.content, body: 'b' }, profile).faults).toEqual([])
})

test('lists and objects of JSON are converted inside', () => {
  const map = compileMapping(
    checkMapping({
      name: 'x',
      format: 'json',
      identifier: { from: 'id' },
      fields: { title: { from: 'id' }, items: { from: '/columns' }, distributions: { from: '/file' } },
    }),
    profile,
  )
  const source = {
    id: 5,
    columns: [
      { name: 1, length: '8', isKey: 'no' },
      { name: 'b', length: null, translations: { en: { name: 7 } } },
    ],
    file: { byteSize: '99', accessUrl: 'https://a.example' },
  }
  expect(map(source).content).toMatchObject({
    title: '5',
    items: [
      { name: '1', length: 8, isKey: false },
      { name: 'b', length: null, translations: { en: { name: '7' } } },
    ],
    distributions: [{ byteSize: 99, accessUrl: 'https://a.example' }],
  })
  expect(source.columns[0]!.length).toBe('8')
})

test('what is no number or no yes-or-no is left out, and told with its place', () => {
  const record = compileMapping(
    mapping,
    profile,
  )({ id: '1', count: 'many', size: '12 KB', length: '1.5.2', key: 'perhaps' })
  expect(record.warnings.map((w) => `${w.path} ${w.rule}: ${w.message}`)).toEqual([
    '/extension/recordCount number: "many" is no number and is left out',
    '/distributions/0/byteSize number: "12 KB" is no number and is left out',
    '/items/0/length number: "1.5.2" is no number and is left out',
    '/items/0/isKey yes_or_no: "perhaps" is neither yes nor no and is left out',
  ])
  for (const w of record.warnings) expect(w.remedy).toBeTruthy()
  expect(validateDataset({ ...record.content, body: 'b' }, profile).faults).toEqual([])
})

test.each<[unknown, number | undefined]>([
  ['0', 0],
  ['-3.5', -3.5],
  ['1,000', 1000],
  ['1,00', undefined],
  ['1e5', undefined],
  ['0x10', undefined],
  ['', undefined],
  [Number.NaN, undefined],
])('the number %s', (text, expected) => expect(numberOf(text)).toBe(expected))

test.each<[unknown, boolean | undefined]>([
  ['TRUE', true],
  ['否', false],
  [0, false],
  ['2', undefined],
  [true, true],
])('yes or no: %s', (text, expected) => expect(booleanOf(text)).toBe(expected))
