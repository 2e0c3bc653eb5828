import type { Fault } from '../platform/errors.ts'
import { isAllowed } from '../security/index.ts'
import type { Bodies } from './bodies.ts'
import type { CatalogContext } from './context.ts'
import type { DatasetContent } from './dataset.schema.ts'
import { bodyFaults, codeFaults, type References, referencesOf } from './dataset-references.ts'
import type { KnownDataset, SameContent } from './dataset-upsert.queries.ts'
import { boundedFaults, type Validation, validateDataset } from './dataset-validation.ts'

/** A record of an import: where it came from, its hash there (SHA-256 of the record as read), its content. */
export interface UpsertRecord {
  source: string
  sourceId: string
  /** 32 bytes. */
  hash: Uint8Array
  /** Anything; it is tidied and validated here (validateDataset), so that no other gate is needed. */
  content: unknown
  /** What `validateDataset` says of the content of a new entry, where the caller had time to ask while it waited. */
  checked?: Validation
  /** The address a new entry gets where nobody has it: entries that come from another node keep theirs. A UUID. */
  uid?: string
}

export interface UpsertOptions {
  /** True brings back an entry that was retired because its source had it no more (`retireBySource`). */
  revive?: boolean
  /** True makes the records visible at once; false makes drafts, also of entries that are published already. */
  publish: boolean
  /** Kept with each version. */
  reason?: string
}

export interface UpsertOutcome {
  index: number
  outcome: 'added' | 'changed' | 'unchanged' | 'rejected'
  uid?: string
  /** Row id of an entry that was added. */
  id?: number
  /** Why it was rejected; of a changed one, whose work it replaced (`draft_replaced`). */
  faults?: Fault[]
}

/** Characters of a source's name and of a record's identifier there: both together fit an index page. */
const maxSource = 100
const maxSourceId = 500
const storable = /^[^\p{Cc}\p{Cs}]+$/u

/** A record that may have to be written, with what was found out without the database. */
export interface Candidate {
  record: UpsertRecord
  known: KnownDataset | undefined
  outcome: UpsertOutcome
  /** Null where it has faults of its own; they are told together with those that the database knows. */
  content: DatasetContent | null
  references: References
  faults: Fault[]
}

/** A record that is taken: valid, in its place, its codes free. */
export interface Planned extends Candidate {
  content: DatasetContent
}

/** Sorts records into those settled already (unchanged, retired, repeated) and those to be looked at. */
export function planRecords(
  ctx: CatalogContext,
  records: UpsertRecord[],
  known: KnownDataset[],
  options: UpsertOptions,
): { outcomes: UpsertOutcome[]; candidates: Candidate[] } {
  const outcomes: UpsertOutcome[] = []
  const candidates: Candidate[] = []
  const knownBy = new Map(known.map((k) => [`${k.source}\u0000${k.sourceId}`, k]))
  const first = new Map<string, number>()
  for (const [index, record] of records.entries()) {
    const key = `${record.source}\u0000${record.sourceId}`
    const before = knownBy.get(key)
    const outcome: UpsertOutcome = { index, outcome: before ? 'changed' : 'added', uid: before?.uid }
    outcomes.push(outcome)
    const earlier = first.get(key)
    if (earlier === undefined) first.set(key, index)
    if (earlier !== undefined) reject(outcome, [duplicate('/sourceId', earlier)])
    else if (before && isSettled(before, record.hash, options)) outcome.outcome = 'unchanged'
    else if (before?.state === 'retired' && !mayRevive(before, options)) reject(outcome, [retired])
    else if (before?.heldBy) reject(outcome, [held(before.heldBy)])
    else candidates.push(toCandidate(ctx, record, before, outcome))
  }
  return { outcomes, candidates }
}

/** True when the source that had it no more has it again. */
const mayRevive = (known: KnownDataset, { publish, revive }: UpsertOptions) =>
  publish && revive === true && known.state === 'retired' && known.retiredBy === 'source'

/** True when the entry has what the record says, and nothing of it awaits the publication asked for. */
function isSettled(known: KnownDataset, hash: Uint8Array, options: UpsertOptions): boolean {
  const { publish } = options
  if (publish && known.state === 'draft') return false
  if (mayRevive(known, options)) return false
  const had = publish ? known.sourceHash : (known.draftSourceHash ?? known.sourceHash)
  return had !== null && Buffer.compare(had, hash) === 0
}

function toCandidate(
  ctx: CatalogContext,
  record: UpsertRecord,
  known: KnownDataset | undefined,
  outcome: UpsertOutcome,
): Candidate {
  const { content, faults, value } =
    (known === undefined && record.checked) ||
    validateDataset(record.content, ctx.profile, { uid: known?.uid })
  const all = known ? faults : [...identityFaults(record), ...faults]
  return { record, known, outcome, content, references: referencesOf(value, faults), faults: all }
}

