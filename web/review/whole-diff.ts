import type { DatasetContent } from '../catalog/api.ts'

/** One member of a content or of one of its items, as it was and as it is. */
export interface Pair {
  member: string
  before: unknown
  after: unknown
  changed: boolean
}

/** A thing that stands on both sides: the entry itself, or one of its items, files, services, related entries. */
export interface Block {
  list: string
  /** What it is called; empty for the entry itself. */
  name: string
  kind: 'same' | 'changed' | 'added' | 'removed'
  pairs: Pair[]
}

type Member = Record<string, unknown>
const lists = ['items', 'distributions', 'services', 'related'] as const
/** By what members of a list are recognised, the surest first, as the server does (version-diff.ts). */
const keys: Record<(typeof lists)[number], (keyof Member & string)[]> = {
  items: ['code', 'name'],
  distributions: ['downloadUrl', 'accessUrl', 'title'],
  services: ['endpointUrl', 'title'],
  related: ['uid', 'identifier'],
}

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  value === false ||
  (typeof value === 'object' && Object.keys(value).length === 0)

/** True when two values say the same; the order of an object's members does not count, and nothing is nothing. */
export function isSame(a: unknown, b: unknown): boolean {
  if (isEmpty(a) && isEmpty(b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const [one, two] = [a as Member, b as Member]
  return [...new Set([...Object.keys(one), ...Object.keys(two)])].every((key) => isSame(one[key], two[key]))
}

function pairsOf(before: Member, after: Member, without: readonly string[] = []): Pair[] {
  return [...new Set([...Object.keys(after), ...Object.keys(before)])]
    .filter((member) => !without.includes(member) && !(isEmpty(before[member]) && isEmpty(after[member])))
    .map((member) => ({
      member,
      before: before[member],
      after: after[member],
      changed: !isSame(before[member], after[member]),
    }))
}

const nameOf = (list: (typeof lists)[number], one: Member) =>
  String(one.name ?? one.title ?? keys[list].map((key) => one[key]).find((value) => !isEmpty(value)) ?? '')

/** Members of a list side by side, in the order of the new one, what is gone at the end. */
function compareList(list: (typeof lists)[number], before: Member[], after: Member[]): Block[] {
  const free = new Set(before)
  const partner = new Map<Member, Member>()
  for (const key of keys[list])
    for (const one of after) {
      if (partner.has(one) || isEmpty(one[key])) continue
      const old = [...free].find((candidate) => candidate[key] === one[key])
      if (!old) continue
      partner.set(one, old)
      free.delete(old)
    }
  const block = (kind: Block['kind'], was: Member, is: Member): Block => ({
    list,
    name: nameOf(list, kind === 'removed' ? was : is),
    kind,
    pairs: pairsOf(was, is),
  })
  return [
    ...after.map((one) => {
      const old = partner.get(one)
      if (!old) return block('added', {}, one)
      return block(isSame(old, one) ? 'same' : 'changed', old, one)
    }),
    ...[...free].map((old) => block('removed', old, {})),
  ]
}

/** Everything two contents hold, side by side. Without an earlier one everything is new. */
export function compareWhole(before: DatasetContent | null, after: DatasetContent): Block[] {
  const was = (before ?? {}) as Member
  const is = after as unknown as Member
  const pairs = pairsOf(was, is, lists)
  const kind = before === null ? 'added' : pairs.some((pair) => pair.changed) ? 'changed' : 'same'
  return [
    { list: '', name: '', kind, pairs },
    ...lists.flatMap((list) =>
      compareList(list, (was[list] ?? []) as Member[], (is[list] ?? []) as Member[]),
    ),
  ]
}

/** The part in which two texts differ: what is the same at the beginning and the end is left out. */
export function differingPart(a: string, b: string): { start: number; end: number } {
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start++
  let end = 0
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end])
    end++
  return { start, end: a.length - end }
}
