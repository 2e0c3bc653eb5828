import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import {
  chmodSync,
  closeSync,
  createReadStream,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  writeFileSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { canonicalJson } from './canonical-json.ts'

/** What a node saw as the end of the chain, linked to its checkpoint before and signed with the node's key. */
export interface Checkpoint {
  v: 1
  keyId: string
  seq: number
  /** Hex. */
  hash: string
  at: string
  /** SHA-256 (hex) of the line before in this node's file; null for the first. */
  previous: string | null
  /** Only in a line that gives up the checkpoints after `seq`, as the database was restored to an earlier state. */
  restored?: {
    /** The last event that had been signed. */
    until: number
    reason: string
  }
  /** Ed25519, base64, over the canonical JSON of all other members. */
  signature: string
}

export interface CheckpointKey {
  keyId: string
  privateKey: KeyObject
  publicKey: KeyObject
}

/** Bytes read from the end of the file for its last line: a line has about 350. */
const tailBytes = 8_192

const folder = (dataDir: string) => join(dataDir, 'audit')
const keyFile = (dataDir: string) => join(folder(dataDir), 'checkpoint-key.pem')
export const checkpointFile = (dataDir: string) => join(folder(dataDir), 'checkpoints.jsonl')

/** The node's signing key, made on first use: readable by its owner only. Undefined when it is absent and not to be made. */
export function loadCheckpointKey(dataDir: string, make: boolean): CheckpointKey | undefined {
  const file = keyFile(dataDir)
  if (!existsSync(file)) {
    if (!make) return undefined
    mkdirSync(folder(dataDir), { recursive: true, mode: 0o700 })
    const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })
    writeFileSync(file, pem, { mode: 0o600, flag: 'wx' })
    chmodSync(file, 0o600)
  }
  const privateKey = createPrivateKey(readFileSync(file))
  const publicKey = createPublicKey(privateKey)
  const keyId = sha256(publicKey.export({ type: 'spki', format: 'der' })).slice(0, 16)
  return { keyId, privateKey, publicKey }
}

/** A signed line for the end of the chain, linked to the line before. */
export function signCheckpoint(
  key: CheckpointKey,
  head: { seq: number; hash: Buffer },
  previousLine: string | undefined,
  restored?: Checkpoint['restored'],
): string {
  const unsigned = {
    v: 1 as const,
    keyId: key.keyId,
    seq: head.seq,
    hash: head.hash.toString('hex'),
    at: new Date().toISOString(),
    previous: previousLine === undefined ? null : sha256(previousLine),
    ...(restored ? { restored } : {}),
  }
  const signature = sign(null, Buffer.from(canonicalJson(unsigned)), key.privateKey).toString('base64')
  return canonicalJson({ ...unsigned, signature })
}

/** Adds a line to the file and waits until the disk has it; what a crash left of half a line goes. */
export async function appendCheckpoint(dataDir: string, line: string): Promise<void> {
  const file = await open(checkpointFile(dataDir), 'a+', 0o600)
  try {
    const { size } = await file.stat()
    const { buffer, bytesRead } = await file.read(
      Buffer.alloc(tailBytes),
      0,
      tailBytes,
      Math.max(0, size - tailBytes),
    )
    const cut = bytesRead - 1 - buffer.subarray(0, bytesRead).lastIndexOf(10)
    if (cut > 0) await file.truncate(size - cut)
    await file.write(`${line}\n`)
    await file.datasync()
  } finally {
    await file.close()
  }
}

/** The lines of the node's file, oldest first, without holding a file of years; one that a crash cut is left out. */
export async function* checkpointLines(dataDir: string): AsyncGenerator<string> {
  const file = checkpointFile(dataDir)
  if (!existsSync(file)) return
  let rest = ''
  for await (const piece of createReadStream(file, 'utf8')) {
    const lines = (rest + piece).split('\n')
    // What is after the last line end was not written whole.
    rest = lines.pop()!
    for (const line of lines) if (line !== '') yield line
  }
}

/** The last whole line, without reading a file of years. */
export function readLastCheckpointLine(dataDir: string): string | undefined {
  const file = checkpointFile(dataDir)
  if (!existsSync(file)) return undefined
  const fd = openSync(file, 'r')
  try {
    const size = fstatSync(fd).size
    const tail = Buffer.alloc(Math.min(size, tailBytes))
    readSync(fd, tail, 0, tail.length, size - tail.length)
    return tail
      .toString('utf8')
      .split('\n')
      .slice(0, -1)
      .filter((line) => line !== '')
      .at(-1)
  } finally {
    closeSync(fd)
  }
}

/** The checkpoint of a line, or what is wrong with it. Signatures are checked on another thread. */
export async function readCheckpoint(
  line: string,
  key: CheckpointKey | undefined,
): Promise<Checkpoint | string> {
  let checkpoint: Checkpoint
  try {
    checkpoint = JSON.parse(line) as Checkpoint
  } catch {
    return 'is not JSON'
  }
  if (typeof checkpoint?.keyId !== 'string' || !Number.isSafeInteger(checkpoint.seq))
    return 'is not a checkpoint'
  if (!key || checkpoint.keyId !== key.keyId) return checkpoint
  const { signature, ...unsigned } = checkpoint
  if (typeof signature !== 'string') return 'has no signature'
  const signed = Buffer.from(canonicalJson(unsigned))
  const good = await new Promise<boolean>((resolve) =>
    verify(null, signed, key.publicKey, Buffer.from(signature, 'base64'), (error, result) =>
      resolve(!error && result),
    ),
  )
  return good ? checkpoint : 'has a wrong signature'
}

export const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex')
