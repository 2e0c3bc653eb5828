import { emptyRecord, type MappedRecord } from './mapping-entry.ts'
import { objectOf, textOf, warning } from './mapping-values.ts'

/**
 * An entry of another node, as its change feed gives it: it is taken as it is, found again by its address there. Codes of
 * bodies are the other node's own; the body here is the source's, unless its mapping names them (`bodyFrom: /body/code`).
 */
export function mapConcordEntry(value: unknown): MappedRecord {
  const record = emptyRecord()
  const entry = objectOf(value)
  const content = objectOf(entry?.content)
  if (!entry || !content) {
    record.faults.push(warning('', 'type', 'the record is no entry of a node: uid and content are wanted'))
    return record
  }
  const { body: _, ...own } = content
  record.sourceId = textOf(entry.uid)
  record.title = textOf(own.title) ?? ''
  record.content = own
  return record
}
