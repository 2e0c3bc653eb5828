import type { Db } from '../platform/postgres.ts'
import type { Actor } from './actor.ts'
import { type ChainRow, countIntake, selectChain, selectSeqOfHash } from './audit.queries.ts'
import { audit } from './audit.ts'
import { genesis, hashEvent } from './audit-chain.ts'
import { loadCheckpointKey } from './audit-checkpoint.ts'
import {
  type AcceptedRestore,
  type AuditProblem,
  compareCheckpoints,
  type Report,
} from './audit-checkpoints.ts'
import { authorize } from './policy.ts'

/** Events read at once: about 4 MB. */
const batchSize = 5_000
/** Problems told; the first ones say where to look. */
const maxProblems = 100
/** Full scans for a broken link's other end; after that a break is told without a guess at its cause. */
const maxSearches = 20
/** Events hashed before requests get their turn: some 5 ms. */
const breatheEvery = 500
/** Accepted restores told, the newest. */
const maxRestores = 100
const breathe = () => new Promise<void>((resolve) => setImmediate(resolve))
/** How far apart (events) a renumbered one is looked for. */
const maxShift = 64

export interface AuditVerification {
  ok: boolean
  events: number
  lastSeq: number
  /** Hex; keep it elsewhere: with it a later rewrite can be proved. */
  lastHash: string
  /** Events written but not yet in the chain. */
  waiting: number
  /** Checkpoints of this node that were compared, and the newest of them. Run it on every node. */
  checkpoints: number
  lastCheckpointSeq: number
  lastCheckpointAt: string | null
  /** Restored backups that were accepted: the checkpoints of the events lost then are given up. */
  restores: AcceptedRestore[]
  problems: AuditProblem[]
  /** What this verification cannot find, in words. */
  limits: string[]
}

const limits = [
  'Events cut from the end after the last checkpoint (at most a minute or 1,000 events).',
  'A rewrite by somebody who controls the database, the signing key and the checkpoint file together, since the last copy of the file or of the last hash that is kept on another machine.',
  'An event that was never written, or a false one added through the database with the rights of the program.',
]

/**
 * Reads the whole chain in order and compares it with the signed checkpoints of this node's file and of the
 * table. Finds changed, removed, inserted, reordered and truncated events and a rewritten chain; `limits` says
 * what it cannot find. About 50,000 events a second.
 */
export async function verifyAudit(
  db: Db,
  options: { dataDir: string; onProgress?: (events: number) => void },
): Promise<AuditVerification> {
  const problems: AuditProblem[] = []
  const report: Report = (kind, seq, message) => {
    if (problems.length < maxProblems) problems.push({ kind, seq, message })
  }
  const waiting = await countIntake(db)
  const key = loadCheckpointKey(options.dataDir, false)
  // Read before the chain: what is signed later may be beyond the end we see.
  const found = await compareCheckpoints(db, options.dataDir, key, report)
  const walk = startWalk(db, report)
  let after = 0
  for (;;) {
    const rows = await selectChain(db, after, batchSize)
    if (rows.length === 0) break
    for (const [i, row] of rows.entries()) {
      // Requests are answered by the same thread.
      if (i % breatheEvery === 0) await breathe()
      await walk.step(row)
    }
    after = rows.at(-1)!.seq
    options.onProgress?.(walk.events)
  }
  for (const { seq, at, there } of found.misfits)
    if (there) report('rewritten', seq, `Event ${seq} is not the one that was signed at ${at}.`)
    else if (seq > walk.lastSeq)
      report('truncated', seq, `Event ${seq} was signed at ${at}, but the log ends at ${walk.lastSeq}.`)
    else report('removed', seq, `Event ${seq} was signed at ${at}, but is not there.`)
  return {
    ok: problems.length === 0,
    events: walk.events,
    lastSeq: walk.lastSeq,
    lastHash: walk.lastHash.toString('hex'),
    waiting,
    checkpoints: found.own,
    lastCheckpointSeq: found.last?.seq ?? 0,
    lastCheckpointAt: found.last?.at ?? null,
    restores: found.restores.slice(-maxRestores),
    problems,
    limits,
  }
}

/** `verifyAudit` for a person: asked for permission, and itself in the log with its outcome. */
export async function verifyAuditFor(
  db: Db,
  actor: Actor,
  options: { dataDir: string; requestId?: string },
): Promise<AuditVerification> {
  authorize(actor, 'audit:verify', { kind: 'audit' })
  const result = await verifyAudit(db, options)
  await audit(db, {
    actor,
    action: 'audit:verify',
    objectKind: 'audit',
    decision: 'allow',
    requestId: options.requestId,
    detail: {
      ok: result.ok,
      events: result.events,
      problems: result.problems.length,
      lastHash: result.lastHash,
    },
  })
  return result
}

/** Follows the links. A break is told once; the walk goes on from what is there, to find the next one. */
function startWalk(db: Db, report: Report) {
  const state = { events: 0, lastSeq: 0, lastHash: genesis as Buffer, shift: 0, searches: 0 }
  const step = async (row: ChainRow) => {
    const linked = row.previousHash.equals(state.lastHash)
    const gap = row.seq - state.lastSeq - 1
    if (!linked) await tellBreak(row, gap)
    else if (gap > 0) report('removed', state.lastSeq + 1, `${gap} numbers are missing before ${row.seq}.`)
    const shift = findShift(row, linked ? state.shift : undefined)
    if (shift === undefined) {
      if (linked || gap === 0)
        report('changed', row.seq, `The content of event ${row.seq} is not what was hashed.`)
    } else if (linked && shift !== state.shift)
      report(
        shift > state.shift ? 'removed' : 'inserted',
        row.seq,
        `Event ${row.seq} had the number ${row.seq + shift}.`,
      )
    state.shift = shift ?? state.shift
    state.events++
    state.lastSeq = row.seq
    state.lastHash = row.hash
  }
  const tellBreak = async (row: ChainRow, gap: number) => {
    const at = row.seq
    if (gap > 0)
      return report('removed', state.lastSeq + 1, `Events ${state.lastSeq + 1} to ${at - 1} are missing.`)
    const origin = state.searches++ < maxSearches ? await selectSeqOfHash(db, row.previousHash) : undefined
    if (origin !== undefined && origin > at)
      return report('reordered', at, `Event ${at} came after event ${origin} when it was written.`)
    if (origin !== undefined || row.previousHash.equals(genesis))
      return report(
        'inserted',
        (origin ?? 0) + 1,
        `Event ${at} followed event ${origin ?? 0} when it was written; what is between was put there later.`,
      )
    if (hashEvent(row, row.previousHash).equals(row.hash))
      return report('inserted', at, `Event ${at} follows an event that is nowhere in the log.`)
    report('removed', at, `The event before ${at} is gone.`)
  }
  return {
    step,
    get events() {
      return state.events
    },
    get lastSeq() {
      return state.lastSeq
    },
    get lastHash() {
      return state.lastHash
    },
  }
}

/** By how much a row's number differs from the one it was hashed with; undefined when its content was changed. */
function findShift(row: ChainRow, expected: number | undefined): number | undefined {
  const fits = (shift: number) =>
    hashEvent({ ...row, seq: row.seq + shift }, row.previousHash).equals(row.hash)
  if (fits(expected ?? 0)) return expected ?? 0
  for (let d = 1; d <= maxShift; d++) for (const s of [d, -d, 0]) if (fits(s)) return s
  return undefined
}
