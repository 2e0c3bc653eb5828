import {
  type Holder,
  moveToSource,
  type SourceEntry,
  selectHolders,
  selectSourceEntries,
} from '../../catalog/index.ts'
import type { Fault } from '../../platform/errors.ts'
import type { Db } from '../../platform/postgres.ts'
import { type Actor, isAllowed } from '../../security/index.ts'
import type { ImportRecordRow } from '../import.queries.ts'
import { duplicate, type PreparedEntry, recordRow } from '../import-batch.ts'
import type { Sorted } from '../import-write.ts'
import { uidOf } from '../source-identity.ts'
import {
  deleteLinks,
  type LinkReason,
  type RecordLink,
  selectIdentifiers,
  selectLinks,
  upsertLinks,
} from './record.queries.ts'
import type { SeenEntries } from './seen.ts'

/** What sorting needs to know of a run. */
export interface SortContext {
  runId: number
  source: { id: number; name: string; publish: boolean }
  actor: Actor
  seen: SeenEntries
  /** The source lists changes, an entry as often as it changed: a repetition is its next state. */
  log: boolean
  /** A page that is tried again: what it brought the first time is no repetition. */
  again: boolean
}

export interface SortedHarvest extends Sorted {
  /** Entries of the source that were met, also those whose record is rejected later. */
  met: number[]
  repeated: number
}

/**
 * Sorts the records of a batch: met already in this run (rejected), stored as they are (only counted), held by another
 * source (linked), the rest to be written. Costs one index probe a record; unknown records three more.
 */
export async function sortRecords(
  tx: Db,
  run: SortContext,
  entries: PreparedEntry[],
): Promise<SortedHarvest> {
  const sorted: SortedHarvest = {
    entries: [],
    rows: [],
    unchanged: 0,
    linked: 0,
    returning: new Set(),
    met: [],
    repeated: 0,
  }
  const ids = entries.map((e) => e.sourceId)
  const known = new Map((await selectSourceEntries(tx, run.source.name, ids)).map((k) => [k.sourceId, k]))
  const strangers = entries.filter((e) => !known.has(e.sourceId))
  const links = await linkStrangers(tx, run, strangers)
  const inBatch = new Set<string>()
  for (const entry of entries) {
    // Pages that are written together may repeat each other.
    if (inBatch.size === inBatch.add(entry.sourceId).size) {
      repeat(entry, sorted)
      continue
    }
    const before = known.get(entry.sourceId) ?? links.moved.get(entry.sourceId)
    const link = before ? undefined : links.found.get(entry.sourceId)
    if (before) sortKnown(run, entry, before, sorted)
    else if (link) {
      sorted.linked++
      if (link.isNew) sorted.rows.push(linkedRow(entry, link.holder, link.reason))
    } else sorted.entries.push({ ...entry, uid: uidOf(entry.sourceId) })
  }
  return sorted
}

/** A record that came before in this run. */
function repeat(entry: PreparedEntry, sorted: SortedHarvest): void {
  sorted.repeated++
  sorted.rows.push(
    recordRow(entry.position, entry.place, 'rejected', {
      sourceId: entry.sourceId,
      title: entry.title,
      faults: [duplicate],
    }),
  )
}

function sortKnown(
  run: SortContext,
  entry: PreparedEntry,
  before: Pick<SourceEntry, 'id' | 'state' | 'sourceHash' | 'draftSourceHash' | 'editedHere' | 'retiredBy'>,
  sorted: SortedHarvest,
): void {
  if (run.seen.has(before.id) && !run.log) {
    if (!run.again) repeat(entry, sorted)
    return
  }
  sorted.met.push(before.id)
  const { publish } = run.source
  if (before.state === 'retired' && before.retiredBy === 'source') {
    if (publish) (sorted.returning as Set<string>).add(entry.sourceId)
    else {
      sorted.unchanged++
      sorted.rows.push(noteRow(entry, backAtSource))
      return
    }
  } else {
    const had = publish ? before.sourceHash : (before.draftSourceHash ?? before.sourceHash)
    if (had?.equals(entry.hash) && !(publish && before.state === 'draft')) {
      sorted.unchanged++
      return
    }
  }
  sorted.entries.push(before.editedHere ? { ...entry, warnings: [...entry.warnings, editReplaced] } : entry)
}

interface FoundLink {
  holder: Holder
  reason: LinkReason
  isNew: boolean
}

/**
 * Finds who holds the entries of records that are new to the source, by strong identifiers only: the address their origin
 * gave them, a global identifier, a resource code. An entry that its own source had dropped is carried on by this one.
 */
