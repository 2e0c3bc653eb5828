import type { Fault } from '../platform/errors.ts'
import {
  createJsonSplitter,
  type FoundValue,
  JsonSyntaxError,
  type Splitter,
  type ValueKind,
} from './json-splitter.ts'
import { encodingFault, type Source } from './reader-bytes.ts'
import { excerptOf, type ReadEvent, type RecordContext, recordByteLimit } from './reader-event.ts'
import { DamagedFile } from './reader-gzip.ts'
import { oversizedFault } from './reader-lines.ts'

/** Where the records are in a kind of JSON file. */
export interface RecordLayout {
  choose(path: string, kind: ValueKind): 'descend' | 'take' | 'skip'
  /** True when the value at this path is a record; other taken values only inform. */
  isRecord(path: string): boolean
  /** Hears of values that are not records; may answer with a note. */
  inform?(path: string, value: unknown, place: string): ReadEvent | undefined
  context?(path: string): RecordContext | undefined
  /** How many records the file announces, when it does. */
  announced?(): number | undefined
  /** Where the file says that it goes on. */
  next?(): string | undefined
  /** For the message when there are none. */
  wanted: string
}

/** The layouts of the formats; each call makes a fresh one, because they keep state while a file is read. */
export const recordLayouts = {
  /** CKAN: `results`, `result.results`, `result` or the text itself is the list of packages. */
  ckan(): RecordLayout {
    let announced: number | undefined
    const lists = ['/results', '/result/results', '/result', '']
    return {
      choose(path) {
        if (path === '/count' || path === '/result/count') return 'take'
        if (lists.includes(path)) return 'descend'
        return path.endsWith('/*') ? 'take' : 'skip'
      },
      isRecord: (path) => path.endsWith('/*'),
      inform(_path, value) {
        if (typeof value === 'number') announced = value
        return undefined
      },
      announced: () => announced,
      wanted: 'a list of packages, as the text itself, at results or at result.results',
    }
  },
  /** data.json of DCAT-US: `dataset` lists in catalogues within catalogues, series members, data services. */
  'dcat-us'(): RecordLayout {
    let series: { id?: string; title?: string } = {}
    let next: string | undefined
    const inCatalog = (path: string) => path.replace(/^(\/\*)?(\/catalog(\/\*)?)*/, '')
    return {
      choose(path, kind) {
        const at = inCatalog(path)
        if (at === '') return 'descend'
        if (path === '/next' && kind === 'scalar') return 'take'
        if (/^\/(dataset|service|record)$/.test(at)) return kind === 'array' ? 'descend' : 'take'
        if (/^\/(dataset|service|record)\/\*$/.test(at)) return 'take'
        if (/^\/datasetSeries(\/\*)?$/.test(at)) {
          if (kind === 'object') series = {}
          return 'descend'
        }
        if (/^\/datasetSeries(\/\*)?\/seriesMember$/.test(at)) return kind === 'array' ? 'descend' : 'take'
        if (/^\/datasetSeries(\/\*)?\/(seriesMember\/\*|first|last|@id|title)$/.test(at)) return 'take'
        return 'skip'
      },
      isRecord: (path) => /\/(dataset|service|seriesMember)(\/\*)?$|\/(first|last)$/.test(path),
      inform(path, value, place) {
        if (path === '/next') next = typeof value === 'string' && value !== '' ? value : undefined
        else if (path.endsWith('/@id')) series.id = String(value)
        else if (path.endsWith('/title')) series.title = String(value)
        else if (isNamelessRecord(path, value))
          return {
            kind: 'note',
            place,
            fault: {
              path: '/@id',
              rule: 'record_without_id',
              message: 'the catalogue record names no @id; nothing can refer to it',
              remedy: 'Give the catalogue record an @id at its source. The data sets are not affected.',
            },
          }
        return undefined
      },
      context(path) {
        if (path.includes('/datasetSeries')) return { embedded: true, series: { ...series } }
        return /\/service(\/\*)?$/.test(path) ? { type: 'service' } : undefined
      },
      next: () => next,
      wanted: 'a DCAT-US catalogue with dataset, datasetSeries, service or catalog',
    }
  },
  /** Any JSON: the list at a pointer. */
  pointer(pointer: string): RecordLayout {
    const list = pointer === '/' ? '' : pointer
    return {
      choose: (path) =>
        path === `${list}/*` ? 'take' : list === path || list.startsWith(`${path}/`) ? 'descend' : 'skip',
      isRecord: () => true,
      wanted: `a list of records at ${list || 'the top'}`,
    }
  },
}

const isNamelessRecord = (path: string, value: unknown) =>
  /\/record(\/\*)?$/.test(path) && typeof value === 'object' && value !== null && !('@id' in value)

