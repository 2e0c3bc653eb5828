import { copyField, copyInto } from '../platform/copy.ts'
import { type Db, sql } from '../platform/postgres.ts'
import { contentColumnNames, itemColumns } from './dataset-rows.ts'

// Every statement here takes many entries at once; one entry is a list of one.

const names = (columns: readonly string[], prefix = '') =>
  sql.join(columns.map((name) => (prefix ? sql`${sql.ref(`${prefix}.${name}`)}` : sql`${sql.ref(name)}`)))

/** Who wrote the version in the row, when and why. */
const changeColumns = ['changed_at', 'changed_by', 'changed_by_name', 'change_reason'] as const
const insertColumns = [
  'uid',
  'state',
  ...contentColumnNames,
  'source',
  'source_id',
  'source_hash',
  'published_at',
  ...changeColumns,
]
const updateColumns = [
  'state',
  'version',
  'latest_version',
  ...contentColumnNames,
  'source_hash',
  // Null, unless the row says otherwise: what is in the rows now is no draft any more.
  'draft_source_hash',
  'published_at',
  // Null: what is written into the rows is not retired.
  'retired_by',
  ...changeColumns,
]

/** Columns of `insertDatasets` that hold lists of texts; in all others a value that is no plain one is JSON. */
const listColumns = new Set([
  'classification',
  'resource_code',
  'identifier',
  'theme',
  'keyword',
  'spatial',
  'format',
])

/** Adds entries; members are named like the columns. @returns row ids in the order given. */
export async function insertDatasets(db: Db, rows: Record<string, unknown>[]): Promise<number[]> {
  // Numbered before: COPY gives nothing back, and is half the work of any other way in.
  const { rows: numbers } = await sql<{ id: number }>`
    select nextval('catalog.dataset_id_seq')::int as id from generate_series(1, ${rows.length}::int)`.execute(
    db,
  )
  const ids = numbers.map((n) => n.id)
  await copyInto(
    db,
    'catalog.dataset',
    ['id', 'version', 'latest_version', ...insertColumns],
    datasetRows(rows, ids),
  )
  return ids
}

function* datasetRows(rows: Record<string, unknown>[], ids: number[]): Generator<string> {
  for (const [i, row] of rows.entries()) {
    let line = `${ids[i]}\t1\t1`
    for (const name of insertColumns) line += `\t${copyValue(name, row[name])}`
    yield `${line}\n`
  }
}

function copyValue(column: string, value: unknown): string {
  if (typeof value !== 'object' || value === null) return copyField(value as string | undefined)
  return copyField(listColumns.has(column) ? (value as string[]) : JSON.stringify(value))
}

/** Replaces what the rows hold by other versions of their entries; the old ones must be archived before. */
export async function updateDatasets(db: Db, rows: Record<string, unknown>[]): Promise<void> {
  await sql`
    update catalog.dataset d set (${names(updateColumns)}) = row(${names(updateColumns, 'r')})
    from jsonb_populate_recordset(null::catalog.dataset, ${JSON.stringify(rows)}::jsonb) r
    where d.id = r.id`.execute(db)
}

/** Adds items. @param rows of `itemRows` */
export const insertItems = (db: Db, rows: Iterable<string>): Promise<void> =>
  copyInto(db, 'catalog.item', itemColumns, rows)

export async function deleteItems(db: Db, datasetIds: number[]): Promise<void> {
  await sql`delete from catalog.item where dataset_id = any(${datasetIds}::int[])`.execute(db)
}

/** The entries that hold these resource codes. */
export async function selectCodeOwners(db: Db, codes: string[]): Promise<Map<string, number>> {
  if (codes.length === 0) return new Map()
  const { rows } = await sql<{ code: string; datasetId: number }>`
    select code, dataset_id as "datasetId" from catalog.resource_code where code = any(${codes}::text[])`.execute(
    db,
  )
  return new Map(rows.map((r) => [r.code, r.datasetId]))
}

/** Gives the entries exactly these codes. Two writers at once meet in the order of the codes. */
export async function replaceResourceCodes(
  db: Db,
  datasetIds: number[],
  codes: { code: string; datasetId: number }[],
): Promise<void> {
  await sql`delete from catalog.resource_code where dataset_id = any(${datasetIds}::int[])`.execute(db)
  await insertResourceCodes(db, codes)
}

export async function insertResourceCodes(
  db: Db,
  codes: { code: string; datasetId: number }[],
): Promise<void> {
  if (codes.length === 0) return
  const sorted = [...codes].sort((a, b) => (a.code < b.code ? -1 : 1))
  await sql`
    insert into catalog.resource_code (code, dataset_id)
    select * from unnest(${sorted.map((c) => c.code)}::text[], ${sorted.map((c) => c.datasetId)}::int[])`.execute(
    db,
  )
}

