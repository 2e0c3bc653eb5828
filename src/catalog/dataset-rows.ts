import { copyField } from '../platform/copy.ts'
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

type ItemValue = (
  item: Item,
  bodies: ReadonlyMap<string, number>,
) => string | number | boolean | null | undefined

/** Column and its value; dataset_id and ordinal come before. */
const itemValues: readonly [string, ItemValue][] = [
  ['code', (i) => i.code],
  ['name', (i) => i.name],
  ['description', (i) => i.description],
  ['translations', (i) => i.translations && JSON.stringify(i.translations)],
  ['data_type', (i) => i.dataType],
  ['length', (i) => i.length],
  ['precision', (i) => i.precision],
  ['is_key', (i) => i.isKey === true],
  ['sharing_type', (i) => i.sharingType],
  ['sharing_condition', (i) => i.sharingCondition],
  ['refusal_basis', (i) => i.refusalBasis],
  ['open_type', (i) => i.openType],
  ['open_condition', (i) => i.openCondition],
  ['update_cycle', (i) => i.updateCycle],
  ['grade', (i) => i.grade],
  ['personal', (i) => i.personal === true],
  ['organisation_id', (i, bodies) => (i.body ? bodies.get(i.body) : null)],
  ['source_item', (i) => i.sourceItem],
  ['data_element', (i) => i.dataElement],
  ['share_method', (i) => i.shareMethod],
  ['secret', (i) => i.secret === true],
  ['required_in_exchange', (i) => i.requiredInExchange === true],
  ['date_format', (i) => i.dateFormat],
  ['bound_column', (i) => i.boundColumn],
  ['bound_type', (i) => i.boundType],
]

/** The columns of `itemRows`. */
export const itemColumns: readonly string[] = ['dataset_id', 'ordinal', ...itemValues.map(([name]) => name)]

/** The items of the entries with these row ids, as rows of catalog.item for `copyInto`. */
export function* itemRows(
  entries: { id: number; items: Item[] | undefined }[],
  bodies: ReadonlyMap<string, number>,
): Generator<string> {
  for (const { id, items } of entries)
    for (const [ordinal, item] of (items ?? []).entries()) {
      let row = `${id}\t${ordinal}`
      for (const [, value] of itemValues) row += `\t${copyField(value(item, bodies))}`
      yield `${row}\n`
    }
}
