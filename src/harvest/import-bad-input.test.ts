import { describe, expect, test } from 'vitest'
import { ckan, importKit, packages, rulesOf } from '../../test/support/import-kit.ts'

const { load, write, query, path } = importKit()

const itemsOf = (source: string) =>
  query(
    `select i.* from catalog.item i join catalog.dataset d on d.id = i.dataset_id where d.source = $1
     order by i.dataset_id, i.ordinal`,
    [source],
  )

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
    expect(result.records.find((r) => r.outcome === 'rejected')!.place).toBe('/results/3 line 1')
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
    const result = await load(write('script.json', ckan([record, { ...record, id: 'x' }])), {
      format: 'ckan',
    })
    expect(result).toMatchObject({ state: 'done', added: 2, rejected: 0 })
    for (const row of await query(
      `select title, abstract, keyword, spatial, license, contact, distributions, landing_page
       from catalog.dataset where source = 'script'`,
    ))
      expect(row).toEqual({
        title: `T ${script}`,
        abstract: 'N',
        keyword: [script],
        spatial: [script],
        license: script,
        contact: { name: script, email: script },
        distributions: [{ title: script, format: script, mediaType: script }],
        landing_page: null,
      })
    const told = 'update_cycle url url'
    expect(rulesOf(result.records, 'added')).toEqual([told, told])
  })

  test('HTML and script in every text of an item stay text', async () => {
    const script = '<script>alert(1)</script><img src=x onerror=alert(1)>'
    const item = {
      code: '<b>1</b>',
      name: script,
      description: script,
      translations: { en: { name: script, description: script } },
      refusalBasis: script,
      openCondition: script,
      sourceItem: script,
    }
    const entry = {
      title: `T ${script}`,
      sharingType: 'unconditional',
      openType: 'unconditional',
      updateCycle: 'irregular',
    }
    const file = write(
      'items.jsonl',
      JSON.stringify({ id: script, ...entry, items: [item, { name: '"><svg onload=alert(1)>' }] }),
    )
    expect(await load(file, { format: 'jsonl' })).toMatchObject({ state: 'done', added: 1, rejected: 0 })
    const [first, second] = await itemsOf('items')
    expect(first).toMatchObject({
      code: item.code,
      name: script,
      description: script,
      translations: item.translations,
      refusal_basis: script,
      open_condition: script,
      source_item: script,
    })
    expect(second).toMatchObject({ name: '"><svg onload=alert(1)>' })
    const table = write('items-csv.csv', `id,title,columns\n1,T,"${script}、甲、乙、丙"\n`)
    const mapping = write(
      'items-mapping.json',
      JSON.stringify({
        name: 'items-csv',
        format: 'csv',
        identifier: { from: 'id' },
        fields: {
          title: { from: 'title' },
          items: { from: 'columns', steps: [{ split: '、' }, { itemList: {} }] },
        },
      }),
    )
    expect(await load(table, { mapping })).toMatchObject({ state: 'done', added: 1, rejected: 0 })
    expect((await itemsOf('items-csv')).map((item) => item.name)).toEqual([script, '甲', '乙', '丙'])
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
    await expect(load(path('none.json'), { format: 'ckan' })).rejects.toThrow('cannot be read')
    await expect(load(file, { format: 'word' })).rejects.toThrow('not known')
    await expect(load(write('x.csv', 'a,b\n1,2\n'), { format: 'csv' })).rejects.toThrow(
      'No column of the file looks like a title',
    )
    await expect(
      load(write('x.json', '[]'), { format: 'ckan', body: 'nobody' }).then((r) => r.error?.message),
    ).resolves.toContain('No body has the code nobody')
  })
})
