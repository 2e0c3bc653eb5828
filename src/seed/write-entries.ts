import { createHash } from 'node:crypto'
import type { DatasetContent } from '../catalog/dataset.schema.ts'
import { type UpsertOutcome, unchangedRecords, upsertDatasets } from '../catalog/index.ts'
import type { Db } from '../platform/postgres.ts'
import type { Profile } from '../platform/profile.ts'
import { canonicalJson, systemActor } from '../security/index.ts'
import type { DemoEntry } from './entries.ts'
import { draftContent, earlierContent, reasons } from './history.ts'

/** Source under which the demo's entries are kept; judgements of the relevance set use its identifiers. */
export const seedSource = 'seed'
export const seedActor = systemActor('seed')
/** Entries of one call of the catalogue. */
const batch = 1_000

interface WriteContext {
  db: Db
  profile: Profile
  progress?: (step: string) => void
}

interface Write {
  sourceId: string
  content: DatasetContent
}

const hashOf = (content: DatasetContent) =>
  createHash('sha256')
    .update(canonicalJson(JSON.parse(JSON.stringify(content))))
    .digest()

/** What was written last for an entry: its draft where somebody works on it. */
const lastOf = (e: DemoEntry): Write => ({ sourceId: e.plan.sourceId, content: draftContent(e) ?? e.content })

const presentOf = ({ plan, content }: DemoEntry): Write => ({ sourceId: plan.sourceId, content })

/**
 * Brings the entries into the catalogue with their history: earlier versions, the present ones, drafts.
 * What is there already is left alone.
 */
export async function writeEntries(
  ctx: WriteContext,
  entries: DemoEntry[],
): Promise<{ added: number; changed: number; unchanged: number }> {
  const there = await unchanged(ctx.db, entries)
  const todo = entries.filter((e) => !there.has(e.plan.sourceId))
  // A run that was cut off may have come past the earlier versions: they are not written over the present ones.
  const past = await unchanged(ctx.db, todo, presentOf)
  const earlier = writes(todo, earlierContent).filter((w) => !past.has(w.sourceId))
  const revised = new Set(writes(todo, earlierContent).map((w) => w.sourceId))
  const present = (published: boolean, again: boolean) =>
    todo
      .filter((e) => e.plan.published === published && revised.has(e.plan.sourceId) === again)
      .map(presentOf)
  const added =
    (await write(ctx, earlier, true, reasons.first)) +
    (await write(ctx, present(true, false), true, reasons.published)) +
    (await write(ctx, present(false, false), false, reasons.started))
  await write(ctx, present(true, true), true, reasons.revised)
  await write(ctx, writes(todo, draftContent), false, reasons.working)
  return { added, changed: todo.length - added, unchanged: there.size }
}

const writes = (entries: DemoEntry[], form: (e: DemoEntry) => DatasetContent | undefined): Write[] =>
  entries.flatMap((e) => {
    const content = form(e)
    return content ? [{ sourceId: e.plan.sourceId, content }] : []
  })

const records = (list: Write[]) =>
  list.map(({ sourceId, content }) => ({ source: seedSource, sourceId, hash: hashOf(content), content }))

/** @returns the number of entries that were not there before. */
async function write(ctx: WriteContext, list: Write[], publish: boolean, reason: string): Promise<number> {
  let added = 0
  for (let i = 0; i < list.length; i += batch) {
    const some = list.slice(i, i + batch)
    const outcomes = await upsertDatasets(ctx.db, { actor: seedActor, profile: ctx.profile }, records(some), {
      publish,
      reason,
    })
    for (const [n, outcome] of outcomes.entries()) refuse(some[n]!, outcome)
    added += outcomes.filter((o) => o.outcome === 'added').length
    ctx.progress?.(`${reason}: ${i + some.length} of ${list.length} entries`)
  }
  return added
}

function refuse({ sourceId }: Write, outcome: UpsertOutcome): void {
  if (outcome.outcome !== 'rejected') return
  const faults = outcome.faults?.map((f) => `${f.path} ${f.message}`).join('; ')
  throw new Error(`The demo entry ${sourceId} was refused: ${faults}`)
}

async function unchanged(db: Db, entries: DemoEntry[], form = lastOf): Promise<Set<string>> {
  const found = new Set<string>()
  for (let i = 0; i < entries.length; i += batch) {
    const some = entries.slice(i, i + batch).map(form)
    for (const id of await unchangedRecords(db, seedSource, records(some), { publish: false })) found.add(id)
  }
  return found
}

/** @throws Error when the catalogue does not hold every entry as it was written. */
export async function readBack(db: Db, entries: DemoEntry[]): Promise<void> {
  const found = await unchanged(db, entries)
  if (found.size === entries.length) return
  const missing = entries.filter((e) => !found.has(e.plan.sourceId)).map((e) => e.plan.sourceId)
  throw new Error(
    `${missing.length} demo entries were not kept as written, e.g. ${missing.slice(0, 5).join(', ')}.`,
  )
}
