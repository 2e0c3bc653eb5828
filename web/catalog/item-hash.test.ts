import { describe, expect, it } from 'vitest'
import type { Item } from './api.ts'
import { itemHash } from './item-hash.ts'

const items = [
  { name: '户籍地址', translations: { en: { name: 'household address' } } },
  { name: 'Surface 100%', translations: null },
] as unknown as Item[]
const hashOf = (name: string) => `item-${encodeURIComponent(name)}`

describe('the address of an item', () => {
  it('leads to the row from the name as written and from a translation', () => {
    expect(itemHash(items, hashOf('户籍地址'))).toBe(hashOf('户籍地址'))
    expect(itemHash(items, hashOf('Household address'))).toBe(hashOf('户籍地址'))
    expect(itemHash(items, hashOf('Surface 100%'))).toBe(hashOf('Surface 100%'))
  })

  it('leads nowhere for other names and broken addresses', () => {
    expect(itemHash(items, hashOf('birth date'))).toBeUndefined()
    expect(itemHash(items, 'item-%E6%9')).toBeUndefined()
    expect(itemHash(items, 'section-basics')).toBeUndefined()
  })
})
