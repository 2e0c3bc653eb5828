import { encodingFault, type Source } from './reader-bytes.ts'
import { excerptOf, type ReadEvent } from './reader-event.ts'
import { parseRecord } from './reader-json.ts'
import { oversizedFault, readLines } from './reader-lines.ts'

/** One JSON value a line; a broken line costs that line. */
export async function* readJsonLines(source: Source): AsyncGenerator<ReadEvent[]> {
  let last: ReadEvent | undefined
  for await (const lines of readLines(source)) {
    const events: ReadEvent[] = []
    for (const line of lines) {
      const place = `line ${line.number}`
      if (line.oversized) {
        events.push({
          kind: 'reject',
          place,
          fault: oversizedFault(line.oversized),
          excerpt: excerptOf(line.bytes),
        })
        continue
      }
      if (isBlank(line.bytes)) continue
      const fault = encodingFault(line.bytes, source)
      if (fault) events.push({ kind: 'reject', place, fault, excerpt: excerptOf(line.bytes) })
      else events.push(parseRecord(line.bytes, place))
    }
    last = events.at(-1) ?? last
    if (events.length > 0) yield events
  }
  if (!last)
    yield [
      {
        kind: 'fatal',
        place: 'line 1',
        fault: { path: '', rule: 'empty', message: 'the file has no records' },
      },
    ]
}

function isBlank(bytes: Buffer): boolean {
  for (const byte of bytes) if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return false
  return true
}
