import {
  type Bodies,
  bodiesWith,
  type CatalogContext,
  type HeldItem,
  readLatest,
  selectElementHolders,
  selectHeldItems,
} from '../catalog/index.ts'
import { normalise } from '../search/index.ts'
import { inChunks, type ReuseContext } from './context.ts'
import { sameFrom, similarFrom, withTypes } from './item-compare.ts'
import { type DuplicateSource, selectSources } from './item-name.queries.ts'
import type { ItemName } from './item-name.ts'
import { elementNumber } from './item-number.ts'
import { baseDatabases } from './profile-ranks.ts'
import type { ItemMatch, SimilarAnswer, SimilarItem, SimilarRequest, WantedItem } from './reuse.schema.ts'
import { findLikeNames, indexedName, type NameMatch, type NamesOfItem } from './similar-names.ts'
import { proposeSource, type RankedHolder, rankHolders, reportedSource, toHolder } from './source.ts'

/** Who already holds the same item, and why it is held to be the same. */

export interface SimilarOptions {
  /** Row id of the entry the items belong to: it does not find itself. */
  except?: number
  /** Only items that are the same, for checks of whole entries. */
  sameOnly?: boolean
}

/** Names shown for one item, and entries for each name; fewer where many items are asked for at once. */
const shown = { few: { names: 6, holders: 6 }, many: { names: 2, holders: 3 } }
/** More items than this are many. */
const fewItems = 10
/** Entries looked at that use one data element. */
const elementHolders = 200
/** Items of an entry that are looked through for the one that matched. */
const itemsPerEntry = 300

/** Holders of one name or of one data element, before they are read. */
interface Group {
  wanted: number
  name: NameMatch | undefined
  ids: number[]
  entries: number
  bodies: number
  exact: boolean
}

/** For each wanted item the names that are like it with their holders, best first, and the source proposed for it. */
export async function findSimilar(
  ctx: ReuseContext,
  wanted: WantedItem[],
  { except, sameOnly = false }: SimilarOptions = {},
): Promise<SimilarItem[]> {
  const size = wanted.length > fewItems || sameOnly ? shown.many : shown.few
  const names = wanted.map((item) => ctx.read(item.name))
  const like = await findLikeNames(ctx, names, { most: size.names, sameOnly })
  const numbers = wanted.map(({ dataElement }, i) =>
    dataElement ? elementNumber(dataElement) : like[i]!.item,
  )
  const [byName, byElement, sources] = await Promise.all([
    nameGroups(ctx, like, size.holders),
    elementGroups(ctx, wanted, size.holders),
    selectSources(ctx.db, numbers),
  ])
  const groups = [...withoutSeen(byElement, byName), ...byName]
  const ids = new Set([...groups.flatMap((g) => g.ids), ...sources.flatMap((s) => s.datasetId ?? [])])
  const items = new Map<number, HeldItem[]>()
  for (const item of await selectHeldItems(ctx.db, [...ids], itemsPerEntry))
    items.set(item.datasetId, [...(items.get(item.datasetId) ?? []), item])
  const bodies = await bodiesOf(ctx, [...items.values()].flat(), sources)
  const scene: Scene = { ctx, items, bodies, except }
  return wanted.map((item, i) => {
    const matches = groups.filter((g) => g.wanted === i).flatMap((group) => toMatch(scene, item, group) ?? [])
    matches.sort((a, b) => b.match.score - a.match.score || b.match.entries - a.match.entries)
    return toAnswer(
      scene,
      names[i]!,
      matches,
      sources.find((s) => s.item === numbers[i]),
    )
  })
}

/** The answer to a question about items, perhaps those of an entry. @throws not_found */
export async function similarOf(
  ctx: ReuseContext,
  catalog: CatalogContext,
  { items, dataset }: SimilarRequest,
): Promise<SimilarAnswer> {
  const began = performance.now()
  const except = dataset === undefined ? undefined : (await readLatest(ctx.db, catalog, dataset)).meta.id
  const found = await findSimilar(ctx, items, { except })
  return { tookMs: Math.round((performance.now() - began) * 10) / 10, items: found }
}

/** What the matches of all items are made of. */
interface Scene {
  ctx: ReuseContext
  items: Map<number, HeldItem[]>
  bodies: Bodies
  except: number | undefined
}

/** Every body that is named in the answer. */
function bodiesOf(ctx: ReuseContext, items: HeldItem[], sources: DuplicateSource[]): Promise<Bodies> {
  const ids = items.flatMap((i) => [i.organisationId, ...(i.sourceId === null ? [] : [i.sourceId])])
  return bodiesWith(ctx.db, [], [...ids, ...sources.map((s) => s.organisationId)])
}

