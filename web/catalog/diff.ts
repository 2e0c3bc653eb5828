import type { DatasetContent, Item } from './api.ts'

/** One difference between two versions. */
export interface Change {
  kind: 'added' | 'removed' | 'changed'
  /** Member of the content, e.g. `title`; for items, files and the like with the name of the one. */
  field: string
  part?: string
  before?: unknown
  after?: unknown
}

const same = (a: unknown, b: unknown) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null)
const isEmpty = (value: unknown) =>
  value === undefined ||
  value === null ||
  value === '' ||
  (Array.isArray(value) && value.length === 0) ||
  (typeof value === 'object' && Object.keys(value).length === 0)

function compareFields(
  field: string,
  part: string | undefined,
  before: Record<string, unknown>,
  after: Record<string, unknown>,
): Change[] {
  const out: Change[] = []
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const was = before[name]
    const is = after[name]
    if (same(was, is) || (isEmpty(was) && isEmpty(is))) continue
    const path = field ? `${field}.${name}` : name
    const kind = isEmpty(was) ? 'added' : isEmpty(is) ? 'removed' : 'changed'
    out.push({ kind, field: path, part, before: was, after: is })
  }
  return out
}

/** Pairs list members by a name: a renamed one shows as removed and added. */
function compareList<T extends object>(
  field: string,
  nameOf: (one: T) => string,
  before: readonly T[],
  after: readonly T[],
): Change[] {
  const out: Change[] = []
  const rest = [...before]
  for (const one of after) {
    const at = rest.findIndex((old) => nameOf(old) === nameOf(one))
    if (at < 0) {
      out.push({ kind: 'added', field, part: nameOf(one), after: nameOf(one) })
      continue
    }
    const [old] = rest.splice(at, 1)
    out.push(
      ...compareFields(
        field,
        nameOf(one),
        old as Record<string, unknown>,
        one as unknown as Record<string, unknown>,
      ),
    )
  }
  for (const old of rest) out.push({ kind: 'removed', field, part: nameOf(old), before: nameOf(old) })
  return out
}

const lists = ['items', 'distributions', 'services', 'related', 'translations', 'extension'] as const

/** Every difference of two contents, in the order in which the page shows them. */
export function diffContent(before: DatasetContent, after: DatasetContent): Change[] {
  const plain = (content: DatasetContent) =>
    Object.fromEntries(Object.entries(content).filter(([name]) => !lists.some((one) => one === name)))
  const flat = (value: Record<string, unknown> | undefined) => value ?? {}
  return [
    ...compareFields('', undefined, plain(before), plain(after)),
    ...compareFields('translations', undefined, flat(before.translations), flat(after.translations)),
    ...compareList<Item>('items', (item) => item.name, before.items ?? [], after.items ?? []),
    ...compareList(
      'distributions',
      (file) => file.title ?? file.downloadUrl ?? file.accessUrl ?? file.format ?? '',
      before.distributions ?? [],
      after.distributions ?? [],
    ),
    ...compareList('services', (service) => service.title, before.services ?? [], after.services ?? []),
    ...compareList(
      'related',
      (one) => one.title ?? one.identifier ?? one.uid ?? '',
      before.related ?? [],
      after.related ?? [],
    ),
    ...compareFields('extension', undefined, flat(before.extension), flat(after.extension)),
  ]
}