/** A moment as contents have it. */
const instant = (column: ReturnType<typeof sql>) =>
  sql`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

/** The code of the body in a column; its row id where `codes` is null. */
const bodyIn = (column: ReturnType<typeof sql>, codes: string | null) =>
  codes === null ? column : sql`${codes}::jsonb -> ${column}::text`

/**
 * The content in the rows of an entry `d` as its author wrote it, as jsonb. Bodies are looked up in `codes` (a JSON object
 * id → code), because their table belongs to another capability; without it they stay row ids.
 */
export const contentOf = (codes: string | null) => contentAs('jsonb', codes)

/** The same as text for whoever passes it on: half the work, since nothing is sorted and compared. */
export const contentTextOf = (codes: string | null) => sql`(${contentAs('json', codes)})::text`

function contentAs(type: 'json' | 'jsonb', codes: string | null) {
  const [strip, object, list, all] = [
    `${type}_strip_nulls`,
    `${type}_build_object`,
    `to_${type}`,
    `${type}_agg`,
  ].map((name) => sql.raw(name))
  return sql`
  ${strip}(${object}(
    'body', ${bodyIn(sql`d.organisation_id`, codes)}, 'language', d.language, 'title', d.title,
    'abstract', nullif(d.abstract, ''), 'translations', nullif(d.translations, '{}'),
    'classification', ${list}(nullif(d.classification, '{}')), 'resourceCode', ${list}(nullif(d.resource_code, '{}')),
    'identifier', ${list}(nullif(d.identifier, '{}')),
    'theme', ${list}(nullif(d.theme, '{}')), 'keyword', ${list}(nullif(d.keyword, '{}')), 'database', d.database,
    'sharingType', d.sharing_type, 'sharingCondition', d.sharing_condition, 'sharingScope', d.sharing_scope,
    'refusalBasis', d.refusal_basis, 'shareMethod', d.share_method, 'openType', d.open_type,
    'openCondition', d.open_condition, 'updateCycle', d.update_cycle, 'grade', d.grade, 'duty', d.duty,
    'serviceMatter', d.service_matter, 'spatial', ${list}(nullif(d.spatial, '{}')),
    'temporalStart', d.temporal_start, 'temporalEnd', d.temporal_end, 'issued', d.issued,
    'modified', ${instant(sql`d.modified`)}, 'landingPage', d.landing_page, 'license', d.license,
    'contact', d.contact, 'distributions', nullif(d.distributions, '[]'), 'services', nullif(d.services, '[]'),
    'related', nullif(d.related, '[]'), 'extension', nullif(d.extension, '{}'), 'items', (
      select ${all}(${object}(
        'code', i.code, 'name', i.name, 'description', i.description, 'translations', i.translations,
        'dataType', i.data_type, 'length', i.length, 'precision', i.precision, 'isKey', nullif(i.is_key, false),
        'sharingType', i.sharing_type, 'sharingCondition', i.sharing_condition, 'refusalBasis', i.refusal_basis,
        'openType', i.open_type, 'openCondition', i.open_condition, 'updateCycle', i.update_cycle, 'grade', i.grade,
        'personal', nullif(i.personal, false), 'body', ${bodyIn(sql`i.organisation_id`, codes)},
        'sourceItem', i.source_item, 'dataElement', i.data_element, 'shareMethod', i.share_method,
        'secret', nullif(i.secret, false), 'requiredInExchange', nullif(i.required_in_exchange, false),
        'dateFormat', i.date_format, 'boundColumn', i.bound_column, 'boundType', i.bound_type) order by i.ordinal)
      from catalog.item i where i.dataset_id = d.id)))`
}

/** Copies what the rows hold into the history, with who, when and why; call it before the rows change. */
export async function archiveDatasets(db: Db, ids: number[], codes: string): Promise<void> {
  await sql`
    insert into catalog.dataset_version (dataset_id, version, content, state, at, person_id, person_name, reason)
    select d.id, d.version, ${contentOf(codes)}, d.state, d.changed_at, d.changed_by, d.changed_by_name, d.change_reason
    from catalog.dataset d where d.id = any(${ids}::int[])`.execute(db)
}

export interface DraftVersion {
  dataset_id: number
  version: number
  content: unknown
  person_id: number | null
  person_name: string
  reason: string | null
}

/** Adds drafts of published entries to the history and counts them as the newest versions. */
export async function insertDraftVersions(db: Db, drafts: DraftVersion[]): Promise<void> {
  await sql`
    with added as (
      insert into catalog.dataset_version (dataset_id, version, content, state, at, person_id, person_name, reason)
      select dataset_id, version, content, 'draft', clock_timestamp(), person_id, person_name, reason
      from jsonb_populate_recordset(null::catalog.dataset_version, ${JSON.stringify(drafts)}::jsonb)
      returning dataset_id, version
    )
    update catalog.dataset d set latest_version = added.version from added where d.id = added.dataset_id`.execute(
    db,
  )
}

/** Marks the open drafts of these entries as given up; their content stays in the history. */
export async function discardDrafts(db: Db, ids: number[]): Promise<void> {
  await sql`
    update catalog.dataset_version v set state = 'discarded' from catalog.dataset d
    where d.id = any(${ids}::int[]) and v.dataset_id = d.id and v.version > d.version and v.state = 'draft'`.execute(
    db,
  )
}
