import type { DatasetContent, Item } from './dataset.schema.ts'
import { formatsOf, qualityOf } from './dataset-quality.ts'

/** Who made a version, when it is not a part of the content. */
export interface Change {
  personId: number | null
  personName: string
  reason: string | null
}

/** The columns of catalog.dataset that come from the content, by their names in the table. */
export type ContentColumns = Record<string, unknown>

/** Turns a validated content into the columns of its row. `organisationId` is the row of `content.body`. */
export function contentColumns(c: DatasetContent, organisationId: number): ContentColumns {
  return {
    organisation_id: organisationId,
    language: c.language,
    title: c.title,
    abstract: c.abstract ?? '',
    translations: c.translations ?? {},
    classification: c.classification ?? [],
    resource_code: c.resourceCode ?? [],
    identifier: c.identifier ?? [],
    theme: c.theme ?? [],
    keyword: c.keyword ?? [],
    database: c.database,
    sharing_type: c.sharingType,
    sharing_condition: c.sharingCondition,
    sharing_scope: c.sharingScope,
    refusal_basis: c.refusalBasis,
    share_method: c.shareMethod,
    open_type: c.openType,
    open_condition: c.openCondition,
    update_cycle: c.updateCycle,
    grade: c.grade,
    duty: c.duty,
    service_matter: c.serviceMatter,
    spatial: c.spatial ?? [],
    temporal_start: c.temporalStart,
    temporal_end: c.temporalEnd,
    format: formatsOf(c),
    issued: c.issued,
    modified: c.modified,
    landing_page: c.landingPage,
    license: c.license,
    contact: c.contact,
    distributions: c.distributions ?? [],
    services: c.services ?? [],
    related: c.related ?? [],
    extension: c.extension ?? {},
    item_count: c.items?.length ?? 0,
    quality: qualityOf(c),
  }
}

/** Every column that `contentColumns` sets. */
export const contentColumnNames = Object.keys(
  contentColumns(
    { body: '', title: '', sharingType: 'unconditional', openType: 'not_open', updateCycle: '' },
    0,
  ),
)

/** The items of many entries, column by column, as PostgreSQL's array literals: the fastest way in that is a plain statement. */
export interface ItemColumns {
  count: number
  literals: string[]
}

type ItemValue = (
  item: Item,
  bodies: ReadonlyMap<string, number>,
) => string | number | boolean | object | null | undefined

/** Column, its type, and its value; dataset_id and ordinal come before. */
export const itemColumns: readonly [string, string, ItemValue][] = [
  ['code', 'text', (i) => i.code],
  ['name', 'text', (i) => i.name],
  ['description', 'text', (i) => i.description],
  ['translations', 'jsonb', (i) => i.translations],
  ['data_type', 'text', (i) => i.dataType],
  ['length', 'int', (i) => i.length],
  ['precision', 'smallint', (i) => i.precision],
  ['is_key', 'boolean', (i) => i.isKey === true],
  ['sharing_type', 'text', (i) => i.sharingType],
  ['sharing_condition', 'text', (i) => i.sharingCondition],
  ['refusal_basis', 'text', (i) => i.refusalBasis],
  ['open_type', 'text', (i) => i.openType],
  ['open_condition', 'text', (i) => i.openCondition],
  ['update_cycle', 'text', (i) => i.updateCycle],
  ['grade', 'text', (i) => i.grade],
  ['personal', 'boolean', (i) => i.personal === true],
  ['organisation_id', 'int', (i, bodies) => (i.body ? bodies.get(i.body) : null)],
  ['source_item', 'text', (i) => i.sourceItem],
  ['data_element', 'text', (i) => i.dataElement],
  ['share_method', 'text', (i) => i.shareMethod],
  ['secret', 'boolean', (i) => i.secret === true],
  ['required_in_exchange', 'boolean', (i) => i.requiredInExchange === true],
  ['date_format', 'text', (i) => i.dateFormat],
  ['bound_column', 'text', (i) => i.boundColumn],
  ['bound_type', 'text', (i) => i.boundType],
]

const quoted = (text: string) =>
  `"${text.includes('\\') || text.includes('"') ? text.replace(/[\\"]/g, '\\$&') : text}"`

function literal(value: ReturnType<ItemValue>): string {
  if (value === null || value === undefined) return 'NULL'
  if (typeof value === 'string') return quoted(value)
  return typeof value === 'object' ? quoted(JSON.stringify(value)) : String(value)
}

/** The items of the entries with these row ids, ready for `insertItems`. */
export function toItemColumns(
  entries: { id: number; items: Item[] | undefined }[],
  bodies: ReadonlyMap<string, number>,
): ItemColumns {
  const columns: string[][] = Array.from({ length: itemColumns.length + 2 }, () => [])
  for (const { id, items } of entries)
    items?.forEach((item, ordinal) => {
      columns[0]!.push(String(id))
      columns[1]!.push(String(ordinal))
      for (let c = 0; c < itemColumns.length; c++)
        columns[c + 2]!.push(literal(itemColumns[c]![2](item, bodies)))
    })
  return { count: columns[0]!.length, literals: columns.map((values) => `{${values.join(',')}}`) }
}
