import { compareNames } from './collation.ts'
import { documentLimits, type IndexDocument, packedFacets, staticScore } from './document.ts'
import type { Section, SegmentHeader } from './segment-file.ts'

/** A typed array that grows. */
function createColumn() {
  let data = new Uint32Array(1024)
  let length = 0
  return {
    push(value: number) {
      if (length === data.length) {
        const grown = new Uint32Array(length * 2)
        grown.set(data)
        data = grown
      }
      data[length++] = value
    },
    at: (i: number) => data[i]!,
    inOrder(order: Uint32Array): Uint32Array {
      const out = new Uint32Array(order.length)
      for (let i = 0; i < order.length; i++) out[i] = data[order[i]!]!
      return out
    },
  }
}

/** Numbers 0 … n − 1 sorted by `key` ascending, equal ones in their present order; keys are integers below 2^32. */
function argsort(n: number, key: (i: number) => number): Uint32Array {
  // Two integers in one double: 32 bits of key and 20 of place leave no doubt up to 2^20 entries a segment.
  const packed = new Float64Array(n)
  for (let i = 0; i < n; i++) packed[i] = key(i) * 1048576 + i
  packed.sort()
  const order = new Uint32Array(n)
  for (let i = 0; i < n; i++) order[i] = packed[i]! % 1048576
  return order
}

const maxKey = 0xffffffff

