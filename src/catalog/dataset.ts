import { randomUUID } from 'node:crypto'
import { ConcordError, notFound } from '../platform/errors.ts'
import { emit } from '../platform/outbox.ts'
import { type Db, inTransaction, isUniqueViolation } from '../platform/postgres.ts'
import { audit, authorize, freshOrganisationTree, isAllowed } from '../security/index.ts'
import { type Bodies, bodiesWith } from './bodies.ts'
import type { CatalogContext } from './context.ts'
import { type DatasetMeta, selectMeta } from './dataset.queries.ts'
import type { DatasetContent } from './dataset.schema.ts'
import { qualityOf } from './dataset-quality.ts'
import { bodyFaults, codeFaults, referencesOf } from './dataset-references.ts'
import { contentColumns, itemRows } from './dataset-rows.ts'
import { datasetTopic } from './dataset-topic.ts'
import { boundedFaults, validateDataset } from './dataset-validation.ts'
import {
  archiveDatasets,
  deleteItems,
  insertDatasets,
  insertDraftVersions,
  insertItems,
  insertResourceCodes,
  replaceResourceCodes,
  selectCodeOwners,
  updateDatasets,
} from './dataset-write.queries.ts'
import { guardHold } from './hold.ts'
import { selectVersion } from './version.queries.ts'

/** The version a change is based on (`If-Match`), and why it is made. */
export interface ChangeOptions {
  /** The newest version its author has seen; undefined when the caller did not say. */
  basedOn?: number
  reason?: string
  /** The capability whose decision this is (hold.ts): it asked for the right, and holds the entry. */
  holder?: string
}

/** What a change leaves behind: the address and the newest version. */
export interface Changed {
  uid: string
  version: number
  isNew?: boolean
}

/** The entry as policies ask for it. */
export const policyObject = (meta: Pick<DatasetMeta, 'organisationId' | 'state'>) => ({
  kind: 'dataset',
  organisationId: meta.organisationId,
  state: meta.state,
})

/** True when the actor may see drafts of this entry. */
export const maySeeDrafts = (ctx: Pick<CatalogContext, 'actor'>, meta: DatasetMeta): boolean =>
  isAllowed(ctx.actor, 'dataset:read-draft', policyObject(meta))

/**
 * The content as it may be kept.
 * @throws invalid_content with every fault, `path` from the content's root.
 */
export async function checked(
  db: Db,
  ctx: CatalogContext,
  raw: unknown,
  self: { uid?: string; id?: number },
): Promise<{ content: DatasetContent; bodies: Bodies }> {
  const { content, faults, value } = validateDataset(raw, ctx.profile, self)
  const references = referencesOf(value, faults)
  const bodies = await bodiesWith(
    db,
    references.bodies.map((b) => b.code),
  )
  const owners = await selectCodeOwners(
    db,
    references.resourceCodes.map((r) => r.code),
  )
  const more = [...bodyFaults(references, bodies), ...codeFaults(references, owners, self.id)]
  if (!content || more.length > 0) throw invalid(boundedFaults([...faults, ...more]))
  return { content, bodies }
}

/** Every fault of a content without saving it, and its quality when it has none. */
export async function checkDataset(db: Db, ctx: CatalogContext, raw: unknown, uid?: string) {
  await freshOrganisationTree(db)
  const meta = uid === undefined ? undefined : await selectMeta(db, uid)
  try {
    const { content } = await checked(db, ctx, await withOwnBody(db, ctx, raw), { uid, id: meta?.id })
    return { valid: true, faults: [], quality: qualityOf(content), content }
  } catch (error) {
    if (error instanceof ConcordError && error.code === 'invalid_content')
      return { valid: false, faults: error.faults, quality: null, content: null }
    throw error
  }
}

const invalid = (faults: ConcordError['faults']) =>
  new ConcordError(
    'invalid_content',
    `The entry has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}.`,
    {
      faults,
    },
  )

/** Two writers wanted the same resource code or address at once; the second is told. */
async function guardUnique<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (isUniqueViolation(error, 'resource_code_pkey'))
      throw new ConcordError('conflict', 'Another entry has just taken one of these resource codes.')
    if (isUniqueViolation(error, 'dataset_uid_key'))
      throw new ConcordError('conflict', 'Another entry has this address.')
    throw error
  }
}

/**
 * Makes a draft; without a body it is the actor's. @throws invalid_content, forbidden
 * @param wished the address it is to have, for an entry that has one elsewhere; nobody may have it here.
 */
export async function createDataset(
  db: Db,
  ctx: CatalogContext,
  raw: unknown,
  reason?: string,
  wished?: string,
): Promise<Changed> {
  await freshOrganisationTree(db)
  return guardUnique(() =>
    inTransaction(db, async (tx) => {
      const { content, bodies } = await checked(tx, ctx, await withOwnBody(tx, ctx, raw), {})
      const organisationId = bodies.byCode.get(content.body)!
      authorize(ctx.actor, 'dataset:create', { kind: 'dataset', organisationId, state: 'draft' })
      const uid = wished ?? randomUUID()
      const row = { ...contentColumns(content, organisationId), ...author(ctx, reason), uid, state: 'draft' }
      const [id] = (await insertDatasets(tx, [row])) as [number]
      await insertItems(tx, itemRows([{ id, items: content.items }], bodies.byCode))
      await insertResourceCodes(tx, codesOf(id, content))
      await auditChange(tx, ctx, 'dataset:create', { uid, organisationId }, { version: 1, reason })
      return { uid, version: 1, isNew: true }
    }),
  )
}

