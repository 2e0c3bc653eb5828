import { ConcordError } from '../platform/errors.ts'
import type { Db } from '../platform/postgres.ts'
import { authorize } from '../security/index.ts'
import { bodiesWith, withBodyCodes } from './bodies.ts'
import type { CatalogContext } from './context.ts'
import { type DatasetMeta, deleteDataset, selectContent, updateState } from './dataset.queries.ts'
import {
  type Changed,
  type ChangeOptions,
  changeDataset,
  checked,
  policyObject,
  writeRows,
} from './dataset.ts'
import { archiveDatasets, discardDrafts } from './dataset-write.queries.ts'
import { selectVersion } from './version.queries.ts'

/** Gives the rows a new version with the same content, the old one archived. */
async function restate(
  tx: Db,
  ctx: CatalogContext,
  meta: DatasetMeta,
  state: string,
  options: ChangeOptions,
): Promise<number> {
  const { codesJson } = await bodiesWith(tx, [])
  await archiveDatasets(tx, [meta.id], codesJson)
  await discardDrafts(tx, [meta.id])
  const version = meta.latestVersion + 1
  await updateState(tx, meta.id, {
    state,
    version,
    published: state === 'published',
    personId: ctx.actor.personId,
    personName: ctx.actor.name,
    reason: options.reason ?? null,
  })
  return version
}

/**
 * Makes the newest version the one people see: the draft, or the content in the rows of an entry that was never
 * published or is retired. It is checked once more, because code lists and bodies may have changed since.
 */
export function publishDataset(
  db: Db,
  ctx: CatalogContext,
  uid: string,
  options: ChangeOptions,
): Promise<Changed> {
  return changeDataset(db, ctx, 'dataset:publish', uid, options, async (tx, meta) => {
    const draft =
      meta.latestVersion > meta.version ? await selectVersion(tx, meta.id, meta.latestVersion) : undefined
    if (meta.state === 'published' && !draft)
      throw new ConcordError('conflict', 'This entry is published and has no draft.')
    const raw = draft ? draft.content : await withBodyCodes(tx, (await selectContent(tx, meta.id))!)
    const { content, bodies } = await checked(tx, ctx, raw, meta)
    if (!draft) return { version: await restate(tx, ctx, meta, 'published', options), visible: true }
    const organisationId = bodies.byCode.get(content.body)!
    if (options.holder === undefined)
      authorize(ctx.actor, 'dataset:publish', { ...policyObject(meta), organisationId })
    const version = meta.latestVersion + 1
    await writeRows(tx, ctx, meta, content, bodies, { state: 'published', version }, options)
    return { version, visible: true }
  })
}

/** Takes an entry out of search; its address tells that it is retired. An open draft is given up. */
export function retireDataset(
  db: Db,
  ctx: CatalogContext,
  uid: string,
  options: ChangeOptions,
): Promise<Changed> {
  return changeDataset(db, ctx, 'dataset:retire', uid, options, async (tx, meta) => {
    if (meta.state !== 'published')
      throw new ConcordError('conflict', `Only a published entry can be retired; this one is ${meta.state}.`)
    return { version: await restate(tx, ctx, meta, 'retired', options), visible: true }
  })
}

/** Gives up the draft of a published or retired entry; it stays in the history. */
export function discardDraft(
  db: Db,
  ctx: CatalogContext,
  uid: string,
  options: ChangeOptions,
): Promise<Changed> {
  return changeDataset(db, ctx, 'dataset:update', uid, options, async (tx, meta) => {
    if (meta.latestVersion === meta.version)
      throw new ConcordError(
        'conflict',
        meta.state === 'draft' ? 'This entry was never published; delete it instead.' : 'There is no draft.',
      )
    const version = await restate(tx, ctx, meta, meta.state, options)
    return { version, visible: false, step: 'discard-draft' }
  })
}

/** Removes an entry that was never published, with its history. */
export async function removeDataset(
  db: Db,
  ctx: CatalogContext,
  uid: string,
  options: ChangeOptions,
): Promise<void> {
  await changeDataset(db, ctx, 'dataset:update', uid, options, async (tx, meta) => {
    if (meta.state !== 'draft' || meta.publishedAt !== null)
      throw new ConcordError(
        'conflict',
        'This entry was published; retire it, so that its address stays known.',
      )
    await deleteDataset(tx, meta.id)
    return { version: 0, visible: false, step: 'remove' }
  })
}
