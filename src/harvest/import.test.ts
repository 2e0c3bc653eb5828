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