/** Reads the records of a JSON text in bounded memory. */
export async function* readJson(source: Source, layout: RecordLayout): AsyncGenerator<ReadEvent[]> {
  let events: ReadEvent[] = []
  let records = 0
  const splitter = createJsonSplitter({
    choose: layout.choose,
    limit: recordByteLimit,
    onValue(value) {
      for (const event of toEvents(value, source, layout)) {
        events.push(event)
        if (event.kind !== 'note') records++
      }
    },
  })
  try {
    for await (const chunk of source.chunks()) {
      splitter.push(chunk)
      if (events.length > 0) {
        yield events
        events = []
      }
    }
    splitter.end()
  } catch (error) {
    const broken = error instanceof DamagedFile ? breakingOff(splitter, error.fault) : error
    if (!(broken instanceof JsonSyntaxError)) throw error
    yield [...events, ...brokenText(broken, splitter.insideValue(), error)]
    return
  }
  yield [...events, ...closing(layout, records)]
}

function toEvents(found: FoundValue, source: Source, layout: RecordLayout): ReadEvent[] {
  const place = `${found.pointer} line ${found.line}`
  const record = layout.isRecord(found.path)
  const excerpt = () => excerptOf(found.bytes)
  if (found.oversized !== undefined)
    return record
      ? [{ kind: 'reject', place, fault: oversizedFault(found.oversized), excerpt: excerpt() }]
      : []
  const fault = encodingFault(found.bytes, source)
  if (fault) return [{ kind: 'reject', place, fault, excerpt: excerpt() }]
  const event = parseRecord(found.bytes, place)
  if (event.kind !== 'record') return record ? [event] : []
  if (!record) {
    const note = layout.inform?.(found.path, event.value, place)
    return note ? [note] : []
  }
  const context = layout.context?.(found.path)
  if (context) event.context = context
  return context?.type === 'service' ? servedDatasets(event) : [event]
}

/** A data service that lists whole data sets is told through them; another one is a record itself. */
function servedDatasets(event: Extract<ReadEvent, { kind: 'record' }>): ReadEvent[] {
  const service = event.value as Record<string, unknown> | null
  const served: unknown = service?.servesDataset
  const whole = (Array.isArray(served) ? served : [served]).filter(
    (d) => typeof d === 'object' && d !== null && ('title' in d || 'identifier' in d),
  )
  if (!service || whole.length === 0) return [event]
  return whole.map((value, i) => ({
    ...event,
    place: event.place.replace(' line', `/servesDataset/${i} line`),
    value,
    bytes: Math.ceil(event.bytes / whole.length),
    context: { embedded: true, service },
  }))
}

/** Parses the bytes of one record; what is no JSON, or no text a database can hold, is a reject. */
export function parseRecord(bytes: Buffer, place: string): ReadEvent {
  const text = bytes.toString('utf8')
  try {
    const value: unknown = JSON.parse(text)
    return { kind: 'record', place, value, bytes: bytes.length, raw: bytes }
  } catch (error) {
    return {
      kind: 'reject',
      place,
      fault: {
        path: '',
        rule: 'json',
        message: `is not JSON: ${(error as Error).message.slice(0, 300)}`,
        remedy: 'Write the record with a JSON library.',
      },
      excerpt: excerptOf(bytes),
    }
  }
}

/** Where in the JSON text the file breaks off. */
function breakingOff(splitter: Splitter, fault: Fault): JsonSyntaxError {
  try {
    splitter.end()
  } catch (error) {
    if (error instanceof JsonSyntaxError) return new JsonSyntaxError(fault.message, error)
  }
  // The text is whole, but the sum that would prove it is missing.
  return new JsonSyntaxError(`${fault.message}, after the last record`, { offset: 0, line: 1, pointer: '' })
}

function brokenText(error: JsonSyntaxError, inside: FoundValue | undefined, cause: unknown): ReadEvent[] {
  const at = error.offset > 0 ? ` (byte ${error.offset.toLocaleString('en')}, line ${error.line})` : ''
  const fault = {
    path: error.pointer,
    rule: cause instanceof DamagedFile ? cause.fault.rule : 'json',
    message: `${error.message}${at}`,
    remedy: 'Fetch the file again; what was read before this place is in.',
  }
  const place = `${error.pointer} line ${error.line}`
  const cut: ReadEvent[] = inside
    ? [
        {
          kind: 'reject',
          place: `${inside.pointer} line ${inside.line}`,
          fault,
          excerpt: excerptOf(inside.bytes),
        },
      ]
    : []
  return [...cut, { kind: 'fatal', place, fault }]
}

function closing(layout: RecordLayout, records: number): ReadEvent[] {
  if (records === 0)
    return [
      {
        kind: 'fatal',
        place: '/',
        fault: { path: '', rule: 'no_records', message: `the file has no records; wanted: ${layout.wanted}` },
      },
    ]
  const announced = layout.announced?.()
  if (announced === undefined || announced <= records) return []
  const message = `the file announces ${announced} records and holds ${records}`
  const remedy = 'It may be one page of a longer answer; fetch the others too.'
  return [
    {
      kind: 'note',
      place: '/count',
      fault: { path: '/count', rule: 'fewer_than_announced', message, remedy },
    },
  ]
}
