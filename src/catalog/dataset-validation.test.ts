import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sampleContent } from '../../test/support/catalog-app.ts'
import { loadProfile, type Profile } from '../platform/profile.ts'
import { tidyDataset } from './dataset-tidy.ts'
import { maxFaults, validateDataset } from './dataset-validation.ts'

const profile = loadProfile('neutral')
const faultsOf = (content: unknown, self = {}) =>
  validateDataset(content, profile, self).faults.map((f) => `${f.path} ${f.rule}`)
const withItem = (item: object) => sampleContent({ items: [{ name: 'a', ...item }] })
const self = '0b0f7e9a-5f0c-4d5e-8f5e-1a2b3c4d5e6f'

test('a good entry has no fault and comes back in its one form', () => {
  const { content, faults } = validateDataset(
    sampleContent({
      title: '  Road \u3000 accidents\r\n',
      abstract: 'first\r\nsecond',
      keyword: ['road', 'road', '', ' road '],
      modified: '2024-01-02T03:04:05+08:00',
      translations: {},
      landingPage: null,
      items: [{ name: 'Cafe\u0301', isKey: false, personal: true }],
    }),
    profile,
  )
  expect(faults).toEqual([])
  expect(content).toMatchObject({
    title: 'Road accidents',
    abstract: 'first\nsecond',
    keyword: ['road'],
    modified: '2024-01-01T19:04:05.000Z',
    items: [{ name: 'Café', personal: true }],
  })
  expect(Object.keys(content!)).not.toContain('translations')
  expect(Object.keys(content!)).not.toContain('landingPage')
  expect(content!.items![0]).not.toHaveProperty('isKey')
})

