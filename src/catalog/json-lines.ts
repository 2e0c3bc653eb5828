/** One line of a stream, without its line break. */
export interface Line {
  /** Counted from 1. */
  number: number
  /** Null when the line is longer than the limit: it was skipped. */
  bytes: Buffer | null
  /** Length of the line in bytes, also of a skipped one. */
  size: number
}

const lineFeed = 0x0a
const carriageReturn = 0x0d

/**
 * Splits a stream of bytes into lines at constant memory: a line longer than `maxBytes` is counted, not kept.
 * Lines that are empty are left out.
 */
export async function* readLines(stream: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Line> {
  let number = 0
  let kept: Buffer[] = []
  let size = 0
  const take = (part: Buffer) => {
    size += part.length
    if (size <= maxBytes) kept.push(part)
    else kept = []
  }
  const finish = (): Line | undefined => {
    number++
    const line: Line = { number, bytes: size <= maxBytes ? trimEnd(Buffer.concat(kept)) : null, size }
    kept = []
    size = 0
    return line.bytes?.length === 0 ? undefined : line
  }
  for await (const chunk of stream) {
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    for (let at = rest.indexOf(lineFeed); at >= 0; at = rest.indexOf(lineFeed)) {
      take(rest.subarray(0, at))
      const line = finish()
      if (line) yield line
      rest = rest.subarray(at + 1)
    }
    take(rest)
  }
  const line = size > 0 ? finish() : undefined
  if (line) yield line
}

const trimEnd = (bytes: Buffer) =>
  bytes.at(-1) === carriageReturn ? bytes.subarray(0, bytes.length - 1) : bytes
