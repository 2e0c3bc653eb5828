import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { importKit, rulesOf } from '../../test/support/import-kit.ts'

const shared =
  process.env.CONCORD_SHARED_DATA ?? fileURLToPath(new URL('../../../shared/data', import.meta.url))
const missing = ['negative', 'real'].map((name) => join(shared, name)).find((folder) => !existsSync(folder))

const { load } = importKit()

// Skipped as a whole and by name, so that a machine without the files does not look as if it had tried them.
describe.skipIf(missing !== undefined)(
  missing ? `shared files: SKIPPED, ${missing} is not there` : 'shared files',
  () => {
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
      // Version 3.0 has no accessLevel: what is assumed instead is told once for the file.
      const assumed = name.startsWith('dcatus3_0') && added > 0 ? ['sharing_assumed sharing_assumed'] : []
      expect(rulesOf(result.records, 'note')).toEqual([...notes, ...assumed])
      expect(rulesOf(result.records, 'added').filter(Boolean)).toEqual(warnings)
      for (const r of result.records) if (r.place) expect(r.place).toMatch(/^\/.+ line \d+$/)
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
  },
)
