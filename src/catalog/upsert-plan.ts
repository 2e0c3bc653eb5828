import type { Fault } from '../platform/errors.ts'
import { isAllowed } from '../security/index.ts'
import type { Bodies } from './bodies.ts'
import type { CatalogContext } from './context.ts'
import type { DatasetContent } from './dataset.schema.ts'
import type { KnownDataset } from './dataset-upsert.queries.ts'
import { validateDataset } from './dataset-validation.ts'

/** A record of an import: where it came from, its hash there (SHA-256 of the record as read), its content. */
export interface UpsertRecord {
  source: string
  sourceId: string
  /** 32 bytes. */
  hash: Uint8Array
  /** Anything; it is tidied and validated here (validateDataset), so that no other gate is needed. */
  content: unknown
}

export interface UpsertOptions {
  /** True makes the records visible at once; false makes drafts, also of entries that are published already. */
  publish: boolean
  /** Kept with each version. */
  reason?: string
}

export interface UpsertOutcome {
  index: number
  outcome: 'added' | 'changed' | 'unchanged' | 'rejected'
  uid?: string
  faults?: Fault[]
}

/** Characters of a source's name and of a record's identifier there: both together fit an index page. */
const maxSource = 100
const maxSourceId = 500
const storable = /^[^\p{Cc}\p{Cs}]+$/u

/** A record that is valid by itself; what depends on the database is asked in steps, each false with a reject. */
export interface Planned {
  record: UpsertRecord
  content: DatasetContent
  known: KnownDataset | undefined
  outcome: UpsertOutcome
  /** True when its bodies exist and the actor may write for them. */
  place(bodies: Bodies): boolean
  /** True when its resource codes are free; they are taken for this record then. */
  claim(owners: Map<string, number>): boolean
}

/** Sorts records into those settled already (unchanged, rejected) and those to be written. */
export function planRecords(
  ctx: CatalogContext,
  records: UpsertRecord[],
  known: KnownDataset[],
  options: UpsertOptions,
): { outcomes: UpsertOutcome[]; planned: Planned[] } {
  const outcomes: UpsertOutcome[] = []
  const planned: Planned[] = []
  const knownBy = new Map(known.map((k) => [`${k.source}\u0000${k.sourceId}`, k]))
  const first = new Map<string, number>()
  const taken = new Map<string, number>()
  for (const [index, record] of records.entries()) {
    const key = `${record.source}\u0000${record.sourceId}`
    const before = knownBy.get(key)
    const outcome: UpsertOutcome = { index, outcome: before ? 'changed' : 'added', uid: before?.uid }
    outcomes.push(outcome)
    const earlier = first.get(key)
    if (earlier === undefined) first.set(key, index)
    const content = settle(ctx, record, before, earlier, outcome)
    if (content)
      planned.push({
        record,
        content,
        known: before,
        outcome,
        place: (bodies) => reject(outcome, placeFaults(ctx, content, before, bodies, options)),
        claim: (owners) => reject(outcome, claimFaults(content, before, index, owners, taken)),
      })
  }
  return { outcomes, planned }
}

/** The content to write, or nothing where the record is settled: unchanged, or rejected for what it is. */
function settle(
  ctx: CatalogContext,
  record: UpsertRecord,
  before: KnownDataset | undefined,
  earlier: number | undefined,
  outcome: UpsertOutcome,
): DatasetContent | undefined {
  if (earlier !== undefined) reject(outcome, [duplicate('/sourceId', earlier)])
  else if (!reject(outcome, before ? [] : identityFaults(record))) return undefined
  else if (before?.sourceHash && Buffer.compare(before.sourceHash, record.hash) === 0)
    outcome.outcome = 'unchanged'
  else if (before?.state === 'retired') reject(outcome, [retired])
  else {
    const { content, faults } = validateDataset(record.content, ctx.profile, { uid: before?.uid })
    if (content) return content
    reject(outcome, faults)
  }
  return undefined
}

/** Turns the outcome into a reject if there are faults. @returns true when there are none. */
function reject(outcome: UpsertOutcome, faults: Fault[]): boolean {
  if (faults.length === 0) return true
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

function placeFaults(
  ctx: CatalogContext,
  content: DatasetContent,
  before: KnownDataset | undefined,
  bodies: Bodies,
  options: UpsertOptions,
): Fault[] {
  const faults = bodyFaults(content, bodies)
  if (faults.length > 0) return faults
  const places = new Set([
    bodies.byCode.get(content.body)!,
    before?.organisationId ?? bodies.byCode.get(content.body)!,
  ])
  for (const organisationId of places) {
    const object = { kind: 'dataset', organisationId, state: before?.state ?? 'draft' }
    for (const action of options.publish ? ['dataset:import', 'dataset:publish'] : ['dataset:import'])
      if (!isAllowed(ctx.actor, action, object))
        return [
          {
            path: '/body',
            rule: 'forbidden',
            message: `You may not do ${action} for the body ${bodies.byId.get(organisationId)?.code ?? ''}.`,
            remedy: 'Ask that body, or one above it, to bring the record in.',
          },
        ]
  }
  return []
}

/** Faults of the codes of bodies: a code nobody registered. */
export function bodyFaults(content: DatasetContent, bodies: Bodies): Fault[] {
  const faults: Fault[] = []
  const check = (path: string, code: string) => {
    if (!bodies.byCode.has(code))
      faults.push({
        path,
        rule: 'unknown_body',
        message: `No body has the code "${code}".`,
        remedy: 'Register the body first, or correct the code (GET /api/v1/organisations).',
      })
  }
  check('/body', content.body)
  content.items?.forEach((item, i) => {
    if (item.body) check(`/items/${i}/body`, item.body)
  })
  return faults
}

function claimFaults(
  content: DatasetContent,
  before: KnownDataset | undefined,
  index: number,
  owners: Map<string, number>,
  taken: Map<string, number>,
): Fault[] {
  const codes = content.resourceCode ?? []
  const faults = codes.flatMap((code, i): Fault[] => {
    const earlier = taken.get(code)
    if (earlier !== undefined) return [duplicate(`/resourceCode/${i}`, earlier)]
    return codeFault(code, i, owners.get(code), before?.id)
  })
  if (faults.length === 0) for (const code of codes) taken.set(code, index)
  return faults
}

/** The fault of a resource code that another entry holds. */
export const codeFault = (
  code: string,
  i: number,
  owner: number | undefined,
  self: number | undefined,
): Fault[] =>
  owner === undefined || owner === self
    ? []
    : [
        {
          path: `/resourceCode/${i}`,
          rule: 'duplicate_identifier',
          message: `Another entry has the resource code ${code}.`,
          remedy: 'Give the entry the next free sequence of its classification.',
        },
      ]