async function withOwnBody(db: Db, ctx: CatalogContext, raw: unknown): Promise<unknown> {
  const own = ctx.actor.organisationId
  if (own === null || typeof raw !== 'object' || raw === null || Array.isArray(raw)) return raw
  if ((raw as { body?: unknown }).body) return raw
  const { byId } = await bodiesWith(db, [], [own])
  return { ...raw, body: byId.get(own)?.code }
}

const codesOf = (datasetId: number, content: DatasetContent) =>
  (content.resourceCode ?? []).map((code) => ({ code, datasetId }))

const author = (ctx: CatalogContext, reason: string | undefined) => ({
  changed_at: new Date().toISOString(),
  changed_by: ctx.actor.personId,
  changed_by_name: ctx.actor.name,
  change_reason: reason ?? null,
})

const auditChange = (
  tx: Db,
  ctx: CatalogContext,
  action: string,
  meta: { uid: string; organisationId: number },
  detail: Record<string, unknown>,
) =>
  audit(tx, {
    actor: ctx.actor,
    action,
    objectKind: 'dataset',
    objectId: meta.uid,
    organisationId: meta.organisationId,
    decision: 'allow',
    requestId: ctx.requestId,
    detail,
  })

/**
 * Runs a change of one entry in a transaction: locks it, asks for the right, compares versions, and writes the
 * audit event and, where what people see is another now, the news. `work` returns the new newest version, and
 * the step where the action does not name it.
 * @throws not_found, forbidden, stale with `currentVersion`, `changedBy`, `changedAt`
 */
export async function changeDataset(
  db: Db,
  ctx: CatalogContext,
  action: string,
  uid: string,
  options: ChangeOptions,
  work: (tx: Db, meta: DatasetMeta) => Promise<{ version: number; visible: boolean; step?: string }>,
  saves = false,
): Promise<Changed> {
  await freshOrganisationTree(db)
  return guardUnique(() =>
    inTransaction(db, async (tx) => {
      const meta = await selectMeta(tx, uid, true)
      if (!meta || (meta.state === 'draft' && !maySeeDrafts(ctx, meta))) throw notFound(`The entry ${uid}`)
      if (options.holder === undefined) authorize(ctx.actor, action, policyObject(meta))
      await guardHold(tx, meta.id, { saves, holder: options.holder })
      if (options.basedOn !== undefined && options.basedOn !== meta.latestVersion) throw await stale(tx, meta)
      const { version, visible, step } = await work(tx, meta)
      if (visible) await emit(tx, datasetTopic, { ids: [meta.id] })
      const reason = options.reason?.slice(0, 500)
      await auditChange(tx, ctx, action, meta, { version, ...(step && { step }), ...(reason && { reason }) })
      return { uid, version }
    }),
  )
}

async function stale(tx: Db, meta: DatasetMeta): Promise<ConcordError> {
  const newest =
    meta.latestVersion > meta.version ? await selectVersion(tx, meta.id, meta.latestVersion) : undefined
  const changedBy = newest?.by ?? meta.changedBy
  return new ConcordError(
    'stale',
    `${changedBy} changed this entry in the meantime; the newest version is ${meta.latestVersion}. Load it, then make your change again.`,
    { more: { currentVersion: meta.latestVersion, changedBy, changedAt: newest?.at ?? meta.changedAt } },
  )
}

/**
 * Saves a new version: of a draft into the rows, of a published or retired entry as a draft beside them.
 * @throws invalid_content, not_found, forbidden, stale
 */
export function saveDataset(
  db: Db,
  ctx: CatalogContext,
  uid: string,
  raw: unknown,
  options: ChangeOptions,
  action = 'dataset:update',
): Promise<Changed> {
  const save = async (tx: Db, meta: DatasetMeta) => {
    const { content, bodies } = await checked(tx, ctx, raw, meta)
    const organisationId = bodies.byCode.get(content.body)!
    if (organisationId !== meta.organisationId)
      authorize(ctx.actor, action, { ...policyObject(meta), organisationId })
    const version = meta.latestVersion + 1
    if (meta.state === 'draft')
      await writeRows(tx, ctx, meta, content, bodies, { state: 'draft', version }, options)
    else
      await insertDraftVersions(tx, [
        {
          dataset_id: meta.id,
          version,
          content,
          person_id: ctx.actor.personId,
          person_name: ctx.actor.name,
          reason: options.reason ?? null,
        },
      ])
    return { version, visible: false }
  }
  return changeDataset(db, ctx, action, uid, options, save, true)
}

/** Archives what the rows hold and writes the content into them. */
export async function writeRows(
  tx: Db,
  ctx: CatalogContext,
  meta: DatasetMeta,
  content: DatasetContent,
  bodies: Bodies,
  to: { state: string; version: number },
  options: ChangeOptions,
): Promise<void> {
  await archiveDatasets(tx, [meta.id], bodies.codesJson)
  const change = author(ctx, options.reason)
  // What goes into the rows is, or was made from, the newest record.
  const sourceHash = meta.draftSourceHash ?? meta.sourceHash
  await updateDatasets(tx, [
    {
      ...contentColumns(content, bodies.byCode.get(content.body)!),
      ...change,
      id: meta.id,
      state: to.state,
      version: to.version,
      latest_version: to.version,
      source_hash: sourceHash && `\\x${sourceHash}`,
      published_at: meta.publishedAt ?? (to.state === 'published' ? change.changed_at : null),
    },
  ])
  await deleteItems(tx, [meta.id])
  await insertItems(tx, itemRows([{ id: meta.id, items: content.items }], bodies.byCode))
  await replaceResourceCodes(tx, [meta.id], codesOf(meta.id, content))
}
