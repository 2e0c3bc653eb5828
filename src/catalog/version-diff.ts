import type { DatasetContent } from './dataset.schema.ts'

/** One difference between two versions of a content. */
export interface Difference {
  /** JSON pointer; a member of a list is named by what it was matched by, e.g. `/items/003/name`. */
  path: string
  kind: 'added' | 'removed' | 'changed'
  before: unknown
  after: unknown
}

type Member = Record<string, unknown>

/** By what the members of a list are recognised, the surest first. */
const keysOf: Record<string, ((member: Member) => unknown)[]> = {
  items: [(m) => m.code, (m) => m.name],
  distributions: [(m) => m.downloadUrl, (m) => m.accessUrl, (m) => m.title],
  services: [(m) => m.endpointUrl, (m) => m.title],
  related: [(m) => m.uid, (m) => m.identifier],
}

const pointer = (key: unknown) => String(key).replaceAll('~', '~0').replaceAll('/', '~1')
const isObject = (value: unknown): value is Member =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** True when two values of a content are the same; the order of an object's members does not matter. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((x, i) => isSame(x, b[i]))
  if (!isObject(a) || !isObject(b)) return false
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((k) => Object.hasOwn(b, k) && isSame(a[k], b[k]))
}

/**
 * What changed between two contents. Items are matched by code, then by name, files by address, then by title,
 * lists of words as sets, so that another order is no difference.
 */
export function diffContents(before: DatasetContent, after: DatasetContent): Difference[] {
  const found: Difference[] = []
  diffObjects(before, after, '', found)
  return found
}

function diffObjects(before: Member, after: Member, path: string, found: Difference[]): void {
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)]))
    diffValues(before[key], after[key], `${path}/${pointer(key)}`, key, found)
}

function diffValues(before: unknown, after: unknown, path: string, key: string, found: Difference[]): void {
  if (isSame(before, after)) return
  const keys = keysOf[key]
  if (
    keys &&
    (before === undefined || Array.isArray(before)) &&
    (after === undefined || Array.isArray(after))
  )
    diffMembers((before ?? []) as Member[], (after ?? []) as Member[], keys, path, found)
  else if (Array.isArray(before) && Array.isArray(after)) diffWords(before, after, path, found)
  else if (isObject(before) && isObject(after)) diffObjects(before, after, path, found)
  else
    found.push({
      path,
      kind: before === undefined ? 'added' : after === undefined ? 'removed' : 'changed',
      before: before ?? null,
      after: after ?? null,
    })
}

function diffWords(before: unknown[], after: unknown[], path: string, found: Difference[]): void {
  const gone = before.filter((word) => !after.includes(word))
  const come = after.filter((word) => !before.includes(word))
  for (const word of gone)
    found.push({ path: `${path}/${pointer(word)}`, kind: 'removed', before: word, after: null })
  for (const word of come)
    found.push({ path: `${path}/${pointer(word)}`, kind: 'added', before: null, after: word })
}

function diffMembers(
  before: Member[],
  after: Member[],
  keys: ((member: Member) => unknown)[],
  path: string,
  found: Difference[],
): void {
  const partner = matchMembers(before, after, keys)
  const label = (member: Member, index: number) => pointer(keys.map((k) => k(member)).find((v) => v) ?? index)
  const kept = new Set(partner.values())
  for (const [i, member] of before.entries())
    if (!kept.has(member))
      found.push({ path: `${path}/${label(member, i)}`, kind: 'removed', before: member, after: null })
  for (const [i, member] of after.entries()) {
    const old = partner.get(member)
    const place = `${path}/${label(member, i)}`
    if (old) diffObjects(old, member, place, found)
    else found.push({ path: place, kind: 'added', before: null, after: member })
  }
}

/** Pairs each member of `after` with one of `before`: by the surest key first; equal keys in their order. */
function matchMembers(
  before: Member[],
  after: Member[],
  keys: ((member: Member) => unknown)[],
): Map<Member, Member> {
  const partner = new Map<Member, Member>()
  const free = new Set(before)
  for (const key of keys) {
    const waiting = new Map<unknown, Member[]>()
    for (const member of free) {
      const value = key(member)
      if (value === undefined || value === null) continue
      const list = waiting.get(value)
      if (list) list.push(member)
      else waiting.set(value, [member])
    }
    for (const member of after) {
      if (partner.has(member)) continue
      const old = waiting.get(key(member))?.shift()
      if (old === undefined) continue
      partner.set(member, old)
      free.delete(old)
    }
  }
  return partner
}
