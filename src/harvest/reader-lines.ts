import type { Fault } from '../platform/errors.ts'
import type { Source } from './reader-bytes.ts'
import { excerptBytes, recordByteLimit } from './reader-event.ts'
import { DamagedFile } from './reader-gzip.ts'

/** One line of a file, without its end; `oversized` has only the beginning. */
export interface Line {
  /** From 1. */
  number: number
  bytes: Buffer
  /** Measured bytes of a line over the limit. */
  oversized?: number
  /** The file breaks off in this line, which may be empty. */
  damage?: Fault
}

const lf = 0x0a
const cr = 0x0d

/** Splits a source into lines in bounded memory: LF, CR LF, or (when the sample has no LF) CR alone. */
export async function* readLines(source: Source, limit = recordByteLimit): AsyncGenerator<Line[]> {
  const sample = await source.peek()
  const end = sample.indexOf(lf) < 0 && sample.indexOf(cr) >= 0 ? cr : lf
  let kept: Buffer[] = []
  let length = 0
  let number = 0
  const take = (part: Buffer) => {
    length += part.length
    if (length <= limit) kept.push(part)
    else if (kept.length > 0) kept = [Buffer.concat(kept).subarray(0, excerptBytes)]
    else kept = [part.subarray(0, excerptBytes)]
  }
  const finish = (): Line => {
    const all = kept.length === 1 ? kept[0]! : Buffer.concat(kept)
    const line: Line = {
      number: ++number,
      bytes: all.at(-1) === cr && length <= limit ? all.subarray(0, -1) : all,
    }
    if (length > limit) line.oversized = length
    kept = []
    length = 0
    return line
  }
  const split = (chunk: Buffer): Line[] => {
    const lines: Line[] = []
    let from = 0
    for (let at = chunk.indexOf(end); at >= 0; at = chunk.indexOf(end, from)) {
      take(chunk.subarray(from, at))
      lines.push(finish())
      from = at + 1
    }
    if (from < chunk.length) take(chunk.subarray(from))
    return lines
  }
  try {
    for await (const chunk of source.chunks()) {
      const lines = split(chunk)
      if (lines.length > 0) yield lines
    }
  } catch (error) {
    if (!(error instanceof DamagedFile)) throw error
    yield [{ ...finish(), damage: error.fault }]
    return
  }
  if (length > 0) yield [finish()]
}

/** The fault of a value over the limit, with what was measured. */
export const oversizedFault = (measured: number, limit = recordByteLimit) => ({
  path: '',
  rule: 'record_too_large',
  message: `the record has ${measured.toLocaleString('en')} bytes, at most ${limit.toLocaleString('en')} are read`,
  remedy: 'Shorten the record at its source; large content belongs into the data, not its description.',
})
