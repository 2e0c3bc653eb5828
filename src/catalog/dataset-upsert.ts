import { randomUUID } from 'node:crypto'
import { emit } from '../platform/outbox.ts'
import { type Db, inTransaction } from '../platform/postgres.ts'
import { audit, freshOrganisationTree } from '../security/index.ts'
import { type Bodies, bodiesWith } from './bodies.ts'
import type { CatalogContext } from './context.ts'
import type { DatasetContent } from './dataset.schema.ts'
import { contentColumns, itemRows } from './dataset-rows.ts'
import { datasetTopic } from './dataset-topic.ts'
import {
  compareContents,
  lockBySource,
  selectTakenUids,
  selectUnchanged,
  updateSourceHashes,
} from './dataset-upsert.queries.ts'
import {
  archiveDatasets,
  deleteItems,
  discardDrafts,
  insertDatasets,
  insertDraftVersions,
  insertItems,
  insertResourceCodes,
  replaceResourceCodes,
  selectCodeOwners,
  updateDatasets,
} from './dataset-write.queries.ts'
import { foldFigureChanges } from './figure.queries.ts'
import {
  acceptRecords,
  type Candidate,
  type Planned,
  planRecords,
  type UpsertOptions,
  type UpsertOutcome,
  type UpsertRecord,
  withoutSame,
} from './upsert-plan.ts'

/** Records of one call: keeps a statement's parameters below some 50 MB and a transaction below a second or two. */
export const maxUpsertBatch = 5_000
/** Calls after which the counters' changes are folded here, where no node beside does so every minute (`figure.jobs.ts`). */
const foldEvery = 256
let calls = 0
/** Times a call is tried when another writer got in between. */
const maxAttempts = 4

/**
 * Adds and changes entries by their identity at the source. One transaction, the caller's if `db` is one.
 * A record whose hash is stored costs a comparison; a changed one archives what was there; one that cannot be
 * taken is rejected with its faults and does not hinder the others. At most `maxUpsertBatch` records.
 * @returns outcomes in the order of the records.
 */
export async function upsertDatasets(
  db: Db,
  ctx: CatalogContext,
  records: UpsertRecord[],
  options: UpsertOptions,
): Promise<UpsertOutcome[]> {
  if (records.length > maxUpsertBatch)
    throw new Error(`${records.length} records in one call; at most ${maxUpsertBatch} are taken.`)
  if (records.length === 0) return []
  await freshOrganisationTree(db)
  if (db.isTransaction) return upsertOnce(db, ctx, records, options)
  for (let attempt = 1; ; attempt++) {
    try {
      return await inTransaction(db, (tx) => upsertOnce(tx, ctx, records, options))
    } catch (error) {
      if (attempt >= maxAttempts || !isConflict(error)) throw error
    }
  }
}

/** Another writer took the same identity or code first (23505), or each waited for the other (40P01). */
const isConflict = (error: unknown) => ['23505', '40P01'].includes((error as { code?: string }).code ?? '')

/**
 * The source ids whose stored hash equals the one given: those records need neither mapping nor writing. With
 * `publish` as for `upsertDatasets`, a draft is unchanged for drafts only; without it, what is unchanged either way.
 */
export async function unchangedRecords(
  db: Db,
  source: string,
  records: { sourceId: string; hash: Uint8Array }[],
  wish: Pick<Partial<UpsertOptions>, 'publish' | 'revive'> = {},
): Promise<Set<string>> {
  const sane = records.filter((r) => !r.sourceId.includes('\u0000'))
  return new Set(
    await selectUnchanged(
      db,
      source,
      sane.map((r) => r.sourceId),
      sane.map((r) => Buffer.from(r.hash).toString('hex')),
      wish,
    ),
  )
}

async function upsertOnce(
  tx: Db,
  ctx: CatalogContext,
  records: UpsertRecord[],
  options: UpsertOptions,
): Promise<UpsertOutcome[]> {
  const sane = records.filter((r) => !r.sourceId.includes('\u0000') && !r.source.includes('\u0000'))
  const known = await lockBySource(
    tx,
    sane.map((r) => r.source),
    sane.map((r) => r.sourceId),
  )
  const { outcomes, candidates } = planRecords(ctx, records, known, options)
  const bodies = await bodiesWith(tx, bodyCodes(candidates))
  const codes = candidates.flatMap((c) => c.references.resourceCodes.map((r) => r.code))
  const owners = await selectCodeOwners(tx, [...new Set(codes)])
  const accepted = acceptRecords(ctx, candidates, bodies, owners, options)
  const ids = await write(tx, ctx, await leaveSame(tx, ctx, accepted, bodies, options), bodies, options)
  if (ids.length > 0) await emit(tx, datasetTopic, { ids })
  await auditUpsert(tx, ctx, records, outcomes, options)
  if (++calls % foldEvery === 0) await foldFigureChanges(tx)
  return outcomes
}

function* bodyCodes(candidates: Candidate[]): Generator<string> {
  for (const { references } of candidates) for (const { code } of references.bodies) yield code
}

/** Those whose content is another than the entry has; of the others only the hash is kept. */
async function leaveSame(
  tx: Db,
  ctx: CatalogContext,
  accepted: Planned[],
  bodies: Bodies,
  options: UpsertOptions,
): Promise<Planned[]> {
  const there = accepted.flatMap((p) => (p.known ? [{ id: p.known.id, content: p.content }] : []))
  const same = await compareContents(tx, there, bodies.codesJson)
  const { changed, unchanged } = withoutSame(accepted, same, ctx, options)
  await updateSourceHashes(
    tx,
    unchanged.map((u) => ({ ...u, hash: hex(u.hash) })),
  )
  return changed
}

