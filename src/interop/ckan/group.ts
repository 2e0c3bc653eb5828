import type { Profile } from '../../platform/profile.ts'
import { namedId } from './ids.ts'

/** Themes of the profile as CKAN's groups. */
export interface Group {
  id: string
  name: string
  title: string
  display_name: string
  description: string
  image_display_url: string
}

export interface Groups {
  list: Group[]
  byName: ReadonlyMap<string, Group>
  /** By name or id. */
  find(ref: unknown): Group | undefined
}

export function groupsOf(profile: Profile): Groups {
  const list = (profile.codeLists.theme?.entries ?? []).map((e): Group => {
    const title = e.label[profile.language] ?? Object.values(e.label)[0] ?? e.code
    const description = e.note?.[profile.language] ?? ''
    return {
      id: namedId('group', e.code),
      name: e.code,
      title,
      display_name: title,
      description,
      image_display_url: '',
    }
  })
  const byName = new Map(list.map((g) => [g.name, g]))
  const byId = new Map(list.map((g) => [g.id, g]))
  return {
    list,
    byName,
    find: (ref) => (typeof ref === 'string' ? (byName.get(ref) ?? byId.get(ref.toLowerCase())) : undefined),
  }
}

/** A group as `group_show` gives it. */
export const groupDict = (g: Group, packages: number) => ({
  ...g,
  approval_status: 'approved',
  created: null,
  extras: [],
  groups: [],
  image_url: '',
  is_organization: false,
  num_followers: 0,
  package_count: packages,
  state: 'active',
  tags: [],
  type: 'group',
  users: [],
})