/** Takes the candidates that have no fault, in their order; the others are rejected with all of theirs. */
export function acceptRecords(
  ctx: CatalogContext,
  candidates: Candidate[],
  bodies: Bodies,
  owners: ReadonlyMap<string, number>,
  options: UpsertOptions,
): Planned[] {
  const taken = new Map<string, number>()
  return candidates.filter((c): c is Planned => {
    const faults = [
      ...c.faults,
      ...placeFaults(ctx, c, bodies, options),
      ...takenFaults(c.references, taken),
      ...codeFaults(c.references, owners, c.known?.id),
    ]
    if (faults.length > 0) return reject(c.outcome, boundedFaults(faults))
    for (const { code } of c.references.resourceCodes) taken.set(code, c.outcome.index)
    return true
  })
}

/**
 * What is left to write once the contents were compared with what the entries hold. The others are unchanged,
 * though their hash is another: the order of members, say, or the mapping's version.
 */
export function withoutSame(
  planned: Planned[],
  same: ReadonlyMap<number, SameContent>,
  ctx: CatalogContext,
  { publish }: UpsertOptions,
): { changed: Planned[]; unchanged: { id: number; hash: Uint8Array; draft: boolean }[] } {
  const changed: Planned[] = []
  const unchanged: { id: number; hash: Uint8Array; draft: boolean }[] = []
  for (const p of planned) {
    const { known } = p
    const found = known && same.get(known.id)
    const draft = known !== undefined && !publish && known.latestVersion > known.version
    const awaits = publish && (known?.state === 'draft' || known?.state === 'retired')
    if (found && !awaits && (draft ? found.inDraft : found.inRows)) {
      p.outcome.outcome = 'unchanged'
      unchanged.push({ id: known.id, hash: p.record.hash, draft })
      continue
    }
    if (found && !found.inDraft && !(known.state === 'draft' && found.inRows)) noteReplaced(p, known, ctx)
    changed.push(p)
  }
  return { changed, unchanged }
}

/** Says in the report whose draft the record replaces, unless it is the source's own. It stays in the history. */
function noteReplaced(p: Planned, known: KnownDataset, { actor }: CatalogContext): void {
  if (known.draftBy === null) return
  const ofSource = known.state === 'draft' || known.draftSourceHash !== null
  if (ofSource && known.draftById === actor.personId && known.draftBy === actor.name) return
  p.outcome.faults = [
    {
      path: '',
      rule: 'draft_replaced',
      message: `The draft in version ${known.latestVersion}, by ${known.draftBy}, was replaced by this record.`,
      remedy:
        'It is kept in the history: compare it with the newest version, and restore it if it is wanted.',
    },
  ]
}

/** Turns the outcome into a reject. @returns false, what a filter drops */
function reject(outcome: UpsertOutcome, faults: Fault[]): false {
  outcome.outcome = 'rejected'
  outcome.faults = faults
  return false
}

const duplicate = (path: string, earlier: number): Fault => ({
  path,
  rule: 'duplicate_identifier',
  message: `Record ${earlier + 1} of the same batch has this identifier; the first one counts.`,
  remedy: 'Give each record an identifier of its own, or remove the repetition.',
})

const retired: Fault = {
  path: '',
  rule: 'retired',
  message: 'This entry was retired; an import does not bring it back.',
  remedy: 'Publish it again in the workbench, or leave it out of the source.',
}

const held = (by: string): Fault => ({
  path: '',
  rule: 'held',
  message: `${by} submitted this entry for review; until that is decided an import does not change it.`,
  remedy: 'Import it again after the decision, or have the submission withdrawn.',
})

function identityFaults(record: UpsertRecord): Fault[] {
  const faults: Fault[] = []
  const check = (path: string, text: string, max: number) => {
    if (text.length === 0 || text.length > max || !storable.test(text))
      faults.push({
        path,
        rule: 'identifier',
        message: `The identifier is empty, longer than ${max} characters, or has control characters.`,
        remedy: 'Give each record a short, lasting identifier.',
      })
  }
  check('/source', record.source, maxSource)
  check('/sourceId', record.sourceId, maxSourceId)
  return faults
}

/** Bodies nobody registered; then, for the body named and the one that has the entry, what the actor may not do. */
function placeFaults(
  ctx: CatalogContext,
  { references, known }: Candidate,
  bodies: Bodies,
  { publish }: UpsertOptions,
): Fault[] {
  const faults = bodyFaults(references, bodies)
  const named = references.bodies.find((b) => b.path === '/body')
  const owner = named && bodies.byCode.get(named.code)
  if (owner === undefined) return faults
  for (const organisationId of new Set([owner, known?.organisationId ?? owner])) {
    const object = { kind: 'dataset', organisationId, state: known?.state ?? 'draft' }
    for (const action of publish ? ['dataset:import', 'dataset:publish'] : ['dataset:import'])
      if (!isAllowed(ctx.actor, action, object))
        return [
          ...faults,
          {
            path: '/body',
            rule: 'forbidden',
            message: `You may not do ${action} for the body ${bodies.byId.get(organisationId)?.code ?? ''}.`,
            remedy:
              action === 'dataset:publish'
                ? 'Bring the record in as a draft and submit it for review.'
                : 'Ask that body, or one above it, to bring the record in.',
          },
        ]
  }
  return faults
}

const takenFaults = ({ resourceCodes }: References, taken: ReadonlyMap<string, number>): Fault[] =>
  resourceCodes.flatMap(({ path, code }) => {
    const earlier = taken.get(code)
    return earlier === undefined ? [] : [duplicate(path, earlier)]
  })