/** Writes what was accepted. @returns the row ids of entries whose public content is another now. */
async function write(
  tx: Db,
  ctx: CatalogContext,
  planned: Planned[],
  bodies: Bodies,
  options: UpsertOptions,
): Promise<number[]> {
  const now = new Date().toISOString()
  const change = {
    changed_at: now,
    changed_by: ctx.actor.personId,
    changed_by_name: ctx.actor.name,
    change_reason: options.reason ?? null,
  }
  const added = planned.filter((p) => p.known === undefined)
  // Without publication the content of an entry that people see goes beside it.
  const beside = planned.filter((p) => p.known?.state === 'published' && !options.publish)
  const changed = planned.filter((p) => p.known && !beside.includes(p))
  const addedIds = await addEntries(tx, added, bodies, options, change)
  await changeEntries(tx, changed, bodies, options, change)
  await draftBeside(tx, ctx, beside, options)
  return options.publish ? [...addedIds, ...changed.map((p) => p.known!.id)] : []
}

type ChangeColumns = Record<'changed_at' | 'changed_by' | 'changed_by_name' | 'change_reason', unknown>

const hex = (hash: Uint8Array) => Buffer.from(hash.buffer, hash.byteOffset, hash.byteLength).toString('hex')

async function addEntries(
  tx: Db,
  added: Planned[],
  bodies: Bodies,
  options: UpsertOptions,
  change: ChangeColumns,
): Promise<number[]> {
  if (added.length === 0) return []
  const free = await freeUids(tx, added)
  const rows = added.map((p) =>
    Object.assign(contentColumns(p.content, bodies.byCode.get(p.content.body)!), change, {
      uid: p.record.uid !== undefined && free.has(p.record.uid) ? p.record.uid : randomUUID(),
      state: options.publish ? 'published' : 'draft',
      source: p.record.source,
      source_id: p.record.sourceId,
      source_hash: `\\x${hex(p.record.hash)}`,
      published_at: options.publish ? change.changed_at : null,
    }),
  )
  const ids = await insertDatasets(tx, rows)
  const entries = added.map((p, i) => {
    p.outcome.uid = rows[i]!.uid
    p.outcome.id = ids[i]!
    return { id: ids[i]!, items: p.content.items, content: p.content }
  })
  await insertItems(tx, itemRows(entries, bodies.byCode))
  await insertResourceCodes(tx, codesOf(entries))
  return entries.map((e) => e.id)
}

/** The addresses wished for that nobody has, each once. */
async function freeUids(tx: Db, added: Planned[]): Promise<Set<string>> {
  const wished = new Set(added.flatMap((p) => p.record.uid ?? []))
  for (const taken of await selectTakenUids(tx, [...wished])) wished.delete(taken)
  const seen = new Set<string>()
  for (const { record } of added)
    if (record.uid !== undefined && seen.size === seen.add(record.uid).size) wished.delete(record.uid)
  return wished
}

const codesOf = (entries: { id: number; content: DatasetContent }[]) =>
  entries.flatMap(({ id, content }) => (content.resourceCode ?? []).map((code) => ({ code, datasetId: id })))

async function changeEntries(
  tx: Db,
  changed: Planned[],
  bodies: Bodies,
  options: UpsertOptions,
  change: ChangeColumns,
): Promise<void> {
  if (changed.length === 0) return
  const entries = changed.map((p) => ({ id: p.known!.id, items: p.content.items, content: p.content }))
  const ids = entries.map((e) => e.id)
  await archiveDatasets(tx, ids, bodies.codesJson)
  await discardDrafts(tx, ids)
  await updateDatasets(
    tx,
    changed.map((p) => {
      const { id, latestVersion, state, publishedAt } = p.known!
      return {
        ...contentColumns(p.content, bodies.byCode.get(p.content.body)!),
        ...change,
        id,
        version: latestVersion + 1,
        latest_version: latestVersion + 1,
        state: options.publish ? 'published' : state,
        published_at: publishedAt ?? (options.publish ? change.changed_at : null),
        source_hash: `\\x${hex(p.record.hash)}`,
      }
    }),
  )
  await deleteItems(tx, ids)
  await insertItems(tx, itemRows(entries, bodies.byCode))
  await replaceResourceCodes(tx, ids, codesOf(entries))
}

async function draftBeside(
  tx: Db,
  ctx: CatalogContext,
  beside: Planned[],
  options: UpsertOptions,
): Promise<void> {
  if (beside.length === 0) return
  await insertDraftVersions(
    tx,
    beside.map((p) => ({
      dataset_id: p.known!.id,
      version: p.known!.latestVersion + 1,
      content: p.content,
      person_id: ctx.actor.personId,
      person_name: ctx.actor.name,
      reason: options.reason ?? null,
    })),
  )
  await updateSourceHashes(
    tx,
    beside.map((p) => ({ id: p.known!.id, hash: hex(p.record.hash), draft: true })),
  )
}

async function auditUpsert(
  tx: Db,
  ctx: CatalogContext,
  records: UpsertRecord[],
  outcomes: UpsertOutcome[],
  options: UpsertOptions,
): Promise<void> {
  const counts = { added: 0, changed: 0, unchanged: 0, rejected: 0 }
  for (const o of outcomes) counts[o.outcome]++
  await audit(tx, {
    actor: ctx.actor,
    action: 'dataset:import',
    objectKind: 'dataset',
    organisationId: ctx.actor.organisationId,
    decision: 'allow',
    requestId: ctx.requestId,
    detail: {
      source: records[0]!.source.slice(0, 100),
      publish: options.publish,
      reason: options.reason?.slice(0, 500),
      ...counts,
    },
  })
}
