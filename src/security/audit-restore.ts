import { ConcordError } from '../platform/errors.ts'
import { type Db, inTransaction } from '../platform/postgres.ts'
import type { Actor } from './actor.ts'
import { lockCheckpoints } from './audit.queries.ts'
import { audit } from './audit.ts'
import { genesis } from './audit-chain.ts'
import {
  appendCheckpoint,
  type Checkpoint,
  type CheckpointKey,
  checkpointLines,
  loadCheckpointKey,
  readCheckpoint,
  readLastCheckpointLine,
  signCheckpoint,
} from './audit-checkpoint.ts'
import { fitsChain } from './audit-sequencer.ts'

interface Restore {
  /** The last event that is signed and still there. */
  after: number
  /** The last event that had been signed. */
  until: number
}

/**
 * After PostgreSQL was restored from a backup the log rightly ends before the node's last checkpoints. This adds a
 * signed line to the checkpoint file that gives those up, and an audit event that says so: nothing is deleted, and every
 * verification tells of it from now on. A running node is ready again within a minute. For each node of its own.
 * @throws forbidden for everybody but the command line; conflict when the log fits, or the file itself is damaged.
 */
export async function acceptRestore(
  db: Db,
  actor: Actor,
  options: { dataDir: string; reason: string },
): Promise<Restore> {
  if (actor.kind !== 'system')
    throw new ConcordError('forbidden', 'A restored database is accepted on the command line only.')
  const key = loadCheckpointKey(options.dataDir, false)
  if (!key)
    throw new ConcordError('conflict', 'This node has signed no checkpoint: there is nothing to give up.')
  const { after, until } = await findRestore(db, options.dataDir, key)
  // The event first: should this be cut off, it is told twice rather than never.
  await audit(db, {
    actor,
    action: 'audit:accept-restore',
    objectKind: 'audit',
    decision: 'allow',
    detail: { after: after.seq, until, reason: options.reason, keyId: key.keyId },
  })
  await inTransaction(db, async (tx) => {
    await lockCheckpoints(tx, key.keyId)
    const head = { seq: after.seq, hash: Buffer.from(after.hash, 'hex') }
    const last = readLastCheckpointLine(options.dataDir)
    await appendCheckpoint(
      options.dataDir,
      signCheckpoint(key, head, last, { until, reason: options.reason }),
    )
  })
  return { after: after.seq, until }
}

/** The newest checkpoint that fits the chain, and how far those reach that do not. */
async function findRestore(
  db: Db,
  dataDir: string,
  key: CheckpointKey,
): Promise<{ after: Pick<Checkpoint, 'seq' | 'hash'>; until: number }> {
  let signed: Pick<Checkpoint, 'seq' | 'hash'>[] = []
  let fault: string | undefined
  for await (const line of checkpointLines(dataDir)) {
    const checkpoint = await readCheckpoint(line, key)
    fault = typeof checkpoint === 'string' ? checkpoint : undefined
    if (typeof checkpoint === 'string' || checkpoint.keyId !== key.keyId) continue
    // An earlier restore gave up what was signed after it.
    if (checkpoint.restored) signed = signed.filter((c) => c.seq <= checkpoint.seq)
    signed.push({ seq: checkpoint.seq, hash: checkpoint.hash })
  }
  if (fault)
    throw new ConcordError(
      'conflict',
      `The last line of the checkpoint file ${fault}: put the copy of the file back first.`,
    )
  const last = signed.at(-1)
  if (!last || (await fitsChain(db, last)))
    throw new ConcordError('conflict', 'The log fits its last checkpoint: there is nothing to accept.')
  const until = last.seq
  while (signed.length > 0 && !(await fitsChain(db, signed.at(-1)!))) signed.pop()
  return { after: signed.at(-1) ?? { seq: 0, hash: genesis.toString('hex') }, until }
}