describe('each fault is named with its place and rule', () => {
  test.each<[string, unknown, string[]]>([
    ['no object', null, [' type']],
    ['a list', [], [' type']],
    ['no title', sampleContent({ title: undefined }), ['/title required']],
    ['an empty title', sampleContent({ title: '   ' }), ['/title required']],
    ['an invisible title', sampleContent({ title: '\u200b' }), ['/title visible']],
    ['NUL in the title', sampleContent({ title: 'a\u0000b' }), ['/title forbidden_character']],
    ['half a surrogate pair', sampleContent({ title: 'a\ud800' }), ['/title forbidden_character']],
    ['a control character in an item', withItem({ name: 'a\u0007' }), ['/items/0/name forbidden_character']],
    ['an unknown member', sampleContent({ colour: 'red' }), ['/colour unknown_member']],
    [
      '__proto__',
      JSON.parse(JSON.stringify(sampleContent()).replace('{', '{"__proto__":{"a":1},')),
      ['/__proto__ unknown_member'],
    ],
    ['a title of another type', sampleContent({ title: 5 }), ['/title type']],
    ['an unknown sharing type', sampleContent({ sharingType: 'maybe' }), ['/sharingType enum']],
    ['an unknown theme', sampleContent({ theme: ['nonsense'] }), ['/theme/0 unknown_code']],
    [
      'an unknown classification',
      sampleContent({ classification: ['zz'] }),
      ['/classification/0 unknown_code'],
    ],
    ['an unknown update cycle', sampleContent({ updateCycle: 'now' }), ['/updateCycle unknown_code']],
    [
      'an unknown category of a format',
      sampleContent({ distributions: [{ format: 'CSV', formatCategory: 'x' }] }),
      ['/distributions/0/formatCategory unknown_code'],
    ],
    ['an unknown grade of an item', withItem({ grade: 'x' }), ['/items/0/grade unknown_code']],
    ['an unknown type of an item', withItem({ dataType: 'x' }), ['/items/0/dataType unknown_code']],
    [
      'not shared without citation',
      sampleContent({ sharingType: 'not_shared' }),
      ['/refusalBasis citation_required'],
    ],
    [
      'not shared with an excuse',
      sampleContent({ sharingType: 'not_shared', refusalBasis: '保密' }),
      ['/refusalBasis citation_required'],
    ],
    [
      'not shared with a citation',
      sampleContent({ sharingType: 'not_shared', refusalBasis: '保守国家秘密法第九条' }),
      [],
    ],
    [
      'an item not shared without citation',
      withItem({ sharingType: 'not_shared' }),
      ['/items/0/refusalBasis citation_required'],
    ],
    [
      'an item under the citation of its entry',
      sampleContent({
        sharingType: 'not_shared',
        refusalBasis: 'Secrets Act, section 9',
        items: [{ name: 'a', sharingType: 'not_shared' }],
      }),
      [],
    ],
    [
      'a citation of an entry that is shared does not cover an item',
      sampleContent({
        refusalBasis: 'Secrets Act, section 9',
        items: [{ name: 'a', sharingType: 'not_shared' }],
      }),
      ['/items/0/refusalBasis citation_required'],
    ],
    [
      'conditional without condition',
      sampleContent({ sharingType: 'conditional' }),
      ['/sharingCondition condition_required'],
    ],
    [
      'a condition of one’s own',
      sampleContent({ sharingType: 'conditional', sharingCondition: 'if we like you' }),
      ['/sharingCondition unknown_code'],
    ],
    [
      'conditional opening without condition',
      sampleContent({ openType: 'conditional' }),
      ['/openCondition condition_required'],
    ],
    [
      'an item code twice',
      sampleContent({ items: [{ name: 'a', code: '1' }, { name: 'b' }, { name: 'c', code: '1' }] }),
      ['/items/2/code unique'],
    ],
    [
      'a period that ends before it begins',
      sampleContent({ temporalStart: '2024-02-01', temporalEnd: '2024-01-31' }),
      ['/temporalEnd order'],
    ],
    ['the year 0', sampleContent({ issued: '0000-01-01' }), ['/issued year']],
    ['the year 3000', sampleContent({ modified: '3000-01-01T00:00:00Z' }), ['/modified year']],
    ['30 February', sampleContent({ issued: '2024-02-30' }), ['/issued format']],
    ['a leap second', sampleContent({ modified: '2016-12-31T23:59:60Z' }), ['/modified date']],
    [
      'a date of a file',
      sampleContent({ distributions: [{ issued: '0001-01-01' }] }),
      ['/distributions/0/issued year'],
    ],
    [
      'a resource code of another form',
      sampleContent({ resourceCode: ['x'] }),
      ['/resourceCode/0 resource_code'],
    ],
    [
      'a resource code of a classification the entry does not have',
      sampleContent({ classification: ['B02'], resourceCode: ['B01/000001'] }),
      ['/resourceCode/0 classification_mismatch'],
    ],
    [
      'a resource code with its classification',
      sampleContent({ classification: ['B01'], resourceCode: ['B01/000001'] }),
      [],
    ],
    [
      'an address that is a script',
      sampleContent({ landingPage: 'javascript:alert(1)' }),
      ['/landingPage pattern'],
    ],
    [
      'a related entry without a name',
      sampleContent({ related: [{ kind: 'related' }] }),
      ['/related/0 required'],
    ],
    [
      'related to itself',
      sampleContent({ related: [{ kind: 'related', uid: self.toUpperCase() }] }),
      ['/related/0/uid itself'],
    ],
    [
      'no language tag',
      sampleContent({ translations: { 不: { title: 'a' } } }),
      ['/translations/不 unknown_member', '/translations/不 language'],
    ],
    ['an unknown extension field', sampleContent({ extension: { x: 1 } }), ['/extension/x unknown_field']],
    [
      'an extension field of another type',
      sampleContent({ extension: { recordCount: 'many' } }),
      ['/extension/recordCount type'],
    ],
    [
      'a code of an extension field',
      sampleContent({ extension: { secrecy: 'x' } }),
      ['/extension/secrecy unknown_code'],
    ],
    [
      'a date of an extension field',
      sampleContent({ extension: { mountedAt: '2024-13-01' } }),
      ['/extension/mountedAt type'],
    ],
    [
      'an extension text too long',
      sampleContent({ extension: { leastUnit: 'x'.repeat(201) } }),
      ['/extension/leastUnit maxLength'],
    ],
    ['a precision that fits no column', withItem({ precision: 1e9 }), ['/items/0/precision maximum']],
    [
      '35,000 keywords',
      sampleContent({ keyword: Array.from({ length: 35_000 }, (_, i) => `k${i}`) }),
      ['/keyword maxItems'],
    ],
    [
      '8,000 distributions',
      sampleContent({ distributions: Array(8_000).fill({ format: 'CSV' }) }),
      ['/distributions maxItems'],
    ],
  ])('%s', (_, content, expected) => {
    expect(faultsOf(content, { uid: self }).sort()).toEqual(expected.sort())
  })

  test('all of them at once, each with a remedy', () => {
    const { faults } = validateDataset(
      sampleContent({
        title: '',
        sharingType: 'not_shared',
        theme: ['x', 'y'],
        items: [{ code: 1 }, {}],
        issued: 'soon',
      }),
      profile,
    )
    expect(faults.map((f) => f.path).sort()).toEqual(
      [
        '/issued',
        '/items/0/code',
        '/items/0/name',
        '/items/1/name',
        '/refusalBasis',
        '/theme/0',
        '/theme/1',
        '/title',
      ].sort(),
    )
    expect(faults.every((f) => f.message.length > 5 && (f.remedy?.length ?? 0) > 3)).toBe(true)
  })

  test('a required field of the profile', () => {
    const asking: Profile = {
      ...profile,
      extensionFields: [
        { name: 'unit', label: { en: 'Unit' }, type: 'string', required: true, evidence: 'design' },
      ],
    }
    expect(validateDataset(sampleContent(), asking).faults).toMatchObject([
      { path: '/extension/unit', rule: 'required' },
    ])
  })

  test('one mistake made 2,000 times is told in bounds', () => {
    const faults = faultsOf(
      sampleContent({ items: Array.from({ length: 2_000 }, () => ({ name: 'a', grade: 'x' })) }),
    )
    expect(faults).toHaveLength(maxFaults)
    expect(faults.at(-1)).toBe(' more_faults')
  })
})

