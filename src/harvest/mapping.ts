import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { Errors } from 'typebox/value'
import { ConcordError, type Fault } from '../platform/errors.ts'
import type { Profile } from '../platform/profile.ts'
import { type Expression, type Format, Mapping } from './mapping.schema.ts'
import { mapCkanPackage } from './mapping-ckan.ts'
import { mapConcordEntry } from './mapping-concord.ts'
import { dcatMapper } from './mapping-dcat.ts'
import { mapDcatUsRecord } from './mapping-dcat-us.ts'
import { emptyRecord, type MappedRecord } from './mapping-entry.ts'
import { assumeOpening } from './mapping-sharing.ts'
import { compileExpression, type Evaluate } from './mapping-steps.ts'
import { compileConform } from './mapping-types.ts'
import { objectOf, textOf, warning } from './mapping-values.ts'
import type { RecordContext } from './reader-event.ts'

/** Turns a record of the source into the content of an entry. */
export type MapRecord = (value: unknown, context?: RecordContext) => MappedRecord

const folder = new URL('../../mappings/', import.meta.url)

/** What an entry is when neither record nor mapping says; sharing and opening are assumed aloud. Order matters to hashes. */
const entryDefaults = { sharingType: undefined, openType: undefined, updateCycle: 'irregular' } as const

/** Characters of an identifier: the database keeps it in an index. */
const identifierLength = 500

/** Checks a mapping. @throws ConcordError invalid_content naming every fault and its place. */
export function checkMapping(data: unknown): Mapping {
  const faults: Fault[] = [...Errors(Mapping, data)].slice(0, 50).map((e) => ({
    path: e.instancePath || '/',
    rule: e.keyword,
    message: e.message,
  }))
  const mapping = data as Mapping
  if (faults.length === 0 && needsFields(mapping.format)) {
    if (!mapping.fields?.title)
      faults.push(
        warning('/fields/title', 'required', 'says nothing about the title', 'Name the column of the title.'),
      )
    if (!mapping.identifier)
      faults.push(
        warning(
          '/identifier',
          'required',
          'says nothing about the identifier',
          'Name the column that stays the same for a record, e.g. its address.',
        ),
      )
  }
  if (faults.length > 0) throw new ConcordError('invalid_content', 'The mapping is not valid.', { faults })
  return mapping
}

const needsFields = (format: Format) => format === 'csv' || format === 'xlsx' || format === 'json'

/** Reads and checks a mapping file. @throws ConcordError naming the file and every fault. */
export function readMappingFile(file: string | URL): Mapping {
  let data: unknown
  try {
    data = JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new ConcordError(
      'invalid_content',
      `The mapping file ${file} cannot be read: ${(cause as Error).message}`,
      {
        cause,
      },
    )
  }
  try {
    return checkMapping(data)
  } catch (error) {
    if (!(error instanceof ConcordError)) throw error
    const list = error.faults.map((f) => `\n  ${f.path}: ${f.message}`).join('')
    throw new ConcordError('invalid_content', `The mapping file ${file} is not valid:${list}`, {
      faults: error.faults,
    })
  }
}

/** The mapping files kept with the program, by name. */
export function projectMappings(): Mapping[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => readMappingFile(new URL(name, folder)))
}

/** The mapping used when none is given: fields come from what the format defines. */
export function formatMapping(format: Format): Mapping {
  return {
    name: format,
    format,
    ...(format === 'jsonl' ? { identifier: { from: ['identifier', 'id'] } } : {}),
  }
}

/** SHA-256 of the mapping: another mapping makes another run. */
export const mappingHash = (mapping: Mapping) => createHash('sha256').update(JSON.stringify(mapping)).digest()

