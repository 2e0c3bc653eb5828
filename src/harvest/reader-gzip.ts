import { createGunzip } from 'node:zlib'
import type { Fault } from '../platform/errors.ts'

/** Packed bytes handed over at a time: what comes of them is held at once, and deflate packs at most 1,032 to 1. */
const pieceBytes = 16 * 1024

/** The file breaks off or is damaged here; what was read before stands. */
export class DamagedFile extends Error {
  readonly fault: Fault
  constructor(fault: Fault) {
    super(fault.message)
    this.fault = fault
  }
}

/**
 * Unpacks a gzip file piece by piece. A stream at the end of a pipe would throw away what it has unpacked when it finds
 * the damage; here everything before it is handed over first.
 * @throws DamagedFile where the file ends early or is damaged.
 */
export async function* gunzip(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const stream = createGunzip()
  let parts: Buffer[] = []
  let damage: Error | undefined
  stream.on('data', (part: Buffer) => parts.push(part))
  stream.on('error', (error) => {
    damage = error
  })
  const closed = new Promise<void>((resolve) => stream.once('close', resolve))
  const take = (): Buffer[] => {
    const taken = parts
    parts = []
    return taken
  }
  // A stream that fails need not call back what was written last; it closes.
  const write = (piece: Buffer) =>
    Promise.race([closed, new Promise<void>((resolve) => stream.write(piece, () => resolve()))])
  try {
    for await (const chunk of packed)
      for (let at = 0; at < chunk.length && !damage; at += pieceBytes) {
        await write(chunk.subarray(at, at + pieceBytes))
        yield* take()
      }
    if (!damage) {
      stream.end()
      await closed
      yield* take()
    }
    if (damage) throw new DamagedFile(damageFault(damage))
  } finally {
    stream.destroy()
  }
}

function damageFault(error: Error): Fault {
  const early = (error as NodeJS.ErrnoException).code === 'Z_BUF_ERROR'
  return {
    path: '',
    rule: early ? 'file_cut_off' : 'file_damaged',
    message: early ? 'the compressed file ends early' : `the compressed file is damaged (${error.message})`,
    remedy: 'Fetch the file again; what was read before this place is in.',
  }
}