describe('hostile input', () => {
  const anyText = fc.string({ unit: 'binary', maxLength: 30 })
  const hostile = fc.oneof(
    anyText,
    fc.constantFrom(
      '\u0000',
      '\ud800',
      '\udc00x',
      '\u202e',
      '\ufeff',
      'a'.repeat(600),
      '<script>',
      "'; drop table x",
      '=1+1',
    ),
  )

  test('any JSON: never throws, and what it accepts is tidy', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const { content, faults } = validateDataset(value, profile)
        expect(content === null).toBe(faults.length > 0)
      }),
      { numRuns: 500 },
    )
  })

  test('any texts in any member: accepted ones hold no character that cannot be stored', () => {
    const members = fc.record(
      {
        title: hostile,
        abstract: hostile,
        keyword: fc.array(hostile, { maxLength: 5 }),
        duty: hostile,
        spatial: fc.array(hostile, { maxLength: 3 }),
        items: fc.array(fc.record({ name: hostile, description: hostile, code: hostile }), { maxLength: 4 }),
        translations: fc.dictionary(hostile, fc.record({ title: hostile })),
        extension: fc.dictionary(hostile, hostile),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(members, (more) => {
        const { content } = validateDataset(sampleContent(more), profile)
        if (content) expect(JSON.stringify(content)).not.toMatch(/\\u0000|\\ud[89a-f]/i)
      }),
      { numRuns: 500 },
    )
  })

  test('tidying twice is tidying once', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), fc.array(hostile), (value, keyword) => {
        const once = tidyDataset({ value, keyword, abstract: keyword.join('\n') }).value
        expect(tidyDataset(once).value).toEqual(once)
      }),
      { numRuns: 500 },
    )
  })

  test('a 50 MB title and nesting 100,000 deep are faults like any other', () => {
    expect(faultsOf(sampleContent({ title: 'x'.repeat(50_000_000) }))).toEqual(['/title maxLength'])
    const deep = JSON.parse(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`)
    expect(faultsOf(sampleContent({ contact: deep }))).toContain('/contact/a unknown_member')
  })
})
