import type { Db } from '../platform/postgres.ts'
import {
  selectCheckpointLines,
  selectCheckpoints,
  selectHashes,
  selectNewestCheckpoint,
} from './audit.queries.ts'
import { genesis } from './audit-chain.ts'
import {
  type Checkpoint,
  type CheckpointKey,
  checkpointLines,
  readCheckpoint,
  sha256,
} from './audit-checkpoint.ts'

/** Checkpoints looked at together: their signatures are checked at the same time, and one query serves them all. */
const groupSize = 256

export interface AuditProblem {
  /**
   * `changed`: content does not give the stored hash. `removed`, `inserted`, `reordered`: the links say so.
   * `truncated`: a checkpoint is beyond the end. `rewritten`: links are whole, but a checkpoint says otherwise.
   * `checkpoint`: a checkpoint itself is forged, cut out or missing.
   */
  kind: 'changed' | 'removed' | 'inserted' | 'reordered' | 'truncated' | 'rewritten' | 'checkpoint'
  seq: number
  message: string
}

export type Report = (kind: AuditProblem['kind'], seq: number, message: string) => void

/** A statement, signed by the node, that its database was restored: nothing signed after `after` holds any more. */
export interface AcceptedRestore {
  after: number
  until: number
  at: string
  reason: string
}

/** What was signed but is not in the chain like that. */
interface Misfit {
  seq: number
  at: string
  /** The chain has another event of this number; false: none. */
  there: boolean
}

export interface CheckpointFindings {
  /** Genuine checkpoints of this node, from its file and from the table. */
  own: number
  last: Checkpoint | undefined
  misfits: Misfit[]
  restores: AcceptedRestore[]
}

/**
 * Compares the checkpoints of this node's file and of the table with each other and with the chain; what is wrong
 * with the checkpoints themselves is told. Those of other nodes are compared with the chain too, though only those nodes
 * can tell whether they are genuine. Neither file nor table is held in memory: one number is kept for each line.
 */
export async function compareCheckpoints(
  db: Db,
  dataDir: string,
  key: CheckpointKey | undefined,
  report: Report,
): Promise<CheckpointFindings> {
  const found: CheckpointFindings = { own: 0, last: undefined, misfits: [], restores: [] }
  // A line is in the file before it is in the table: what comes into the table from now on need not be in what is read.
  const newest = await selectNewestCheckpoint(db, key?.keyId ?? '')
  const givenUp = await readRestores(dataDir, found.restores)
  const inFile = await compareFile(db, dataDir, key, { report, found, givenUp })
  await compareTable(db, key, { inFile, newest }, { report, found })
  return found
}

/** True when a later line gives the checkpoint of line `i` up. */
type GivenUp = (i: number, seq: number) => boolean

async function readRestores(dataDir: string, restores: AcceptedRestore[]): Promise<GivenUp> {
  const places: { i: number; seq: number }[] = []
  let i = 0
  for await (const line of checkpointLines(dataDir)) {
    i++
    if (!line.includes('"restored"')) continue
    const checkpoint = await readCheckpoint(line, undefined)
    if (typeof checkpoint === 'string' || !checkpoint.restored) continue
    const { seq, at, restored } = checkpoint
    places.push({ i, seq })
    restores.push({ after: seq, until: restored.until, at, reason: restored.reason })
  }
  return (line, seq) => places.some((r) => r.i > line && r.seq < seq)
}

interface Context {
  report: Report
  found: CheckpointFindings
}

interface Line {
  /** From 1. */
  i: number
  line: string
  before: string | undefined
}

