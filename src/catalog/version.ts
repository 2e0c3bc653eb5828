import type { Db } from '../platform/postgres.ts'
import type { CatalogContext } from './context.ts'
import { type Changed, type ChangeOptions, maySeeDrafts, saveDataset } from './dataset.ts'
import { readVersion, visibleMeta } from './dataset-read.ts'
import { selectVersions } from './version.queries.ts'
import { maxDifferences, maxVersionsListed, type VersionDiff, type Versions } from './version.schema.ts'
import { diffContents } from './version-diff.ts'

/** Every version the actor may see, newest first. @throws not_found */
export async function listVersions(db: Db, ctx: CatalogContext, uid: string): Promise<Versions> {
  const meta = await visibleMeta(db, ctx, uid)
  const drafts = maySeeDrafts(ctx, meta)
  const rows = await selectVersions(db, meta.id, maxVersionsListed)
  return {
    versions: rows
      .filter((v) => drafts || v.state === 'published' || v.state === 'retired')
      .map((v) => ({ ...v, current: v.version === meta.version })),
  }
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
