import { invalidField, validation } from './errors.ts'
import type { Loose } from './resource.ts'

/**
 * `package_revise`: what must match, what is taken away, what is put in its place. Each may be given as an object or
 * flattened, as in `match__name` and `update__resources__extend`.
 */
interface Revision {
  match: Loose
  /** @throws Validation Error where the package is another than expected */
  apply(pack: Loose): Loose
}

/** Steps into a package that a flattened name can name. */
const maxDepth = 10

export function revised(params: Loose): Revision {
  const match: [string[], unknown][] = []
  const update: [string[], unknown][] = []
  for (const [name, value] of Object.entries(params)) {
    const path = name.split('__')
    if (path.length > maxDepth) throw invalidField(name.slice(0, 100), 'The name has too many parts.')
    const [what, ...rest] = path
    if (what !== 'match' && what !== 'update') continue
    const list = what === 'match' ? match : update
    if (rest.length > 0) list.push([rest, value])
    else for (const [key, part] of Object.entries(objectOf(value, name))) list.push([[key], part])
  }
  if (match.length === 0) throw invalidField('match', 'Missing value')
  const filters = filtersOf(params.filter)
  return {
    match: Object.fromEntries(
      match.filter(([path]) => path.length === 1).map(([[key], value]) => [key, value]),
    ),
    apply(pack) {
      const next = structuredClone(pack)
      const wrong = match.filter(([path, value]) => !matches(at(next, path), value))
      if (wrong.length > 0)
        throw validation({
          message: wrong.map(([path]) => `match: ${path.join('__')} is another than expected.`),
        })
      remove(next, filters)
      for (const [path, value] of update) put(next, path, value)
      return next
    },
  }
}

const objectOf = (value: unknown, name: string): Loose => {
  let read = value
  if (typeof value === 'string')
    try {
      read = JSON.parse(value)
    } catch {
      throw invalidField(name, 'This is not JSON.')
    }
  if (typeof read !== 'object' || read === null || Array.isArray(read))
    throw invalidField(name, 'This is not an object.')
  return read as Loose
}

function filtersOf(value: unknown): { keep: boolean; path: string[] }[] {
  const names = Array.isArray(value) ? value.map(String) : typeof value === 'string' ? value.split(',') : []
  return names.map((name) => {
    const found = /^\s*([+-])(.+?)\s*$/.exec(name)
    if (!found) throw invalidField('filter', `"${name.slice(0, 100)}" begins with neither + nor -.`)
    return { keep: found[1] === '+', path: found[2]!.split('__') }
  })
}

/** The place of an element: its number, or the beginning of its id. */
function indexIn(list: unknown[], key: string): number {
  if (/^-?\d{1,4}$/.test(key)) return Number(key) < 0 ? list.length + Number(key) : Number(key)
  return list.findIndex((e) => key.length >= 5 && String((e as Loose | null)?.id ?? '').startsWith(key))
}

function at(value: unknown, [key, ...rest]: string[]): unknown {
  if (key === undefined) return value
  if (Array.isArray(value)) return at(value[indexIn(value, key)], rest)
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? at((value as Loose)[key], rest)
    : undefined
}

function matches(value: unknown, wanted: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return String(value ?? '') === String(wanted ?? '')
  return Object.entries(wanted).every(([key, part]) => matches(at(value, [key]), part))
}

/** Takes away what the first filter that fits says; `*` stands for everything of its place. */
function remove(pack: Loose, filters: { keep: boolean; path: string[] }[]): void {
  const visit = (holder: unknown, path: string[]) => {
    if (typeof holder !== 'object' || holder === null) return
    for (const key of Object.keys(holder).reverse()) {
      const own = [...path, key]
      const fits = (f: { path: string[] }) =>
        f.path.length === own.length && f.path.every((p, i) => p === '*' || p === own[i])
      const rule = filters.find(fits)
      const keepsInside = filters.some(
        (f) =>
          f.keep && f.path.length > own.length && own.every((p, i) => f.path[i] === '*' || f.path[i] === p),
      )
      if (rule && !rule.keep && !keepsInside) {
        if (Array.isArray(holder)) holder.splice(Number(key), 1)
        else delete (holder as Loose)[key]
      } else visit((holder as Loose)[key], own)
    }
  }
  if (filters.length > 0) visit(pack, [])
}

function put(holder: unknown, [key, ...rest]: string[], value: unknown): void {
  if (key === undefined || typeof holder !== 'object' || holder === null) return
  if (Array.isArray(holder)) {
    if (key === 'extend') holder.push(...(Array.isArray(value) ? value : JSON.parse(String(value))))
    else {
      const index = indexIn(holder, key)
      if (index < 0 || index >= holder.length) throw invalidField(key, 'There is no such element.')
      if (rest.length > 0) put(holder[index], rest, value)
      else
        holder[index] = typeof value === 'object' && value !== null ? { ...holder[index], ...value } : value
    }
    return
  }
  if (key === '__proto__') return
  const own = holder as Loose
  if (rest.length === 0) own[key] = value
  else {
    own[key] ??= {}
    put(own[key], rest, value)
  }
}