/** Compiles a mapping. The profile gives its extension fields their types. */
export function compileMapping(mapping: Mapping, profile?: Profile): MapRecord {
  const fields = Object.entries(mapping.fields ?? {}).map(([field, expression]) => ({
    path: field.split('.'),
    evaluate: compileExpression(expression, field),
    conform: compileConform(field, profile),
  }))
  const fillDefaults = compileDefaults(mapping, profile)
  const identifier = compileOptional(mapping.identifier, 'identifier')
  const body = compileOptional(mapping.bodyFrom, 'body')
  const base = baseOf(mapping.format, profile)
  return (value, context) => {
    const record = base(value, context)
    for (const { path, evaluate, conform } of fields) {
      const found = evaluate(value, record)
      const typed = found === undefined ? undefined : conform(found, record)
      if (typed !== undefined) put(record.content, path, typed)
    }
    fillDefaults(record)
    if (identifier) record.sourceId = textOf(identifier(value, record))
    // Line breaks and tabs inside an identifier come and go with the program that wrote the file.
    record.sourceId = record.sourceId?.replace(/\s+/g, ' ')
    // Without a mapped column the body is the one the mapping or the caller names; a portal's own codes are not ours.
    record.bodyName = body ? textOf(body(value, record)) : textOf(record.content.body)
    record.title = textOf(record.content.title) ?? record.title
    checkIdentifier(record)
    return record
  }
}

function compileDefaults(mapping: Mapping, profile?: Profile): (record: MappedRecord) => void {
  const defaults = Object.entries({ ...entryDefaults, ...mapping.defaults }).map(([field, value]) => {
    const typed = value === undefined ? undefined : compileConform(field, profile)(value, emptyRecord())
    return { path: field.split('.'), field, value: typed }
  })
  return (record) => {
    for (const { path, field, value } of defaults) {
      if (!isMissing(get(record.content, path))) continue
      if (value !== undefined) put(record.content, path, value)
      else if (field === 'sharingType' || field === 'openType')
        record.content[field] = assumeOpening(record, field)
    }
  }
}

/** An empty value in the catalogue's own form says no more than none. */
const isMissing = (value: unknown) => value === undefined || value === null || value === ''

const compileOptional = (expression: Expression | undefined, field: string): Evaluate | undefined =>
  expression && compileExpression(expression, field)

function baseOf(format: Format, profile?: Profile): MapRecord {
  if (format === 'ckan') return mapCkanPackage
  if (format === 'dcat-us') return mapDcatUsRecord
  if (format === 'dcat') return dcatMapper(profile)
  if (format === 'concord') return mapConcordEntry
  if (format === 'jsonl') return mapAnyLine
  return emptyRecord
}

/** A line is a CKAN package, a DCAT-US data set, or an entry in the catalogue's own form with an `identifier`. */
function mapAnyLine(value: unknown): MappedRecord {
  const line = objectOf(value)
  const record = emptyRecord()
  if (!line) {
    record.faults.push(warning('', 'type', 'the record is no entry: an object is wanted'))
    return record
  }
  if ('resources' in line || 'metadata_created' in line) return mapCkanPackage(line)
  if ('contactPoint' in line || 'accessLevel' in line) return mapDcatUsRecord(line)
  const { identifier: _, id: __, ...content } = line
  record.content = content
  return record
}

function checkIdentifier(record: MappedRecord): void {
  if (record.sourceId === undefined) {
    if (!record.faults.some((f) => f.rule === 'identifier_missing'))
      record.faults.push(
        warning(
          '',
          'identifier_missing',
          'the record has no identifier',
          'Without it a second import would double the entry.',
        ),
      )
  } else if (record.sourceId.length > identifierLength)
    record.faults.push(
      warning(
        '',
        'identifier_too_long',
        `the identifier has ${record.sourceId.length} characters, at most ${identifierLength} are kept`,
      ),
    )
}

function get(target: Record<string, unknown>, path: string[]): unknown {
  let value: unknown = target
  for (const key of path) value = objectOf(value)?.[key]
  return value
}

/** Puts a value at a path; a number of up to two digits is a position in a list. */
function put(target: Record<string, unknown>, path: string[], value: unknown): void {
  let at: Record<string, unknown> = target
  for (const [i, key] of path.entries()) {
    if (key === '__proto__' || key === 'constructor' || key === 'prototype') return
    if (i === path.length - 1) {
      at[key] = value
      return
    }
    if (typeof at[key] !== 'object' || at[key] === null) at[key] = /^\d{1,2}$/.test(path[i + 1]!) ? [] : {}
    at = at[key] as Record<string, unknown>
  }
}
