import { createHash } from 'node:crypto'
import type { Fault } from '../../platform/errors.ts'
import type { Source } from '../reader-bytes.ts'
import { excerptOf, type ReadEvent } from '../reader-event.ts'
import { type RecordLayout, readJson } from '../reader-json.ts'
import { RemoteFailure } from './failure.ts'

/** A fault of a page as a whole: what it should have brought is missing, so nothing may be taken for deleted. */
export const pageFault = (
  page: number,
  rule: string,
  message: string,
  o: { at?: string; remedy?: string } = {},
): Fault => ({
  path: o.at ? `page ${page} ${o.at}` : `page ${page}`,
  rule,
  message,
  ...(o.remedy ? { remedy: o.remedy } : {}),
})

/** The same for a page that did not come. */
export const failureFault = (page: number, { fault }: RemoteFailure): Fault => ({
  ...fault,
  path: `page ${page} ${fault.path}`,
})

/** The body of an answer, as the readers of files want it. */
const sourceOf = (body: Buffer): Source => ({
  encoding: 'utf-8',
  decoded: false,
  size: body.length,
  whole: true,
  peek: async () => body,
  async *chunks() {
    yield body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? body.subarray(3) : body
  },
  bytesRead: () => body.length,
  close() {},
})

/** The list that pages are cut from changed while it was read. */
export const shiftedMessage =
  'does not go on where the page before ended: records were added or removed meanwhile, and one may be missing'

export interface JsonPage {
  /** Records and rejects, in order. */
  events: ReadEvent[]
  notes: Fault[]
  /** Why the page cannot be read, or not to its end. */
  fault?: Fault
}

/** Reads the records of a page of JSON. A page without records is no fault here. */
export async function readJsonPage(body: Buffer, layout: RecordLayout, page: number): Promise<JsonPage> {
  const found: JsonPage = { events: [], notes: [] }
  for await (const events of readJson(sourceOf(body), layout))
    for (const event of events) {
      if (event.kind === 'note') found.notes.push({ ...event.fault, path: `page ${page} ${event.place}` })
      else if (event.kind !== 'fatal')
        found.events.push({ ...event, place: placeOf(page, found.events.length) })
      else if (event.fault.rule !== 'no_records')
        found.fault = pageFault(page, 'page_unreadable', event.fault.message, {
          at: event.place,
          remedy: 'Ask the operator of the source; records of other pages are taken.',
        })
    }
  return found
}

/** Where a record is, in words that its keeper finds again. @param index from 0 */
export const placeOf = (page: number, index: number): string => `page ${page}, record ${index + 1}`

/** The events with their places counted anew, where some of the page were left out. */
export const renumber = (page: number, events: readonly ReadEvent[]): ReadEvent[] =>
  events.map((event, index) => ({ ...event, place: placeOf(page, index) }))

/** Tells pages apart by what they hold, without what changes with every answer; undefined for a page without records. */
export function fingerprint(events: readonly ReadEvent[]): string | undefined {
  const hash = createHash('sha256')
  let any = false
  for (const event of events) {
    if (event.kind !== 'record' && event.kind !== 'reject') continue
    any = true
    hash.update(event.kind === 'reject' ? event.excerpt : (event.raw ?? JSON.stringify(event.value)))
  }
  return any ? hash.digest('base64url').slice(0, 22) : undefined
}

/** The beginning of an answer that is no page, for a message. */
export const beginningOf = (body: Buffer | string): string =>
  excerptOf(body).slice(0, 200).replace(/\s+/g, ' ').trim()

/** True when the failure is of one answer, so that the next page may be there. */
export const isOfOnePage = (failure: unknown): failure is RemoteFailure =>
  failure instanceof RemoteFailure && failure.code === 'source_failed'

/** True when fewer records at a time may help. */
export const isTooLarge = (failure: unknown): boolean =>
  failure instanceof RemoteFailure && failure.fault.rule === 'response_too_large'
