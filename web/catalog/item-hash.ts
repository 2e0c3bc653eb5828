import type { Item } from './api.ts'

const folded = (name: string) => name.normalize('NFKC').toLowerCase()

/** Every name of an item: as it was written and in its translations. */
const namesOf = (item: Item): string[] => [
  item.name,
  ...Object.values(item.translations ?? {}).flatMap((one) => {
    const name = (one as { name?: unknown } | null)?.name
    return typeof name === 'string' ? [name] : []
  }),
]

/** The hash of the row that a hash such as `item-household%20address` means; undefined where no item has the name. */
export function itemHash(items: readonly Item[], hash: string): string | undefined {
  if (!hash.startsWith('item-')) return undefined
  let name: string
  try {
    name = decodeURIComponent(hash.slice('item-'.length))
  } catch {
    return undefined
  }
  const item =
    items.find((one) => one.name === name) ??
    items.find((one) => namesOf(one).some((own) => folded(own) === folded(name)))
  return item && `item-${encodeURIComponent(item.name)}`
}
