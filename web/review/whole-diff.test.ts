import { describe, expect, it } from 'vitest'
import type { DatasetContent } from '../catalog/api.ts'
import { compareWhole, differingPart, isSame } from './whole-diff.ts'

const content = (more: Partial<DatasetContent> = {}): DatasetContent => ({
  body: 'b',
  title: 'Roads',
  sharingType: 'unconditional',
  openType: 'not_open',
  updateCycle: 'monthly',
  ...more,
})

describe('two contents side by side', () => {
  it('names what changed and keeps what did not', () => {
    const before = content({
      items: [{ code: '1', name: 'length' }, { code: '2', name: 'width' }, { name: 'gone' }],
    })
    const after = content({
      title: 'All roads',
      items: [
        { code: '2', name: 'breadth', grade: 'general_1' },
        { code: '1', name: 'length' },
        { name: 'surface' },
      ],
    })
    const blocks = compareWhole(before, after)
    expect(blocks.map((b) => [b.list, b.name, b.kind])).toEqual([
      ['', '', 'changed'],
      ['items', 'breadth', 'changed'],
      ['items', 'length', 'same'],
      ['items', 'surface', 'added'],
      ['items', 'gone', 'removed'],
    ])
    expect(blocks[0]!.pairs.filter((p) => p.changed)).toEqual([
      { member: 'title', before: 'Roads', after: 'All roads', changed: true },
    ])
    expect(blocks[1]!.pairs.filter((p) => p.changed).map((p) => p.member)).toEqual(['name', 'grade'])
  })
  it('takes everything of a new entry for new', () => {
    const blocks = compareWhole(null, content({ items: [{ name: 'length' }] }))
    expect(blocks.map((b) => b.kind)).toEqual(['added', 'added'])
  })
  it('does not take another order of members, or nothing in another form, for a change', () => {
    expect(isSame({ a: 1, b: [1, 2] }, { b: [1, 2], a: 1, c: null })).toBe(true)
    expect(isSame([1, 2], [2, 1])).toBe(false)
    expect(isSame({ a: 0 }, { a: null })).toBe(false)
  })
})

it('finds where two texts differ', () => {
  expect(differingPart('every road', 'every long road')).toEqual({ start: 6, end: 6 })
  expect(differingPart('aaa', 'aa')).toEqual({ start: 2, end: 3 })
  expect(differingPart('', 'new')).toEqual({ start: 0, end: 0 })
})
