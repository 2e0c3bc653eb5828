import { ConcordError } from '../platform/errors.ts'
import type { Db } from '../platform/postgres.ts'
import type { CatalogContext } from './context.ts'
import { type Changed, type ChangeOptions, maySeeDrafts, saveDataset } from './dataset.ts'
import { readVersion, visibleMeta } from './dataset-read.ts'
import { selectVersions } from './version.queries.ts'
import { maxDifferences, type VersionDiff, type Versions, type VersionsQuery } from './version.schema.ts'
import { diffContents } from './version-diff.ts'

/** Versions the actor may see, newest first, page by page. @throws not_found, invalid_cursor */
export async function listVersions(
  db: Db,
  ctx: CatalogContext,
  uid: string,
  { limit = 100, cursor }: VersionsQuery,
): Promise<Versions> {
  const meta = await visibleMeta(db, ctx, uid)
  const page = { drafts: maySeeDrafts(ctx, meta), before: decodeCursor(cursor), limit: limit + 1 }
  const rows = await selectVersions(db, meta.id, page)
  const versions = rows.slice(0, limit).map((v) => ({ ...v, current: v.version === meta.version }))
  return { versions, next: rows.length > limit ? encodeCursor(versions.at(-1)!.version) : null }
}

const encodeCursor = (version: number): string => Buffer.from(String(version)).toString('base64url')

function decodeCursor(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined
  const text = Buffer.from(cursor, 'base64url').toString('utf8')
  if (!/^\d{1,9}$/.test(text)) throw new ConcordError('invalid_cursor', 'This is not a cursor of this list.')
  return Number(text)
}

/** What changed from one version to another; both orders are possible. @throws not_found */
export async function diffVersions(
  db: Db,
  ctx: CatalogContext,
  uid: string,
  from: number,
  to: number,
): Promise<VersionDiff> {
  const meta = await visibleMeta(db, ctx, uid)
  const [before, after] = [await readVersion(db, ctx, meta, from), await readVersion(db, ctx, meta, to)]
  const differences = diffContents(before.content, after.content)
  return {
    from,
    to,
    differences: differences.slice(0, maxDifferences),
    cut: differences.length > maxDifferences,
  }
}

/**
 * Saves the content of an earlier version as the newest one, as a draft; it is published like any other change.
 * @throws not_found, forbidden, stale, invalid_content where today's rules refuse it
 */
export async function restoreVersion(
  db: Db,
  ctx: CatalogContext,
  uid: string,
  version: number,
  options: ChangeOptions,
): Promise<Changed> {
  const meta = await visibleMeta(db, ctx, uid)
  const { content } = await readVersion(db, ctx, meta, version)
  const reason = options.reason ?? `Version ${version} restored`
  return saveDataset(db, ctx, uid, content, { ...options, reason }, 'dataset:restore')
}