/** Entries with the data element that were not found by the item's name already. */
function withoutSeen(byElement: Group[], byName: Group[]): Group[] {
  return byElement.flatMap((group) => {
    const seen = new Set(byName.filter((g) => g.wanted === group.wanted).flatMap((g) => g.ids))
    const ids = group.ids.filter((id) => !seen.has(id))
    return ids.length > 0 ? [{ ...group, ids }] : []
  })
}

async function elementGroups(ctx: ReuseContext, wanted: WantedItem[], most: number): Promise<Group[]> {
  const elements = [...new Set(wanted.flatMap((w) => w.dataElement ?? []))]
  const rows = await selectElementHolders(ctx.db, elements, elementHolders)
  return wanted.flatMap(({ dataElement }, i) => {
    const ids = [...new Set(rows.filter((r) => r.dataElement === dataElement).map((r) => r.datasetId))]
    if (!dataElement || ids.length === 0) return []
    const exact = ids.length < elementHolders
    return [{ wanted: i, name: undefined, ids: ids.slice(0, most), entries: ids.length, bodies: 0, exact }]
  })
}

async function nameGroups(ctx: ReuseContext, found: NamesOfItem[], most: number): Promise<Group[]> {
  const asked = found.flatMap(({ matches }, wanted) => matches.map((name) => ({ wanted, name })))
  const databases = baseDatabases(ctx.profile)
  const holders = await inChunks(asked, (part) =>
    ctx.port.holders(part.map(({ name }) => ({ names: [name.known.text], databases, most }))),
  )
  return asked.map((a, i) => ({ ...a, ...holders[i]!, entries: a.name.known.entries }))
}

interface Match {
  match: Omit<ItemMatch, 'holders'>
  holders: RankedHolder[]
}

/** A group with the items its entries hold; undefined where none is left or none is like the wanted one. */
function toMatch({ ctx, items, bodies, except }: Scene, wanted: WantedItem, group: Group): Match | undefined {
  const text = group.name?.known.text
  const holders = group.ids.flatMap((id): RankedHolder[] => {
    const held = items
      .get(id)
      ?.find((h) => (text === undefined ? h.dataElement === wanted.dataElement : isCalled(h, text)))
    if (!held || id === except) return []
    return [{ held, ...withTypes(group.name?.likeness ?? { score: 0, reasons: [] }, wanted, held) }]
  })
  const like = holders.filter((h) => h.score >= similarFrom)
  if (like.length === 0) return undefined
  const best = like.reduce((a, b) => (a.score >= b.score ? a : b))
  const self = except !== undefined && group.ids.includes(except) ? 1 : 0
  return {
    match: {
      name: group.name?.known.name ?? best.held.name,
      level: best.score >= sameFrom ? 'same' : 'similar',
      score: Math.round(best.score * 100) / 100,
      reasons: best.reasons,
      entries: Math.max(group.entries - self, like.length),
      bodies: Math.max(group.bodies, new Set(like.map((h) => h.held.organisationId)).size),
      bodiesExact: group.exact,
    },
    holders: rankHolders(ctx, like, bodies),
  }
}

/** Whether an item has this name, in any language, as the index folds it. */
function isCalled(held: HeldItem, text: string): boolean {
  const names = [held.name, ...Object.values(held.names ?? {}).flatMap((t) => t.name ?? [])]
  return names.some((name) => normalise(name).slice(0, indexedName) === text)
}

function toAnswer(
  { ctx, items, bodies }: Scene,
  name: ItemName,
  matches: Match[],
  report: DuplicateSource | undefined,
): SimilarItem {
  const same = matches.flatMap((m) => m.holders).filter((h) => h.score >= sameFrom)
  const entry = report?.datasetId ? items.get(report.datasetId) : undefined
  const named = entry?.find((h) => ctx.read(h.name).key === name.key) ?? entry?.[0]
  return {
    name: name.raw,
    key: name.key,
    level: same.length > 0 ? 'same' : matches.length > 0 ? 'similar' : 'none',
    matches: matches.map(({ match, holders }) => ({
      ...match,
      holders: holders.map((h) => toHolder(h, bodies)),
    })),
    source:
      same.length === 0
        ? null
        : report
          ? reportedSource(report, named, bodies)
          : proposeSource(ctx, same, bodies),
  }
}
