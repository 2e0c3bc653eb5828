import type { OrganisationRow } from '../../security/index.ts'
import type { Groups } from './group.ts'
import { isUuid } from './ids.ts'
import type { Loose } from './resource.ts'
import { readMoment } from './time.ts'

/** Single fields of a package as clients write them, in forms of fifteen years; what is wrong with one is said under its name. */

export type Say = (field: string, ...messages: string[]) => void

export interface PackageContext {
  groups: Groups
  organization(ref: unknown): OrganisationRow | undefined
}

/** Members that CKAN computes, or that the catalogue does not keep because they say nothing of the data. */
const computed = new Set(
  `organization num_tags num_resources isopen license_title license_url relationships_as_subject license
  relationships_as_object creator_user_id revision_id tracking_summary type users display_name log_message
  private_data defer_commit use_default_schema include_datasets include_users include_password_hash metadata_hash
  author author_email version maintainer maintainer_email url notes title name id state private owner_org license_id
  metadata_created metadata_modified extras groups resources tags tag_string plugin_data`.split(/\s+/),
)

export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined
export const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
export const isTrue = (value: unknown) => value === true || /^(true|1|yes|on|t|y)$/i.test(String(value))
export const only = (key: string, value: string | undefined) => (value === undefined ? {} : { [key]: value })

/** What an extra holds as JSON. */
export function jsonOf(value: string, say: Say): unknown {
  try {
    return JSON.parse(value)
  } catch {
    say('extras', 'assessment: this is not JSON.')
    return undefined
  }
}

export function readExtras(pack: Loose, say: Say): Map<string, string> {
  const extras = new Map<string, string>()
  // The oldest clients send an object.
  const { extras: given } = pack
  const pairs =
    typeof given === 'object' && given !== null && !Array.isArray(given)
      ? Object.entries(given).map(([key, value]) => ({ key, value }))
      : listOf(given)
  for (const pair of pairs) {
    const { key, value } = (pair ?? {}) as { key?: unknown; value?: unknown }
    if (typeof key !== 'string' || key === '') say('extras', 'An extra is an object with key and value.')
    else if (extras.has(key)) say('extras', `Duplicate key "${key.slice(0, 100)}".`)
    else if (value !== null && value !== undefined)
      extras.set(key, typeof value === 'string' ? value : JSON.stringify(value))
  }
  // What portals add at the top is an extra by another name.
  for (const [key, value] of Object.entries(pack))
    if (!computed.has(key) && value !== null && value !== '' && value !== undefined && !extras.has(key))
      extras.set(key, typeof value === 'string' ? value : JSON.stringify(value))
  return extras
}

export function bodyOf(pack: Loose, ctx: PackageContext, say: Say): string | undefined {
  const inside = pack.organization as Loose | string | undefined | null
  const given =
    textOf(pack.owner_org) ??
    (typeof inside === 'object' && inside !== null
      ? (textOf(inside.id) ?? textOf(inside.name))
      : textOf(inside))
  if (given === undefined) return undefined
  const found = ctx.organization(given)
  if (!found) say('owner_org', 'Organization does not exist')
  return found?.code
}

export const tagsOf = (pack: Loose): unknown[] => {
  const tags = listOf(pack.tags).map((t) => (typeof t === 'object' && t !== null ? (t as Loose).name : t))
  return [
    ...tags,
    ...(textOf(pack.tag_string)
      ?.split(',')
      .map((t) => t.trim()) ?? []),
  ].filter((t) => t !== '')
}

export function themesOf(pack: Loose, { groups }: PackageContext, say: Say): string[] {
  return listOf(pack.groups).flatMap((g) => {
    const { name, id } = (typeof g === 'object' && g !== null ? g : { name: g }) as Loose
    const found = groups.find(name) ?? groups.find(id)
    if (!found)
      say(
        'groups',
        `Group "${String(name ?? id).slice(0, 100)}" does not exist: groups are the themes of this node.`,
      )
    return found ? [found.name] : []
  })
}

export function idOf(pack: Loose, say: Say): string | undefined {
  const id = textOf(pack.id)
  if (id === undefined || isUuid(id)) return id?.toLowerCase()
  say('id', 'The id of a dataset is a UUID.')
  return undefined
}

/** A date that cannot be read is no fault: CKAN takes none from clients at all. */
export function momentOf(pack: Loose, field: string): string | undefined {
  const given = textOf(pack[field])
  return given !== undefined && readMoment(given) !== undefined ? given : undefined
}
