import type { KnownName } from '../search/index.ts'
import { inChunks, type ReuseContext } from './context.ts'
import { compareNames, type Likeness, leastPart, sameFrom, similarFrom, weigh } from './item-compare.ts'
import { selectNamesByKey } from './item-name.queries.ts'
import type { ItemName } from './item-name.ts'
import { numberOf } from './item-number.ts'
import { nameVariants, shorterNames } from './item-variants.ts'

/** Names in the catalogue that are like the wanted ones. */

export interface NameMatch {
  known: KnownName
  likeness: Likeness
}

export interface NamesOfItem {
  wanted: ItemName
  /** The item of the report that the name stands for. */
  item: number
  /** Best first. */
  matches: NameMatch[]
}

/** Characters of a name that are compared in the index. */
export const indexedName = 120

/** Spellings looked up of a shorter name within the wanted one. */
const shorterVariants = 2
/** Longer names looked at for one wanted name, for each that is shown. */
const longerNames = 4

/**
 * For each name those that are like it, best first, at most `most`.
 * @param sameOnly leaves out names that only contain the wanted one or are part of it, which takes half the time
 */
export async function findLikeNames(
  ctx: ReuseContext,
  names: ItemName[],
  { most, sameOnly }: { most: number; sameOnly: boolean },
): Promise<NamesOfItem[]> {
  const asked = names.map((name) => toAsked(name, sameOnly))
  const all = [...new Set(asked.flatMap((a) => a.keys))]
  const spelled = await selectNamesByKey(
    ctx.db,
    all,
    asked.map((a) => a.base),
  )
  const wanted = asked.map(({ name, keys, base, shorter }) => {
    const texts = [
      ...nameVariants(name, ctx.words),
      ...shorter.flatMap((n) => nameVariants(n, ctx.words, shorterVariants)),
    ]
    const known = spelled.filter((s) => s.base === base || keys.includes(s.key))
    const exact = new Set([...texts, ...known.map((s) => ctx.read(s.name).folded)])
    return {
      exact: [...exact].map((text) => text.slice(0, indexedName)),
      // Whatever contains a name that says little has nothing to do with it.
      within: sameOnly || name.spaced.length < leastPart ? '' : name.spaced.slice(0, indexedName),
      most: most * longerNames,
    }
  })
  const found = await inChunks(wanted, (part) => ctx.port.names(part))
  return asked.map(({ name, keys }, i) => ({
    wanted: name,
    item: spelled.find((s) => s.key === keys[0])?.item ?? keys[0]!,
    matches: rank(ctx, name, found[i]!, sameOnly ? sameFrom : similarFrom).slice(0, most),
  }))
}

/** A name with the shorter names in it, and the numbers by which the report knows them; the name's own first. */
function toAsked(name: ItemName, sameOnly: boolean) {
  const shorter = sameOnly ? [] : shorterNames(name).filter((n) => weigh(n.terms) >= leastPart)
  return {
    name,
    shorter,
    keys: [name, ...shorter].map((n) => numberOf(n.key)),
    base: numberOf(name.base),
  }
}

function rank(ctx: ReuseContext, wanted: ItemName, found: KnownName[], from: number): NameMatch[] {
  return found
    .map((known) => ({ known, likeness: compareNames(wanted, ctx.read(known.name)) }))
    .filter(({ likeness }) => likeness.score >= from)
    .sort((a, b) => b.likeness.score - a.likeness.score || b.known.entries - a.known.entries)
}
