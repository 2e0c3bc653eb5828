import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sampleContent } from '../../test/support/catalog-app.ts'
import type { DatasetContent } from './dataset.schema.ts'
import { diffContents } from './version-diff.ts'

const content = (more: Record<string, unknown>) => sampleContent(more) as unknown as DatasetContent
const diff = (before: Record<string, unknown>, after: Record<string, unknown>) =>
  diffContents(content(before), content(after)).map((d) => `${d.kind} ${d.path}`)

test('nothing changed', () => {
  expect(diff({}, {})).toEqual([])
})
test('members added, removed, changed', () => {
  expect(diff({ title: 'A', duty: 'x' }, { title: 'B', license: 'CC0' })).toEqual([
    'changed /title',
    'removed /duty',
    'added /license',
  ])
})
test('items in another order are no difference', () => {
  const items = [{ code: '1', name: 'a' }, { code: '2', name: 'b' }, { name: 'c' }, { name: 'c', length: 5 }]
  expect(diff({ items }, { items: [items[2], items[3], items[1], items[0]] })).toEqual([])
})
test('an item is matched by code, so that a new name is a change of the name', () => {
  const before = { items: [{ code: '1', name: 'a' }, { name: 'b' }, { code: '3', name: 'gone' }] }
  const after = { items: [{ name: 'b', grade: 'core' }, { code: '1', name: 'z' }, { name: 'new/~' }] }
  expect(diff(before, after)).toEqual([
    'removed /items/3',
    'added /items/b/grade',
    'changed /items/1/name',
    'added /items/new~1~0',
  ])
})
test('words are compared as sets, files by their address, translations member by member', () => {
  expect(diff({ keyword: ['a', 'b'] }, { keyword: ['b', 'c'] })).toEqual([
    'removed /keyword/a',
    'added /keyword/c',
  ])
  const file = { title: 'CSV', accessUrl: 'https://x.org/a/b' }
  expect(diff({ distributions: [file] }, { distributions: [{ ...file, title: 'Table' }] })).toEqual([
    'changed /distributions/https:~1~1x.org~1a~1b/title',
  ])
  expect(diff({ translations: { zh: { title: 'a' } } }, { translations: { zh: { title: 'b' } } })).toEqual([
    'changed /translations/zh/title',
  ])
  expect(diff({ items: undefined }, {})).toHaveLength(2)
})
test('a content differs from itself in nothing, whatever the order of its items', () => {
  const items = fc.array(
    fc.record(
      { name: fc.string({ maxLength: 3 }), code: fc.string({ maxLength: 2 }) },
      { requiredKeys: ['name'] },
    ),
    { maxLength: 8 },
  )
  fc.assert(
    fc.property(items, (list) => {
      expect(diff({ items: list }, { items: structuredClone(list) })).toEqual([])
    }),
  )
})
