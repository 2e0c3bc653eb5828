import { writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ckan, importKit, packages } from '../../test/support/import-kit.ts'

const { load, write, query } = importKit()

test('drafts, and a change afterwards', async () => {
  const file = write('draft.json', ckan(packages(2)))
  await load(file, { format: 'ckan', draft: true })
  expect(await query(`select distinct state from catalog.dataset where source = 'draft'`)).toEqual([
    { state: 'draft' },
  ])
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

test('what is assumed about sharing is told with its count, each time a run ends', async () => {
  const file = write('lists.csv', 'id,title,sharing\n1,A,unconditional\n2,B,\n3,,\n4,D,\n')
  const mapping = write(
    'lists.json',
    JSON.stringify({
      name: 'lists',
      format: 'csv',
      identifier: { from: 'id' },
      fields: { title: { from: 'title' }, sharingType: { from: 'sharing' } },
      defaults: { openType: 'unconditional' },
    }),
  )
  for (const added of [3, 0]) {
    const result = await load(file, { mapping })
    expect(result).toMatchObject({ state: 'done', added, rejected: 1 })
    const notes = result.records.filter((r) => r.outcome === 'note')
    expect(notes).toHaveLength(1)
    expect(notes[0]!.faults).toMatchObject([
      {
        path: '/sharingType',
        rule: 'sharing_assumed',
        remedy: expect.stringContaining('defaults.sharingType'),
      },
    ])
    expect(notes[0]!.faults[0]!.message).toMatch(
      /^[23] records do not say the sharingType; "conditional" is taken$/,
    )
  }
  expect(
    await query(
      `select source_id, sharing_type, sharing_condition from catalog.dataset where source = 'lists' order by source_id`,
    ),
  ).toEqual([
    { source_id: '1', sharing_type: 'unconditional', sharing_condition: null },
    { source_id: '2', sharing_type: 'conditional', sharing_condition: 'by_agreement' },
    { source_id: '4', sharing_type: 'conditional', sharing_condition: 'by_agreement' },
  ])
})

test('data that is not public at its source is never shared unconditionally', async () => {
  const one = (identifier: string, accessLevel?: string) => ({
    identifier,
    title: identifier,
    description: 'D',
    publisher: { name: 'P' },
    contactPoint: { fn: 'C', hasEmail: 'mailto:c@a.example' },
    accessLevel,
  })
  const list = [
    one('a', 'public'),
    one('b', 'restricted public'),
    one('c', 'non-public'),
    one('d'),
    one('e', 'other'),
  ]
  const result = await load(write('levels.json', JSON.stringify({ dataset: list })), { format: 'dcat-us' })
  expect(result).toMatchObject({ state: 'done', added: 5, rejected: 0 })
  const rows = await query(
    `select source_id || ' ' || sharing_type || ' ' || coalesce(sharing_condition, '') || ' ' || open_type as t
     from catalog.dataset where source = 'levels' order by source_id`,
  )
  expect(rows.map((r) => r.t)).toEqual([
    'a unconditional  unconditional',
    'b conditional by_agreement conditional',
    'c conditional by_agreement not_open',
    'd conditional by_agreement not_open',
    'e conditional by_agreement not_open',
  ])
})
