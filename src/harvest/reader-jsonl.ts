import type { Fault } from '../platform/errors.ts'
import { encodingFault, type Source } from './reader-bytes.ts'
import { excerptOf, type ReadEvent } from './reader-event.ts'
import { parseRecord } from './reader-json.ts'
import { type Line, oversizedFault, readLines } from './reader-lines.ts'

/** One JSON value a line; a broken line costs that line. */
export async function* readJsonLines(source: Source): AsyncGenerator<ReadEvent[]> {
  let any = false
  for await (const lines of readLines(source)) {
    const events = lines.flatMap((line) => toEvents(line, source))
    any ||= events.length > 0
    if (events.length > 0) yield events
  }
  if (any) return
  const fault = { path: '', rule: 'empty', message: 'the file has no records' }
  yield [{ kind: 'fatal', place: 'line 1', fault }]
}

function toEvents(line: Line, source: Source): ReadEvent[] {
  const place = `line ${line.number}`
  const reject = (fault: Fault): ReadEvent => ({
    kind: 'reject',
    place,
    fault,
    excerpt: excerptOf(line.bytes),
  })
  if (line.damage) {
    const fatal: ReadEvent = { kind: 'fatal', place, fault: line.damage }
    return isBlank(line.bytes) ? [fatal] : [reject(line.damage), fatal]
  }
  if (line.oversized) return [reject(oversizedFault(line.oversized))]
  if (isBlank(line.bytes)) return []
  const fault = encodingFault(line.bytes, source)
  return [fault ? reject(fault) : parseRecord(line.bytes, place)]
}

function isBlank(bytes: Buffer): boolean {
  for (const byte of bytes) if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return false
  return true
}
