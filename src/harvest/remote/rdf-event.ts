import type { Fault } from '../../platform/errors.ts'
import { excerptBytes, type ReadEvent } from '../reader-event.ts'
import { placeOf } from './page.ts'
import type { CatalogueRecord } from './rdf-catalogue.ts'

const damagedFault: Fault = {
  path: '',
  rule: 'encoding',
  message: 'holds bytes that are no text in the encoding of the page',
  remedy: 'Ask the publisher to send the page as UTF-8.',
}

/** A record of a page as an event, or why it is none. @param damaged the page holds bytes that are no text */
export function eventOf(record: CatalogueRecord, page: number, index: number, damaged?: boolean): ReadEvent {
  const place = `${placeOf(page, index)}${record.id ? ` (${record.id.slice(0, 300)})` : ''}`
  if (record.oversized)
    return {
      kind: 'reject',
      place,
      fault: {
        path: '',
        rule: 'record_too_large',
        message: `the record ${record.oversized}`,
        remedy: 'Shorten the record at its source; large content belongs into the data, not its description.',
      },
      excerpt: record.json,
    }
  if (damaged && record.json.includes('\ufffd'))
    return { kind: 'reject', place, fault: damagedFault, excerpt: record.json.slice(0, excerptBytes) }
  const raw = Buffer.from(record.json)
  return {
    kind: 'record',
    place,
    value: JSON.parse(record.json),
    bytes: raw.length,
    raw,
    ...(record.type === 'service' ? { context: { type: 'service' as const } } : {}),
  }
}
