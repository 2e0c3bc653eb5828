import type { Entry } from '../../catalog/index.ts'
import type { CodeListEntry } from '../../platform/profile.ts'
import { type GraphNode, text, textIn, typed } from './graph-node.ts'
import { ownTerm } from './own-terms.ts'
import { csvw, dct } from './vocabulary.ts'

/** Data types of the profile as types of XML Schema, where the code says which. */
const types: Record<string, string> = {
  character: 'string',
  text: 'string',
  memo: 'string',
  numeric: 'decimal',
  currency: 'decimal',
  integer: 'integer',
  float: 'double',
  double: 'double',
  date: 'date',
  datetime: 'dateTime',
  logical: 'boolean',
  boolean: 'boolean',
}

/** Members of an item that are told under their own names. */
const ownMembers = [
  'sharingType',
  'sharingCondition',
  'refusalBasis',
  'openType',
  'openCondition',
  'updateCycle',
  'grade',
  'sourceItem',
  'dataElement',
] as const

/** Information items as columns (CSV on the Web), each with an address of its own. */
export function addItems(
  node: GraphNode,
  content: Entry['content'],
  base: string,
  dataTypes: ReadonlyMap<string, CodeListEntry>,
): void {
  const own = ownTerm(base)
  for (const [i, item] of (content.items ?? []).entries()) {
    const column = node.part(own('item'), `item-${i + 1}`, csvw('Column'))
    column.add(csvw('name'), text(item.code))
    column.add(csvw('title'), textIn(item.name, content.language))
    column.add(dct('description'), textIn(item.description, content.language))
    for (const [tag, words] of Object.entries(item.translations ?? {})) {
      column.add(csvw('title'), textIn(words.name, tag))
      column.add(dct('description'), textIn(words.description, tag))
    }
    const type = item.dataType ? types[item.dataType] : undefined
    column.add(csvw('datatype'), text(type))
    if (item.dataType && dataTypes.has(item.dataType)) column.add(own('dataType'), text(item.dataType))
    column.add(csvw('length'), typed(item.length, 'nonNegativeInteger'))
    for (const name of ownMembers) column.add(own(name), text(item[name]))
    column.add(own('body'), text(item.body))
  }
}
