import { notFound } from '../platform/errors.ts'
import type { Db } from '../platform/postgres.ts'
import { bodiesWith, withBodyCodes } from './bodies.ts'
import { selectContent, selectMeta } from './dataset.queries.ts'
import type { DatasetContent } from './dataset.schema.ts'
import { selectAuthors } from './newest.queries.ts'
import { selectVersion } from './version.queries.ts'

/** The version of an entry that would be published next, with everybody who wrote on it. */
export interface NewestVersion {
  id: number
  uid: string
  state: 'draft' | 'published' | 'retired'
  /** The body named in it: another one than the entry's where the draft moves it. */
  organisationId: number
  version: number
  /** The version in the rows; people see it unless the entry is a draft. */
  present: number
  hasDraft: boolean
  publishedAt: string | null
  content: DatasetContent
  /** Rows of the people who wrote what is not published yet. */
  authors: number[]
}

/** Locks the entry until the end of the transaction and reads its newest version. @throws not_found */
export async function lockNewest(tx: Db, uid: string): Promise<NewestVersion> {
  const meta = await selectMeta(tx, uid, true)
  if (!meta) throw notFound(`The entry ${uid}`)
  const hasDraft = meta.state === 'draft' || meta.latestVersion > meta.version
  const beside = meta.latestVersion > meta.version
  const content = beside
    ? ((await selectVersion(tx, meta.id, meta.latestVersion))!.content as DatasetContent)
    : await withBodyCodes(tx, (await selectContent(tx, meta.id))!)
  const { byCode } = await bodiesWith(tx, [content.body])
  return {
    id: meta.id,
    uid: meta.uid,
    state: meta.state,
    organisationId: byCode.get(content.body) ?? meta.organisationId,
    version: meta.latestVersion,
    present: meta.version,
    hasDraft,
    publishedAt: meta.publishedAt,
    content,
    authors: hasDraft ? await selectAuthors(tx, meta.id, meta.state === 'draft' ? 0 : meta.version) : [],
  }
}

/** The content of any version of an entry, for those who were let in already; undefined where there is none. */
export async function contentOfVersion(
  db: Db,
  uid: string,
  version: number,
): Promise<DatasetContent | undefined> {
  const meta = await selectMeta(db, uid)
  if (!meta) return undefined
  if (version === meta.version) return withBodyCodes(db, (await selectContent(db, meta.id))!)
  return (await selectVersion(db, meta.id, version))?.content as DatasetContent | undefined
}
