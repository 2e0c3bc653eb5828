import type { Fault } from '../platform/errors.ts'
import type { Profile } from '../platform/profile.ts'

/** A record as it comes: any member may be of any type, because rules run even where the schema found faults. */
export type Loose = Record<string, unknown>

/** A profile in the form in which rules ask it. */
export interface Rulebook {
  codes: Map<string, Set<string>>
  resourceCode: RegExp
  separator: string
  fields: Map<string, Profile['extensionFields'][number]>
}

const rulebooks = new WeakMap<Profile, Rulebook>()

export function rulebookOf(profile: Profile): Rulebook {
  const known = rulebooks.get(profile)
  if (known) return known
  const book: Rulebook = {
    codes: new Map(
      Object.entries(profile.codeLists).map(([name, list]) => [
        name,
        new Set(list.entries.map((e) => e.code)),
      ]),
    ),
    resourceCode: new RegExp(profile.identifiers.resourceCode.pattern, 'u'),
    separator: profile.identifiers.resourceCode.separator,
    fields: new Map(profile.extensionFields.map((f) => [f.name, f])),
  }
  rulebooks.set(profile, book)
  return book
}

/** Codes named in a remedy; longer lists are pointed to. */
const maxCodesNamed = 12
export const text = (value: unknown) => (typeof value === 'string' ? value : undefined)
export const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
export const objects = (value: unknown): [number, Loose][] =>
  list(value).flatMap((entry, i) =>
    typeof entry === 'object' && entry !== null && !Array.isArray(entry) ? [[i, entry as Loose]] : [],
  )
export const pointer = (key: string) => key.replaceAll('~', '~0').replaceAll('/', '~1')

/** Adds a fault unless the value is a code of the profile's list, or no text at all (the schema says that). */
export function checkCode(
  value: unknown,
  listName: string,
  path: string,
  book: Rulebook,
  faults: Fault[],
): void {
  if (typeof value !== 'string') return
  const codes = book.codes.get(listName)
  if (codes?.has(value)) return
  const few = codes !== undefined && codes.size <= maxCodesNamed
  faults.push({
    path,
    rule: 'unknown_code',
    message: `"${value.slice(0, 64)}" is not a code of the profile's list ${listName}.`,
    remedy: few
      ? `Use one of ${[...codes].join(', ')}.`
      : `Use a code of the list ${listName} (GET /api/v1/profile).`,
  })
}
