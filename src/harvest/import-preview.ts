import { validateDataset } from '../catalog/index.ts'
import { ConcordError, type Fault } from '../platform/errors.ts'
import type { Db } from '../platform/postgres.ts'
import type { Profile } from '../platform/profile.ts'
import { listOrganisations } from '../security/index.ts'
import type { ImportRunRow } from './import.queries.ts'
import type { ImportPreview, PreviewRequest } from './import.schema.ts'
import { excerptOfRecord } from './import-batch.ts'
import { bodyResolver } from './import-run.ts'
import type { Format, Mapping } from './mapping.schema.ts'
import { checkMapping, compileMapping, type MapRecord } from './mapping.ts'
import type { MappedRecord } from './mapping-entry.ts'
import { proposeMapping } from './mapping-proposal.ts'
import { assumedWarnings } from './mapping-sharing.ts'
import { openFile } from './reader.ts'
import type { OpenedFile, ReadEvent } from './reader-event.ts'
import { sourceNameOf } from './source-name.ts'

/** Records shown. */
export const previewRecords = 20

/** A table without names of columns: its first column is taken for the title until somebody says better. */
const tableMapping = (format: Format, encoding?: string): Mapping | undefined =>
  format === 'csv' || format === 'xlsx'
    ? {
        name: format,
        format,
        read: { header: false, ...(encoding ? { encoding } : {}) },
        identifier: { from: 'column1' },
        fields: { title: { from: 'column1' } },
      }
    : undefined

/** What the first records would become, with a proposed mapping where none is given. Writes nothing. */
export async function previewFile(
  db: Db,
  profile: Profile,
  run: ImportRunRow,
  path: string,
  request: Omit<PreviewRequest, 'uid'>,
): Promise<Omit<ImportPreview, 'mayPublish'>> {
  const format: Format = request.mapping?.format ?? request.format ?? run.format
  const read = {
    ...request.mapping?.read,
    format,
    ...(request.encoding ? { encoding: request.encoding } : {}),
  }
  const faults: Fault[] = []
  const attempt = async <T>(work: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof ConcordError)) throw error
      const own = { path: '', rule: error.code, message: error.message }
      faults.push(...(error.faults.length > 0 ? error.faults : [own]))
      return undefined
    }
  }
  const mapping: Mapping | undefined = await attempt(() =>
    request.mapping ? checkMapping(request.mapping) : proposeMapping(path, read),
  )
  // What people mend a mapping from, where none could be proposed.
  const start = mapping ?? tableMapping(format, read.encoding)
  const file = await attempt(() => openFile(path, { ...read, ...start?.read }))
  const map = start && compileMapping(start, profile)
  const organisations = await listOrganisations(db)
  const bodyOf = await attempt(() =>
    bodyResolver(organisations, { ...run, body: request.body ?? null, mapping: start ?? null }),
  )
  const records = file ? await firstRecords(file) : []
  return {
    format,
    encoding: file?.info.encoding ?? null,
    delimiter: file?.info.delimiter ?? null,
    columns: file?.info.columns ?? [],
    source: mapping?.source ?? sourceNameOf(run.fileName),
    mapping: start ?? null,
    faults,
    records: records.map((event) => shownRecord(event, profile, map, bodyOf)),
  }
}

async function firstRecords(file: OpenedFile): Promise<ReadEvent[]> {
  const found: ReadEvent[] = []
  try {
    for await (const events of file.events) {
      found.push(...events)
      if (found.length >= previewRecords) break
    }
    return found.slice(0, previewRecords)
  } finally {
    file.close()
  }
}

/** A record as a preview shows it: as read, as the entry it becomes, with every fault. */
export function shownRecord(
  event: ReadEvent,
  profile: Profile,
  map: MapRecord | undefined,
  bodyOf: ReturnType<typeof bodyResolver> | undefined,
): ImportPreview['records'][number] {
  const nothing = { identifier: null, title: null, source: '', content: null, faults: [], warnings: [] }
  if (event.kind === 'note') return { ...nothing, place: event.place, warnings: [event.fault] }
  if (event.kind !== 'record')
    return {
      ...nothing,
      place: event.place,
      source: event.kind === 'reject' ? event.excerpt : '',
      faults: [event.fault],
    }
  const source = excerptOfRecord(event.raw ?? event.value)
  const mapped = map && attemptMap(map, event)
  if (!mapped) return { ...nothing, place: event.place, source }
  const body = bodyOf?.(mapped)
  const content = { ...mapped.content, ...(body && 'code' in body ? { body: body.code } : {}) }
  const checked = validateDataset(content, profile)
  const bodyFaults = body && 'fault' in body ? [body.fault] : []
  return {
    place: event.place,
    identifier: mapped.sourceId ?? null,
    title: mapped.title || null,
    source,
    content: checked.content ?? content,
    faults: [...mapped.faults, ...bodyFaults, ...checked.faults],
    warnings: [...mapped.warnings, ...assumedWarnings(mapped)],
  }
}

function attemptMap(map: MapRecord, event: Extract<ReadEvent, { kind: 'record' }>): MappedRecord | undefined {
  try {
    return map(event.value, event.context)
  } catch {
    return undefined
  }
}
