import type { Db } from '../platform/postgres.ts'
import { bodiesWith, withBodyCodes, withCodes } from './bodies.ts'
import type { Change } from './change.queries.ts'
import type { CatalogContext } from './context.ts'
import { type DatasetMeta, selectContent, selectMeta } from './dataset.queries.ts'
import type { BodyRef, DatasetContent } from './dataset.schema.ts'
import { maySeeDrafts } from './dataset.ts'
import { visibleMeta } from './dataset-read.ts'
import {
  type EntryRow,
  selectAddresses,
  selectArchived,
  selectEntries,
  selectEntriesAfter,
  selectEntriesByUid,
  selectEntryTexts,
} from './entry.queries.ts'

/** A published entry with its whole content: what every door of the catalogue renders in its own form. */
export interface Entry extends Omit<EntryRow, 'content' | 'organisationId'> {
  content: DatasetContent
  body: BodyRef
}

/**
 * The published ones of the entries with these row ids as JSON texts (`{ uid, version, body, content, createdAt,
 * publishedAt, changedAt }`): a follower gets thousands a second, and none is parsed on the way.
 */
export async function getEntryTexts(db: Db, ids: number[]): Promise<Map<number, string>> {
  if (ids.length === 0) return new Map()
  const { codesJson, byId } = await bodiesWith(db, [])
  const rows = await selectEntryTexts(db, ids, codesJson)
  return new Map(
    rows.map(({ id, organisationId, content, ...rest }) => {
      const head = JSON.stringify({ ...rest, body: byId.get(organisationId) })
      return [id, `${head.slice(0, -1)},"content":${content}}`]
    }),
  )
}

/**
 * What was published with each of these changes, by ordinal: the version of the change itself, not what the entry holds
 * now. Deletes have none.
 */
export async function getChanged(db: Db, changes: Change[]): Promise<Map<number, Entry>> {
  const published = changes.filter((c) => c.kind !== 'delete')
  const current = await getEntries(db, [...new Set(published.map((c) => c.datasetId))])
  const entries = new Map(current.map((e) => [`${e.id} ${e.version}`, e]))
  const old = published.filter((c) => !entries.has(`${c.datasetId} ${c.version}`))
  const archived = old.length > 0 ? await selectArchived(db, old) : []
  const { byCode, byId } = await bodiesWith(
    db,
    archived.map((v) => v.content.body),
  )
  const uids = new Map(old.map((c) => [c.datasetId, c.uid]))
  for (const { datasetId, version, content, at, createdAt } of archived) {
    const body = byId.get(byCode.get(content.body) ?? 0)
    if (!body) continue
    const shared = {
      source: null,
      sourceId: null,
      quality: 0,
      useCount: 0,
      createdAt,
      publishedAt: at,
      changedAt: at,
    }
    entries.set(`${datasetId} ${version}`, {
      id: datasetId,
      uid: uids.get(datasetId)!,
      version,
      content,
      body,
      ...shared,
    })
  }
  return new Map(
    published.flatMap((c) => {
      const entry = entries.get(`${c.datasetId} ${c.version}`)
      return entry ? [[c.ordinal, entry] as const] : []
    }),
  )
}

/** Entries of one read of `streamEntries`: 500 of 20 items are some 5 MB. */
const streamBatch = 500

/** The published ones of the entries with these row ids, in the order asked for. */
export const getEntries = async (db: Db, ids: number[]): Promise<Entry[]> =>
  ids.length === 0 ? [] : toEntries(db, await selectEntries(db, ids))

/** Where an entry stands that the public may know of; undefined for drafts and addresses that are none. */
export async function getPublicState(db: Db, uid: string): Promise<DatasetMeta | undefined> {
  const meta = await selectMeta(db, uid)
  return meta?.state === 'draft' ? undefined : meta
}

/** The published ones of the entries with these addresses (UUIDs), in the order asked for. */
export const getEntriesByUid = async (db: Db, uids: string[]): Promise<Entry[]> =>
  uids.length === 0 ? [] : toEntries(db, await selectEntriesByUid(db, uids))

/**
 * All published entries after a row id in the order of the rows, batch by batch; what is published meanwhile comes at
 * the end, what was retired does not come. Memory is that of a batch.
 */
export async function* streamEntries(
  db: Db,
  { after = 0, batch = streamBatch }: { after?: number; batch?: number } = {},
): AsyncGenerator<Entry[]> {
  for (let last = after; ; ) {
    const rows = await selectEntriesAfter(db, last, batch)
    if (rows.length > 0) yield await toEntries(db, rows)
    if (rows.length < batch) return
    last = rows.at(-1)!.id
  }
}

/** Addresses of one read of `streamAddresses`. */
const addressBatch = 5_000

/** Addresses of published entries in a range of row ids with the times of their last change, batch by batch. */
export async function* streamAddresses(db: Db, after: number, upTo: number) {
  for (let last = after; ; ) {
    const rows = await selectAddresses(db, last, upTo, addressBatch)
    if (rows.length > 0) yield rows
    if (rows.length < addressBatch) return
    last = rows.at(-1)!.id
  }
}

/** An entry in any state that the actor may see, with the content in its rows. @throws not_found */
export async function getVisibleEntry(db: Db, ctx: CatalogContext, uid: string) {
  const meta = await visibleMeta(db, ctx, uid)
  const content = await withBodyCodes(db, (await selectContent(db, meta.id))!)
  return { ...meta, content, drafts: maySeeDrafts(ctx, meta) }
}

async function toEntries(db: Db, rows: EntryRow[]): Promise<Entry[]> {
  const ids = function* () {
    for (const { content } of rows) {
      yield content.body
      for (const item of content.items ?? []) if (item.body !== undefined) yield item.body
    }
  }
  const { byId } = await bodiesWith(db, [], ids())
  return rows.map(({ content, organisationId, ...rest }) => ({
    ...rest,
    content: withCodes(content, byId),
    body: byId.get(organisationId)!,
  }))
}
