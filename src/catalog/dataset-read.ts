import { ConcordError, notFound } from '../platform/errors.ts'
import type { Db } from '../platform/postgres.ts'
import { freshOrganisationTree, subtree } from '../security/index.ts'
import { bodiesWith, withBodyCodes } from './bodies.ts'
import type { CatalogContext } from './context.ts'
import {
  type DatasetListRow,
  type DatasetMeta,
  type ListFilter,
  selectContent,
  selectList,
  selectMeta,
  selectTitles,
} from './dataset.queries.ts'
import type { BodyRef, Dataset, DatasetContent, Item } from './dataset.schema.ts'
import { maySeeDrafts } from './dataset.ts'
import type { DatasetListItem, ListQuery } from './dataset-list.schema.ts'
import { selectVersion } from './version.queries.ts'

/** The entry, if the actor may know of it. @throws not_found */
export async function visibleMeta(db: Db, ctx: CatalogContext, uid: string): Promise<DatasetMeta> {
  const meta = await selectMeta(db, uid)
  if (!meta) throw notFound(`The entry ${uid}`)
  await freshOrganisationTree(db)
  if (meta.state === 'draft' && !maySeeDrafts(ctx, meta)) throw notFound(`The entry ${uid}`)
  return meta
}

/** A version's content with who wrote it. Drafts are only for those who may see them. @throws not_found */
export async function readVersion(db: Db, ctx: CatalogContext, meta: DatasetMeta, version: number) {
  if (version === meta.version)
    return {
      content: await withBodyCodes(db, (await selectContent(db, meta.id))!),
      at: meta.changedAt,
      by: meta.changedBy,
      reason: meta.changeReason,
    }
  const row = await selectVersion(db, meta.id, version)
  const draft = row?.state === 'draft' || row?.state === 'discarded'
  if (!row || (draft && !maySeeDrafts(ctx, meta)))
    throw notFound(`Version ${version} of the entry ${meta.uid}`)
  return { content: row.content as DatasetContent, at: row.at, by: row.by, reason: row.reason }
}

/**
 * An entry as it is read: the published content, or the version asked for. Related entries of this catalogue
 * carry their present title. @throws not_found
 */
export async function getDataset(
  db: Db,
  ctx: CatalogContext,
  uid: string,
  version?: number,
): Promise<Dataset> {
  const meta = await visibleMeta(db, ctx, uid)
  const drafts = maySeeDrafts(ctx, meta)
  const read = await readVersion(db, ctx, meta, version ?? meta.version)
  const { byId } = await bodiesWith(db, [], [meta.organisationId])
  return {
    uid: meta.uid,
    state: meta.state,
    version: version ?? meta.version,
    latestVersion: drafts ? meta.latestVersion : meta.version,
    hasDraft: drafts && meta.latestVersion > meta.version,
    body: byId.get(meta.organisationId)!,
    content: await withTitles(db, read.content),
    quality: meta.quality,
    useCount: meta.useCount,
    createdAt: meta.createdAt,
    publishedAt: meta.publishedAt,
    changedAt: read.at,
    changedBy: read.by,
    changeReason: read.reason,
    updateDue: meta.updateDue,
  }
}

/** The newest content of an entry that the actor may see, its draft where it has one. @throws not_found */
export async function readLatest(
  db: Db,
  ctx: CatalogContext,
  uid: string,
): Promise<{ meta: DatasetMeta; content: DatasetContent }> {
  const meta = await visibleMeta(db, ctx, uid)
  const version = maySeeDrafts(ctx, meta) ? meta.latestVersion : meta.version
  return { meta, content: (await readVersion(db, ctx, meta, version)).content }
}

async function withTitles(db: Db, content: DatasetContent): Promise<DatasetContent> {
  const uids = content.related?.flatMap((r) => r.uid ?? []) ?? []
  if (uids.length === 0) return content
  const titles = await selectTitles(db, uids)
  return {
    ...content,
    related: content.related!.map((r) => ({ ...r, title: (r.uid && titles.get(r.uid)) || r.title })),
  }
}

/** Items of the published content, a page at a time, with the body that answers for each. */
export async function listItems(
  db: Db,
  ctx: CatalogContext,
  uid: string,
  page: { after: number; limit: number; version?: number },
): Promise<{
  items: (Item & { ordinal: number; source: BodyRef | null })[]
  total: number
  next: number | null
}> {
  const meta = await visibleMeta(db, ctx, uid)
  const { content } = await readVersion(db, ctx, meta, page.version ?? meta.version)
  const all = content.items ?? []
  const { byCode, byId } = await bodiesWith(db, [])
  const items = all.slice(page.after, page.after + page.limit).map((item, i) => ({
    ...item,
    ordinal: page.after + i,
    source: byId.get(item.body ? (byCode.get(item.body) ?? 0) : meta.organisationId) ?? null,
  }))
  const end = page.after + items.length
  return { items, total: all.length, next: end < all.length ? end : null }
}

