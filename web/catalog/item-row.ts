import type { Item } from './api.ts'

const begin = 'item-'
const folded = (name: string) => name.normalize('NFKC').toLowerCase()

/** Every name of an item: as it was written and in its translations. */
const namesOf = (item: Item): string[] => [
  item.name,
  ...Object.values(item.translations ?? {}).flatMap((one) => {
    const name = (one as { name?: unknown } | null)?.name
    return typeof name === 'string' ? [name] : []
  }),
]

/** The name in a hash, whether a router has decoded it or not. */
function nameIn(hash: string): string {
  const name = hash.slice(begin.length)
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

/** The id of the row that a hash such as `item-household address` means; undefined where no item has the name. */
export function itemRow(items: readonly Item[], hash: string): string | undefined {
  if (!hash.startsWith(begin)) return undefined
  const name = nameIn(hash)
  const item =
    items.find((one) => one.name === name) ??
    items.find((one) => namesOf(one).some((own) => folded(own) === folded(name)))
  return item && `${begin}${encodeURIComponent(item.name)}`
}
