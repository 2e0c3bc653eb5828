import type { ItemHit, SearchHit } from '../../src/search/search.schema.ts'
import { saveFile, toCsv } from '../platform/csv.ts'

const csvType = 'text/csv;charset=utf-8'

/** The present page of entries as a file; column names are those of the API. */
export function exportEntries(hits: readonly SearchHit[]): void {
  const head = [
    'uid',
    'title',
    'bodyCode',
    'body',
    'theme',
    'sharingType',
    'openType',
    'updateCycle',
    'grade',
    'format',
    'itemCount',
    'modified',
    'address',
  ]
  const rows = hits.map((hit) => [
    hit.uid,
    hit.title,
    hit.body.code,
    hit.body.name,
    hit.theme.join('; '),
    hit.sharingType,
    hit.openType,
    hit.updateCycle,
    hit.grade,
    hit.format.join('; '),
    hit.itemCount,
    hit.modified,
    `${location.origin}/dataset/${hit.uid}`,
  ])
  saveFile('entries.csv', toCsv([head, ...rows]), csvType)
}

export function exportItems(hits: readonly ItemHit[]): void {
  const head = [
    'item',
    'description',
    'dataType',
    'sourceCode',
    'source',
    'sharingType',
    'openType',
    'grade',
    'personal',
    'dataset',
    'address',
  ]
  const rows = hits.map((hit) => [
    hit.name,
    hit.description,
    hit.dataType,
    hit.source.code,
    hit.source.name,
    hit.sharingType,
    hit.openType,
    hit.grade,
    hit.personal,
    hit.dataset.title,
    `${location.origin}/dataset/${hit.dataset.uid}`,
  ])
  saveFile('items.csv', toCsv([head, ...rows]), csvType)
}
