import {
  type CatalogContext,
  type Entry,
  type EntryHead,
  getEntries,
  getVisibleEntry,
  selectHeads,
  selectUid,
  selectUidsBetween,
} from '../../catalog/index.ts'
import { ConcordError } from '../../platform/errors.ts'
import type { Db } from '../../platform/postgres.ts'
import type { Profile } from '../../platform/profile.ts'
import { batched } from './batch.ts'
import { selectByNames, selectOwn, selectResourceOwner } from './ckan.queries.ts'
import { notFound } from './errors.ts'
import { type Groups, groupsOf } from './group.ts'
import { isUuid, ownersOf } from './ids.ts'
import { createOrganizations, type Organizations } from './organization.ts'
import { noOwn, type Own, type Shown, toPackage } from './package.ts'
import { createRenderCache } from './render-cache.ts'
import type { Loose } from './resource.ts'

/** An entry in any state, with what is kept beside it. */
export interface Found {
  entry: Shown & { latestVersion: number; organisationId: number; publishedAt: string | null }
  own: Own
}

/** Packages for readers: published entries rendered once for each version, drafts for those who may see them. */
export interface Packages {
  groups: Groups
  organizations(now?: boolean): Promise<Organizations>
  /** The rendered package of an id or name. @throws not found */
  show(ctx: CatalogContext, ref: unknown): Promise<string>
  /** An entry in any state that the actor may see. @throws not found */
  find(db: Db, ctx: CatalogContext, ref: unknown): Promise<Found>
  /** Rendered packages of published entries by row id, in the order asked for; others are left out. */
  render(ids: number[]): Promise<string[]>
  /** The same of entries at hand. */
  renderEntries(entries: Entry[]): Promise<string[]>
  toDict(entry: Shown, own: Own): Promise<Loose>
  /** Row ids of the published packages with these ids or names. */
  rowsOf(refs: string[]): Promise<number[]>
  /** The package that has the resource, and the resource. @throws not found */
  findResource(
    db: Db,
    ctx: CatalogContext,
    id: unknown,
  ): Promise<{ found: Found; pack: Loose; resource: Loose }>
}

/** Entries looked at that share the beginning of an address: two are a wonder already. */
const maxOwners = 10

export function createPackages(db: Db, profile: Profile): Packages {
  const organizations = createOrganizations(db)
  const groups = groupsOf(profile)
  const cache = createRenderCache()
  const headOf = batched<EntryHead>(
    (uids) => selectHeads(db, { uids }),
    (head) => head.uid,
  )

  const toDict: Packages['toDict'] = async (entry, own) => {
    let bodies = await organizations()
    // A body made a moment ago.
    if (!bodies.byName.has(entry.content.body)) bodies = await organizations(true)
    return toPackage(entry, own, bodies.byName.get(entry.content.body)!, groups)
  }

  const renderEntries: Packages['renderEntries'] = async (entries) => {
    const { generation } = await organizations()
    const ids = entries.map((e) => e.id)
    const owns = ids.length > 0 ? await selectOwn(db, ids) : new Map<number, Own>()
    const texts: string[] = []
    for (const entry of entries) {
      const dict = await toDict({ ...entry, state: 'published' }, owns.get(entry.id) ?? noOwn)
      const text = JSON.stringify(dict)
      cache.put(entry.id, { version: entry.version, generation, text })
      texts.push(text)
    }
    return texts
  }

  const renderHeads = async (heads: EntryHead[]): Promise<Map<number, string>> => {
    const { generation } = await organizations()
    const texts = new Map<number, string>()
    const missing: number[] = []
    for (const { id, version } of heads) {
      const text = cache.get(id, version, generation)
      if (text === undefined) missing.push(id)
      else texts.set(id, text)
    }
    const entries = await getEntries(db, missing)
    const rendered = await renderEntries(entries)
    for (const [i, { id }] of entries.entries()) texts.set(id, rendered[i]!)
    return texts
  }

  const headOfRef = async (ref: unknown): Promise<EntryHead | undefined> => {
    if (isUuid(ref)) return headOf(ref.toLowerCase())
    if (typeof ref !== 'string' || ref === '') return undefined
    const [named] = await selectByNames(db, [ref])
    return named && (await selectHeads(db, { ids: [named.id] }))[0]
  }

  const find: Packages['find'] = async (from, ctx, ref) => {
    if (typeof ref !== 'string' || ref === '') throw notFound()
    const [named] = isUuid(ref) ? [] : await selectByNames(from, [ref])
    const uid = isUuid(ref) ? ref.toLowerCase() : named && (await selectUid(from, named.id))
    if (uid === undefined) throw notFound()
    const entry = await getVisibleEntry(from, ctx, uid).catch((error) => {
      throw error instanceof ConcordError && error.code === 'not_found' ? notFound() : error
    })
    // What was retired is deleted in CKAN's words: it is there for those who work on it only.
    if (entry.state === 'retired' && !entry.drafts) throw notFound()
    return { entry, own: (await selectOwn(from, [entry.id])).get(entry.id) ?? noOwn }
  }

  const show: Packages['show'] = async (ctx, ref) => {
    const head = await headOfRef(ref)
    const text = head && (await renderHeads([head])).get(head.id)
    if (text !== undefined) return text
    const { entry, own } = await find(db, ctx, ref)
    return JSON.stringify(await toDict(entry, own))
  }

  return {
    groups,
    organizations,
    show,
    find,
    renderEntries,
    toDict,
    async render(ids) {
      const texts = await renderHeads(await selectHeads(db, { ids }))
      return ids.flatMap((id) => texts.get(id) ?? [])
    },
    async rowsOf(refs) {
      const uids = refs.filter(isUuid)
      const [byUid, byName] = [
        uids.length > 0 ? await selectHeads(db, { uids }) : [],
        await selectByNames(
          db,
          refs.filter((r) => !isUuid(r)),
        ),
      ]
      return [...byUid, ...byName].map((found) => found.id)
    },
    async findResource(from, ctx, id) {
      if (!isUuid(id)) throw notFound()
      const wanted = id.toLowerCase()
      const stored = await selectResourceOwner(from, wanted)
      const owner = stored === undefined ? undefined : await selectUid(from, stored)
      const range = ownersOf(wanted)
      const owners = owner ? [owner] : await selectUidsBetween(from, range.from, range.to, maxOwners)
      for (const uid of owners) {
        const found = await find(from, ctx, uid)
        const pack = await toDict(found.entry, found.own)
        const resource = (pack.resources as Loose[]).find((r) => r.id === wanted)
        if (resource) return { found, pack, resource }
      }
      throw notFound()
    },
  }
}
