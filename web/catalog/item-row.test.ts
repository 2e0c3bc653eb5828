import { describe, expect, it } from 'vitest'
import type { Item } from './api.ts'
import { itemRow } from './item-row.ts'

const items = [
  { name: '户籍地址', translations: { en: { name: 'household address' } } },
  { name: 'Surface 100%', translations: null },
] as unknown as Item[]
const hashOf = (name: string) => `item-${encodeURIComponent(name)}`

describe('the row of an item', () => {
  it('leads to the row from the name as written and from a translation', () => {
    expect(itemRow(items, hashOf('户籍地址'))).toBe(hashOf('户籍地址'))
    expect(itemRow(items, hashOf('Household address'))).toBe(hashOf('户籍地址'))
    expect(itemRow(items, hashOf('Surface 100%'))).toBe(hashOf('Surface 100%'))
    // As the router gives it.
    expect(itemRow(items, 'item-household address')).toBe(hashOf('户籍地址'))
    expect(itemRow(items, 'item-Surface 100%')).toBe(hashOf('Surface 100%'))
  })

  it('leads nowhere for other names and broken addresses', () => {
    expect(itemRow(items, hashOf('birth date'))).toBeUndefined()
    expect(itemRow(items, 'item-%E6%9')).toBeUndefined()
    expect(itemRow(items, 'section-basics')).toBeUndefined()
  })
})