/** @returns the numbers of the genuine checkpoints in the file. */
async function compareFile(
  db: Db,
  dataDir: string,
  key: CheckpointKey | undefined,
  context: Context & { givenUp: GivenUp },
): Promise<Set<number>> {
  const seqs = new Set<number>()
  let group: Line[] = []
  let before: string | undefined
  let i = 0
  /** Hashes of lines that were given up: the table may have one of them in the place of a later one. */
  const old = new Set<string>()
  /** Not in the table; the last line of all may be on its way there. */
  let missing: { i: number; seq: number; digest: string }[] = []
  const take = async () => {
    const good = await checkLines(group, key, context.report)
    group = []
    for (const { checkpoint } of good) seqs.add(checkpoint.seq)
    const held = good.filter(({ i: at, checkpoint }) => !context.givenUp(at, checkpoint.seq))
    for (const g of good) if (context.givenUp(g.i, g.checkpoint.seq)) old.add(sha256(g.line))
    context.found.own += good.length
    context.found.last = held.at(-1)?.checkpoint ?? context.found.last
    await compareWithChain(
      db,
      held.map((h) => h.checkpoint),
      context.found,
    )
    const plain = held.filter((h) => !h.checkpoint.restored)
    const table = await selectCheckpointLines(
      db,
      key?.keyId ?? '',
      plain.map((h) => h.checkpoint.seq),
    )
    for (const { i: at, line, checkpoint } of plain) {
      const stored = table.get(checkpoint.seq)
      if (stored !== line && !(stored !== undefined && old.has(sha256(stored))))
        missing.push({ i: at, seq: checkpoint.seq, digest: sha256(line) })
    }
  }
  for await (const line of checkpointLines(dataDir)) {
    group.push({ i: ++i, line, before })
    before = line
    if (group.length >= groupSize) await take()
  }
  await take()
  missing = missing.filter((m) => m.i !== i)
  // Others may have been on their way when they were looked up.
  const late = await selectCheckpointLines(
    db,
    key?.keyId ?? '',
    missing.slice(0, groupSize).map((m) => m.seq),
  )
  missing = missing.filter((m) => sha256(late.get(m.seq) ?? '') !== m.digest)
  for (const { seq } of missing)
    context.report('checkpoint', seq, `Checkpoint ${seq} is in the checkpoint file but not in the database.`)
  return seqs
}

/** The lines that this node's key vouches for; whatever is wrong with the others is told. */
async function checkLines(
  lines: Line[],
  key: CheckpointKey | undefined,
  report: Report,
): Promise<(Line & { checkpoint: Checkpoint })[]> {
  const read = await Promise.all(lines.map(({ line }) => readCheckpoint(line, key)))
  return lines.flatMap((line, n) => {
    const checkpoint = read[n]!
    const name = `ine ${line.i} of the checkpoint file`
    if (typeof checkpoint === 'string') {
      report('checkpoint', 0, `L${name} ${checkpoint}.`)
      return []
    }
    if (!key || checkpoint.keyId !== key.keyId) {
      report('checkpoint', checkpoint.seq, `L${name} is signed with a key not here.`)
      return []
    }
    if (checkpoint.previous !== (line.before === undefined ? null : sha256(line.before)))
      report('checkpoint', checkpoint.seq, `A line before l${name} is missing.`)
    return [{ ...line, checkpoint }]
  })
}

/** The table's own checkpoints that the file lacks, and those of other nodes. */
async function compareTable(
  db: Db,
  key: CheckpointKey | undefined,
  known: { inFile: Set<number>; newest: number },
  { report, found }: Context,
): Promise<void> {
  let after = { keyId: '', seq: 0 }
  for (;;) {
    const rows = await selectCheckpoints(db, after, groupSize)
    if (rows.length === 0) return
    const { keyId, seq } = rows.at(-1)!
    after = { keyId, seq }
    const news = rows.filter(
      (row) => row.keyId !== key?.keyId || (row.seq <= known.newest && !known.inFile.has(row.seq)),
    )
    const read = await Promise.all(news.map((row) => readCheckpoint(row.line, key)))
    const good: Checkpoint[] = []
    for (const [n, row] of news.entries()) {
      const checkpoint = read[n]!
      const own = row.keyId === key?.keyId
      if (typeof checkpoint === 'string') {
        if (own) report('checkpoint', row.seq, `Checkpoint ${row.seq} in the database ${checkpoint}.`)
        continue
      }
      good.push(checkpoint)
      if (!own) continue
      found.own++
      if (!found.last || found.last.seq < checkpoint.seq) found.last = checkpoint
      report(
        'checkpoint',
        row.seq,
        `Checkpoint ${row.seq} is in the database but not in the checkpoint file.`,
      )
    }
    await compareWithChain(db, good, found)
  }
}

async function compareWithChain(db: Db, checkpoints: Checkpoint[], found: CheckpointFindings): Promise<void> {
  if (checkpoints.length === 0) return
  const hashes = await selectHashes(
    db,
    checkpoints.map((c) => c.seq),
  )
  hashes.set(0, genesis.toString('hex'))
  for (const { seq, hash, at } of checkpoints) {
    if (hashes.get(seq) === hash) continue
    // The first ones say where to look.
    if (found.misfits.length < groupSize) found.misfits.push({ seq, at, there: hashes.has(seq) })
  }
}