/** FNV-1a over UTF-16 units: finds entries by their exact title; a chance hit is compared with the text. */
export function titleHash(title: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < title.length; i++) hash = Math.imul(hash ^ title.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

/** The plain columns of a segment and its orders. */
export function createRows() {
  const ids = createColumn()
  const versions = createColumn()
  const scores = createColumn()
  const updated = createColumn()
  const uses = createColumn()
  const places = createColumn()
  const changed = createMoments()
  const created = createMoments()
  const uidHigh = createColumn()
  const uidLow = createColumn()
  const titles: string[] = []
  const hashes: { hash: number; arrival: number }[] = []
  return {
    get length() {
      return titles.length
    },
    add(document: IndexDocument, folded: string[], place: number) {
      const arrival = titles.length
      if (arrival > 0 && document.id <= ids.at(arrival - 1))
        throw new Error(`Entry ${document.id} came out of order`)
      ids.push(document.id)
      versions.push(document.version)
      scores.push(staticScore(document.quality, document.useCount))
      updated.push(Math.min(maxKey, Math.max(0, Math.floor(document.updated))))
      uses.push(Math.min(maxKey, Math.max(0, document.useCount)))
      places.push(place)
      changed.push(document.changedMs)
      created.push(document.createdMs)
      uidHigh.push(Number.parseInt(document.uid.slice(0, 8), 16))
      uidLow.push(Number.parseInt(document.uid.slice(9, 13) + document.uid.slice(14, 18), 16))
      titles.push(folded[0] ?? '')
      for (const hash of new Set(folded.map(titleHash))) hashes.push({ hash, arrival })
    },
    /** Arrival numbers by falling score, then rising id: the numbering of the segment. */
    order: () => argsort(titles.length, (i) => 65535 - scores.at(i)),
    columns(order: Uint32Array): Record<string, Section> {
      const n = order.length
      const rankOf = new Uint32Array(n)
      for (let rank = 0; rank < n; rank++) rankOf[order[rank]!] = rank
      const id = ids.inOrder(order)
      const updatedInOrder = updated.inOrder(order)
      const usesInOrder = uses.inOrder(order)
      const [changedSeconds, changedMs] = changed.inOrder(order)
      const [createdSeconds, createdMs] = created.inOrder(order)
      const high = uidHigh.inOrder(order)
      const low = uidLow.inOrder(order)
      const byName = Array.from(order, (arrival, rank) => ({ title: titles[arrival]!, rank, id: id[rank]! }))
      byName.sort((a, b) => compareNames(a.title, b.title) || a.id - b.id)
      const byHash = argsort(hashes.length, (i) => hashes[i]!.hash)
      return {
        id,
        // Arrival is by id.
        byId: rankOf,
        version: versions.inOrder(order),
        score: Uint16Array.from(scores.inOrder(order)),
        updated: updatedInOrder,
        use: usesInOrder,
        textPlace: places.inOrder(order),
        byName: Uint32Array.from(byName, (e) => e.rank),
        byUpdated: newestFirst(n, updatedInOrder, id),
        byUse: newestFirst(n, usesInOrder, id),
        changed: changedSeconds,
        changedMs,
        byChanged: sortedBy(n, [changedSeconds, changedMs].map(falling), id),
        created: createdSeconds,
        createdMs,
        uidHigh: high,
        uidLow: low,
        byUid: sortedBy(n, [high, low], id),
        titleHash: Uint32Array.from(byHash, (i) => hashes[i]!.hash),
        titleHashDocument: Uint32Array.from(byHash, (i) => rankOf[hashes[i]!.arrival]!),
      }
    },
  }
}

/** Documents by falling value, then rising id. */
const newestFirst = (n: number, values: Uint32Array, id: Uint32Array) => sortedBy(n, [falling(values)], id)

const falling = (values: Uint32Array | Uint16Array) => Uint32Array.from(values, (v) => maxKey - v)

/** Documents by rising keys, the first key first, then rising id. */
function sortedBy(n: number, keys: Uint32Array[], id: Uint32Array): Uint32Array {
  let order = argsort(n, (i) => id[i]!)
  for (const key of keys.toReversed()) {
    const before = order
    order = argsort(n, (i) => key[before[i]!]!).map((i) => before[i]!)
  }
  return order
}

/** A column of moments: seconds, and the milliseconds beyond. */
function createMoments() {
  const seconds = createColumn()
  const rest = createColumn()
  return {
    push(ms: number) {
      const held = Math.min(maxKey * 1000, Math.max(0, Math.floor(ms)))
      seconds.push(Math.floor(held / 1000))
      rest.push(held % 1000)
    },
    inOrder: (order: Uint32Array): [Uint32Array, Uint16Array] => [
      seconds.inOrder(order),
      Uint16Array.from(rest.inOrder(order)),
    ],
  }
}

/** Facet columns: the body, the packed facets, and the sets of themes and formats, each by local number. */
export function createFacetColumns() {
  const bodies = new Map<number, number>()
  const body = createColumn()
  const combos = new Map<string, number>()
  const combo = createColumn()
  const sets = new Map<string, number>()
  const set = createColumn()
  const values = packedFacets.map(() => new Map<string, number>())
  const themeSets = new Map<string, number>()
  const formatSets = new Map<string, number>()

  const numberOf = <K>(map: Map<K, number>, key: K) => {
    let number = map.get(key)
    if (number === undefined) {
      number = map.size
      map.set(key, number)
    }
    return number
  }
  const setKey = (items: string[], limit: number) => [...new Set(items)].slice(0, limit).sort().join('\n')
  const toSets = (map: Map<string, number>) =>
    [...map.keys()].map((key) => (key === '' ? [] : key.split('\n')))
  const pairs = (map: Map<string, number>) =>
    Uint32Array.from([...map.keys()].flatMap((key) => key.split(',').map(Number)))

  return {
    /** Distinct numbers in the fullest column. */
    get largest() {
      return Math.max(bodies.size, combos.size, sets.size)
    },
    add(document: IndexDocument) {
      body.push(numberOf(bodies, document.bodyId))
      const packed = packedFacets.map((facet, i) => numberOf(values[i]!, document[facet]))
      combo.push(numberOf(combos, packed.join(',')))
      const theme = numberOf(themeSets, setKey(document.themes, documentLimits.themes))
      const format = numberOf(formatSets, setKey(document.formats, documentLimits.formats))
      set.push(numberOf(sets, `${theme},${format}`))
    },
    columns: (order: Uint32Array): Record<string, Section> => ({
      body: Uint16Array.from(body.inOrder(order)),
      bodyIds: Uint32Array.from(bodies.keys()),
      combo: Uint16Array.from(combo.inOrder(order)),
      comboValues: pairs(combos),
      set: Uint16Array.from(set.inOrder(order)),
      setPairs: pairs(sets),
    }),
    values: (): Pick<SegmentHeader, 'values' | 'themeSets' | 'formatSets'> => ({
      values: Object.fromEntries(
        packedFacets.map((facet, i) => [facet, [...values[i]!.keys()]]),
      ) as SegmentHeader['values'],
      themeSets: toSets(themeSets),
      formatSets: toSets(formatSets),
    }),
  }
}