async function linkStrangers(tx: Db, run: SortContext, strangers: PreparedEntry[]) {
  const found = new Map<string, FoundLink>()
  const moved = new Map<string, SourceEntry>()
  if (strangers.length === 0) return { found, moved }
  const before = new Map(
    (
      await selectLinks(
        tx,
        run.source.id,
        strangers.map((e) => e.sourceId),
      )
    ).map((l) => [l.sourceId, l]),
  )
  const holders = await findHolders(tx, strangers)
  const carryOn: { entry: PreparedEntry; holder: Holder }[] = []
  const gone: string[] = []
  for (const entry of strangers) {
    const hit = holders(entry)
    if (!hit || hit.holder.source === run.source.name) {
      if (before.has(entry.sourceId)) gone.push(entry.sourceId)
      continue
    }
    if (hit.holder.retiredBy === 'source' && mayCarryOn(run, hit.holder))
      carryOn.push({ entry, holder: hit.holder })
    else found.set(entry.sourceId, { ...hit, isNew: before.get(entry.sourceId)?.datasetId !== hit.holder.id })
  }
  const ids = await moveToSource(
    tx,
    carryOn.map((c) => ({ id: c.holder.id, source: run.source.name, sourceId: c.entry.sourceId })),
  )
  for (const { entry, holder } of carryOn)
    if (ids.has(holder.id)) {
      gone.push(entry.sourceId)
      moved.set(entry.sourceId, {
        ...holder,
        sourceId: entry.sourceId,
        sourceHash: null,
        draftSourceHash: null,
        editedHere: false,
      })
    }
  await deleteLinks(tx, run.source.id, gone)
  const links: RecordLink[] = [...found].map(([sourceId, { holder, reason }]) => ({
    sourceId,
    datasetId: holder.id,
    reason,
  }))
  await upsertLinks(tx, run.source.id, run.runId, links)
  return { found, moved }
}

const mayCarryOn = (run: SortContext, holder: Holder): boolean =>
  ['dataset:import', ...(run.source.publish ? ['dataset:publish'] : [])].every((action) =>
    isAllowed(run.actor, action, {
      kind: 'dataset',
      organisationId: holder.organisationId,
      state: holder.state,
    }),
  )

async function findHolders(tx: Db, entries: PreparedEntry[]) {
  const asked = entries.map((e) => ({
    uid: uidOf(e.sourceId),
    uris: [e.sourceId, ...(e.identifiers ?? [])],
    codes: Array.isArray(e.content.resourceCode) ? (e.content.resourceCode as string[]) : [],
  }))
  const uris = asked.flatMap((a) => a.uris)
  const kept = await selectIdentifiers(tx, uris)
  const holders = await selectHolders(tx, {
    uids: asked.flatMap((a) => a.uid ?? []),
    uris,
    codes: asked.flatMap((a) => a.codes),
    ids: [...new Set(kept.values())],
  })
  const by = new Map(holders.map((h) => [`${h.by} ${h.value}`, h]))
  const places = new Map(entries.map((e, i) => [e, asked[i]!]))
  return (entry: PreparedEntry): { holder: Holder; reason: LinkReason } | undefined => {
    const { uid, uris: own, codes } = places.get(entry)!
    const hit = (key: string, reason: LinkReason) => {
      const holder = by.get(key)
      return holder && { holder, reason }
    }
    return (
      (uid && hit(`uid ${uid}`, 'uid')) ||
      own.map((v) => hit(`uri ${v}`, 'uri') ?? hit(`id ${kept.get(v)}`, 'uri')).find(Boolean) ||
      codes.map((v) => hit(`code ${v}`, 'code')).find(Boolean)
    )
  }
}

const reasonWords: Record<LinkReason, string> = {
  uid: 'its origin gave both the same address',
  uri: 'both have the same global identifier',
  code: 'both have the same resource code',
}

function linkedRow(entry: PreparedEntry, holder: Holder, reason: LinkReason): ImportRecordRow {
  const at = holder.source === null ? 'an entry compiled here' : `an entry of the source ${holder.source}`
  return recordRow(entry.position, entry.place, 'linked', {
    sourceId: entry.sourceId,
    title: entry.title,
    uid: holder.uid,
    faults: [
      {
        path: '',
        rule: 'linked',
        message: `linked to ${at}, "${holder.title.slice(0, 200)}": ${reasonWords[reason]}`,
        remedy: 'The first holder goes on writing the entry; this source takes over when that one drops it.',
      },
    ],
  })
}

const noteRow = (entry: PreparedEntry, fault: Fault): ImportRecordRow =>
  recordRow(entry.position, entry.place, 'note', {
    sourceId: entry.sourceId,
    title: entry.title,
    faults: [fault],
  })

const backAtSource: Fault = {
  path: '',
  rule: 'back_at_source',
  message: 'The source has this record again; its entry is retired, and this source makes drafts only.',
  remedy: 'Publish the entry again in the workbench if it is wanted.',
}

const editReplaced: Fault = {
  path: '',
  rule: 'local_edit_replaced',
  message: 'The entry was edited here, then changed at its source: the record of the source was taken.',
  remedy:
    'The version edited here is in the history: compare it with the newest one, and restore what is wanted.',
}
