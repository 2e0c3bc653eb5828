import { describe, expect, it } from 'vitest'
import { tableSort } from './table-sort.ts'

const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name)
const extra = { action: 'sort' as const, currentDataSource: [] }

describe('sorting of a table', () => {
  it('is offered only where the whole list is here', () => {
    const part = tableSort<{ name: string }>('name', false, () => {})
    expect(part.by('name', byName)).toEqual({})
    const whole = tableSort<{ name: string }>('-name', true, () => {})
    expect(whole.by('name', byName)).toEqual({ sorter: byName, sortOrder: 'descend' })
    expect(whole.by('body', byName)).toEqual({ sorter: byName, sortOrder: null })
  })

  it('goes to the address and comes off it', () => {
    const told: (string | undefined)[] = []
    const sort = tableSort<{ name: string }>(undefined, true, (next) => told.push(next))
    sort.onChange?.({}, {}, { columnKey: 'name', order: 'ascend' }, extra)
    sort.onChange?.({}, {}, { columnKey: 'name', order: 'descend' }, extra)
    sort.onChange?.({}, {}, { columnKey: 'name', order: undefined }, extra)
    expect(told).toEqual(['name', '-name', undefined])
  })
})
