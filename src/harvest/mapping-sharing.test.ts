import { describe, expect, test } from 'vitest'
import { validateDataset } from '../catalog/index.ts'
import { loadProfile } from '../platform/profile.ts'
import { checkMapping, compileMapping, formatMapping } from './mapping.ts'

const dataset = (more: object) => ({
  identifier: 'i',
  title: 'T',
  description: 'D',
  publisher: { name: 'P' },
  contactPoint: { fn: 'C', hasEmail: 'mailto:c@a.example' },
  ...more,
})
const mapDataset = (more: object) => compileMapping(formatMapping('dcat-us'))(dataset(more))

describe('DCAT-US', () => {
  test.each<[string, object, object]>([
    ['public', { accessLevel: 'public' }, { sharingType: 'unconditional', openType: 'unconditional' }],
    [
      'restricted public',
      { accessLevel: 'restricted public', rights: 'Registered researchers only.' },
      {
        sharingType: 'conditional',
        sharingCondition: 'by_agreement',
        sharingScope: 'Registered researchers only.',
        openType: 'conditional',
        openCondition: 'Registered researchers only.',
      },
    ],
    [
      'non-public',
      { accessLevel: 'Non-Public' },
      {
        sharingType: 'conditional',
        sharingCondition: 'by_agreement',
        sharingScope: 'Its source says "non-public"; ask the contact.',
        openType: 'not_open',
      },
    ],
    [
      'an address of the EU list',
      { accessRights: 'http://publications.europa.eu/resource/authority/access-right/NON_PUBLIC' },
      { sharingType: 'conditional', sharingCondition: 'by_agreement', openType: 'not_open' },
    ],
  ])('%s', (_name, more, expected) => {
    const record = mapDataset(more)
    expect(record.content).toMatchObject(expected)
    expect(record).toMatchObject({ warnings: [], faults: [] })
    expect(record.assumed).toBeUndefined()
    for (const profile of ['neutral', 'cn'])
      expect(validateDataset({ ...record.content, body: 'b' }, loadProfile(profile)).faults).toEqual([])
  })

  test('a level not known counts as not public, with a warning', () => {
    const record = mapDataset({ accessLevel: 'secret' })
    expect(record.content).toMatchObject({ sharingType: 'conditional', openType: 'not_open' })
    expect(record.warnings.map((w) => w.rule)).toEqual(['access_level'])
  })
})

describe('where the source says nothing', () => {
  const careful = { sharingType: 'conditional', sharingCondition: 'by_agreement', openType: 'not_open' }
  const table = { name: 'x', format: 'csv', identifier: { from: 'id' }, fields: { title: { from: 'id' } } }

  test.each<[string, ReturnType<typeof mapDataset>, object]>([
    ['a DCAT-US record', mapDataset({}), careful],
    ['a row of a table', compileMapping(checkMapping(table))({ id: 'i' }), careful],
    [
      'an entry of its own form',
      compileMapping(formatMapping('jsonl'))({ id: 'i', title: 'T', sharingType: '' }),
      careful,
    ],
    [
      'a CKAN package, which everybody may take',
      compileMapping(formatMapping('ckan'))({ id: 'i', title: 'T' }),
      { sharingType: 'unconditional', openType: 'unconditional' },
    ],
  ])('%s: what is taken is remembered', (_name, record, taken) => {
    expect(record.content).toMatchObject(taken)
    expect(Object.keys(record.assumed!)).toEqual(['sharingType', 'openType'])
    expect(validateDataset({ ...record.content, body: 'b' }, loadProfile('neutral')).faults).toEqual([])
  })

  test('the mapping may say it; then nothing is assumed', () => {
    const defaults = { sharingType: 'unconditional', openType: 'unconditional' }
    const record = compileMapping(checkMapping({ ...table, defaults }))({ id: 'i' })
    expect(record.content).toMatchObject(defaults)
    expect(record.content).not.toHaveProperty('sharingCondition')
    expect(record.assumed).toBeUndefined()
  })
})
