import type { Item } from '../catalog/dataset.schema.ts'
import { type Country, nationKey } from './country.ts'
import type { PlannedEntry } from './plan.ts'
import type { Random } from './random.ts'
import type { EntryKind, ItemKind } from './tables.ts'

/** Items of the statistics beside a register: when, where, how many, and the change. */
const statisticsItems: Record<string, string[]> = {
  monthly: [
    'stat_month',
    'division_code',
    'division_name',
    'stat_value',
    'stat_unit',
    'change_on_month',
    'change_on_year',
  ],
  quarterly: ['stat_quarter', 'division_code', 'division_name', 'stat_value', 'stat_unit', 'change_on_year'],
  yearly: ['stat_year', 'division_code', 'division_name', 'stat_value', 'stat_unit', 'change_on_year'],
}

/** Of 100 optional items of a provincial or city body, those it does not keep. */
const missingShare = 8
/** Fewest items left. */
const minItems = 5

export interface ItemSource {
  kinds: Map<string, ItemKind>
  /** Department → item → the register that is its source. */
  registers: Map<string, Map<string, EntryKind>>
}

/** Which register of a department is the source of which item: the first that lists it. */
export function findRegisters(entries: EntryKind[]): ItemSource['registers'] {
  const registers: ItemSource['registers'] = new Map()
  for (const entry of entries) {
    if (!entry.levels.includes('n')) continue
    const of = registers.get(entry.dept) ?? new Map<string, EntryKind>()
    registers.set(entry.dept, of)
    for (const { key } of entry.items) if (!of.has(key)) of.set(key, entry)
  }
  return registers
}

/** Keys of the items an entry has. */
export function itemKeysOf(entry: PlannedEntry, cycle: string, r: Random): { key: string; isKey: boolean }[] {
  if (entry.variant === 'statistics') return statisticsItems[cycle]!.map((key, i) => ({ key, isKey: i < 2 }))
  if (entry.body.tier === 'nation') return entry.kind.items
  let left = entry.kind.items.length
  return entry.kind.items.filter(({ isKey }) => {
    if (isKey || left <= minItems || r.int(1, 100) > missingShare) return true
    left--
    return false
  })
}

/** Values that no other body gets in full. */
const withheld = new Set(['bank_account', 'photo'])

/** The items of an entry with their own grades, sources, and sharing where it differs from the entry's. */
export function buildItems(
  entry: PlannedEntry,
  keys: { key: string; isKey: boolean }[],
  classes: { sharingType: string; openType: string },
  country: Country,
  source: ItemSource,
): Item[] {
  const { body } = entry
  const chinese = body.language === 'zh-CN'
  const refusal = country.data.refusals.personal![chinese ? 'zh' : 'en']
  return keys.map(({ key, isKey }, i) => {
    const kind = source.kinds.get(key)
    if (!kind) throw new Error(`${entry.kind.key}: unknown item ${key}`)
    const holder =
      kind.source && kind.source !== entry.kind.dept ? country.bodyFor(kind.source, nationKey) : undefined
    const register = holder && source.registers.get(kind.source)?.get(key)
    const item: Item = {
      code: String(i + 1).padStart(3, '0'),
      name: chinese ? kind.zh : kind.en,
      translations: chinese ? { en: { name: kind.en } } : { 'zh-CN': { name: kind.zh } },
      dataType: kind.dataType,
      length: kind.length,
      grade: `general_${kind.level}`,
    }
    if (isKey) item.isKey = true
    if (kind.personal) item.personal = true
    if (register && holder.code !== body.code) {
      item.body = holder.code
      item.sourceItem = chinese ? `${register.zh}：${kind.zh}` : `${register.en}: ${kind.en}`
      const zh = `以${holder.zh}“${register.zh}”为数源，按其值核验。`
      const en = `Source: ${holder.en}, “${register.en}”; verified against it.`
      item.description = chinese ? zh : en
      item.translations = chinese
        ? { en: { name: kind.en, description: en } }
        : { 'zh-CN': { name: kind.zh, description: zh } }
    }
    if (withheld.has(key) && classes.sharingType === 'conditional') {
      item.sharingType = 'not_shared'
      item.refusalBasis = refusal
    }
    if (kind.personal && kind.level >= 3 && key !== 'person_name' && classes.openType !== 'not_open')
      item.openType = 'not_open'
    return item
  })
}