/** States that everybody may list. */
const publicStates = ['published', 'retired'] as const

/**
 * Entries page by page, in a total order. Without a sign-in only published and retired ones; `drafts` and
 * `mine` list what the actor's organisation and those below it are working on.
 */
export async function listDatasets(
  db: Db,
  ctx: CatalogContext,
  query: ListQuery,
): Promise<{ items: DatasetListItem[]; next: string | null }> {
  await freshOrganisationTree(db)
  const limit = query.limit ?? 20
  const filter = await toFilter(db, ctx, query)
  if (!filter) return { items: [], next: null }
  const rows = await selectList(db, { ...filter, limit: limit + 1 })
  const page = rows.slice(0, limit)
  const { byId } = await bodiesWith(
    db,
    [],
    page.map((r) => r.organisationId),
  )
  return {
    items: page.map((r) => toListItem(ctx, r, byId.get(r.organisationId)!)),
    next: rows.length > limit ? encodeCursor(filter.order, page.at(-1)!) : null,
  }
}

/** Turns a query into conditions; undefined when nothing can match. */
async function toFilter(
  db: Db,
  ctx: CatalogContext,
  q: ListQuery,
): Promise<Omit<ListFilter, 'limit'> | undefined> {
  const order = q.order ?? (q.drafts || q.mine || q.state === 'draft' ? 'changed' : 'id')
  const filter: Omit<ListFilter, 'limit'> = {
    order,
    after: decodeCursor(order, q.cursor),
    titlePrefix: q.q?.trim() || undefined,
    drafts: q.drafts,
  }
  if (q.body !== undefined) {
    const id = (await bodiesWith(db, [q.body])).byCode.get(q.body)
    if (id === undefined) return undefined
    filter.organisationIds = [id]
  }
  if (q.mine) {
    if (ctx.actor.personId === null) throw new ConcordError('not_signed_in', 'Sign in to see your entries.')
    filter.personId = ctx.actor.personId
  }
  const workbench = q.drafts || q.mine || q.state === 'draft'
  if (!workbench) {
    filter.states = q.state ? [q.state] : [...publicStates]
    return filter
  }
  if (q.state) filter.states = [q.state]
  return limitToOwn(ctx, filter)
}

/** Drafts are for the actor's organisation and those below it. */
function limitToOwn(
  ctx: CatalogContext,
  filter: Omit<ListFilter, 'limit'>,
): Omit<ListFilter, 'limit'> | undefined {
  const own = ctx.actor.organisationId
  if (ctx.actor.kind === 'system') return filter
  if (own === null) throw new ConcordError('not_signed_in', 'Sign in to see drafts.')
  const mayRead = new Set(subtree(own))
  const wanted = filter.organisationIds ?? [...mayRead]
  filter.organisationIds = wanted.filter((id) => mayRead.has(id))
  return filter.organisationIds.length > 0 ? filter : undefined
}

function toListItem(ctx: CatalogContext, r: DatasetListRow, body: BodyRef): DatasetListItem {
  const drafts = r.latestVersion > r.version && maySeeDrafts(ctx, r)
  return {
    uid: r.uid,
    state: r.state,
    version: r.version,
    latestVersion: drafts ? r.latestVersion : r.version,
    hasDraft: drafts,
    draftTitle: drafts ? r.draftTitle : null,
    title: r.title,
    language: r.language,
    translations: r.translations,
    body,
    theme: r.theme,
    sharingType: r.sharingType,
    openType: r.openType,
    itemCount: r.itemCount,
    quality: r.quality,
    useCount: r.useCount,
    publishedAt: r.publishedAt,
    changedAt: drafts && r.draftAt ? r.draftAt : r.changedAt,
    changedBy: drafts && r.draftBy ? r.draftBy : r.changedBy,
  }
}

const encodeCursor = (order: ListFilter['order'], row: DatasetListRow): string =>
  Buffer.from(order === 'id' ? `${row.id}` : `${row.id} ${row.changedAt}`).toString('base64url')

function decodeCursor(order: ListFilter['order'], cursor: string | undefined): ListFilter['after'] {
  if (cursor === undefined) return undefined
  const text = Buffer.from(cursor, 'base64url').toString('utf8')
  const found = /^(\d{1,10})(?: (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z))?$/.exec(text)
  const id = Number(found?.[1])
  if (!found || (order === 'changed') !== (found[2] !== undefined) || !(id <= 2_147_483_647))
    throw new ConcordError('invalid_cursor', 'This is not a cursor of this list.')
  if (found[2] !== undefined && Number.isNaN(Date.parse(found[2])))
    throw new ConcordError('invalid_cursor', 'This is not a cursor of this list.')
  return { id, changedAt: found[2] }
}
