import type { DatasetContent } from '../../catalog/dataset.schema.ts'
import type { OrganisationRow } from '../../security/index.ts'
import { type ExtraPair, fromExtras, toExtras } from './extras.ts'
import type { Groups } from './group.ts'
import { isUuid, namedId } from './ids.ts'
import { keptLicense, licenseFields } from './license.ts'
import { organizationInPackage } from './organization.ts'
import { fromResources, type Loose, type OwnResource, type ReadResources, toResources } from './resource.ts'
import { naive, readMoment } from './time.ts'

/**
 * An entry as a CKAN package and back: the one place that knows both. Whatever the catalogue has and CKAN lacks
 * travels as extras, whatever CKAN has and the catalogue lacks is kept beside the entry (`Own`): a package that is
 * read, written into another node and read there again is the same.
 */

/** The entry behind a package, in any state. */
export interface Shown {
  id: number
  uid: string
  state: 'draft' | 'published' | 'retired'
  version: number
  content: DatasetContent
  createdAt: string
  changedAt: string
}

/** What is kept of a package beside the entry. */
export interface Own {
  /** Null where the address is the name. */
  name: string | null
  /** Naive UTC. When the package was made and changed where it came from. */
  created: string | null
  /** Of one version only: whoever changes the entry later changes the time too. */
  modified: string | null
  modifiedVersion: number | null
  more: More
  resources: OwnResource[]
}

interface More {
  author?: string
  author_email?: string
  version?: string
  extras?: ExtraPair[]
}

export const noOwn: Own = {
  name: null,
  created: null,
  modified: null,
  modifiedVersion: null,
  more: {},
  resources: [],
}

const states = { draft: 'draft', published: 'active', retired: 'deleted' } as const

export function toPackage(entry: Shown, own: Own, organisation: OrganisationRow, groups: Groups): Loose {
  const { uid, content: c } = entry
  const created = own.created ?? naive(entry.createdAt)
  const modified =
    own.modified !== null && own.modifiedVersion === entry.version ? own.modified : naive(entry.changedAt)
  const license = licenseFields(c.license)
  const resources = toResources(uid, c, own.resources, { created, modified })
  const tags = (c.keyword ?? []).map(toTag)
  return {
    author: own.more.author ?? null,
    author_email: own.more.author_email ?? null,
    creator_user_id: null,
    id: uid,
    ...license,
    maintainer: c.contact?.name ?? null,
    maintainer_email: c.contact?.email ?? null,
    metadata_created: created,
    metadata_modified: modified,
    name: own.name ?? uid,
    notes: c.abstract ?? '',
    num_resources: resources.length,
    num_tags: tags.length,
    organization: organizationInPackage(organisation),
    owner_org: organisation.uid,
    private: entry.state === 'draft',
    state: states[entry.state],
    title: c.title,
    type: 'dataset',
    url: c.landingPage ?? '',
    version: own.more.version ?? null,
    extras: toExtras(c as Loose, [...furtherExtras(c), ...(own.more.extras ?? [])]),
    groups: (c.theme ?? []).flatMap((code) => groups.byName.get(code) ?? []),
    resources,
    tags,
    relationships_as_subject: [],
    relationships_as_object: [],
  }
}

export const toTag = (name: string) => ({
  display_name: name,
  id: namedId('tag', name),
  name,
  state: 'active',
  vocabulary_id: null,
})

/** Extras of members that CKAN's own fields hold in part. */
const furtherExtras = (c: DatasetContent): ExtraPair[] =>
  [
    ['contact_phone', c.contact?.phone],
    ['contact_url', c.contact?.url],
    // Where the id of the licence would come back as another text.
    [
      'license',
      c.license && keptLicense(licenseFields(c.license).license_id!) !== c.license ? c.license : null,
    ],
  ].flatMap(([key, value]) => (key && value ? [{ key, value }] : []))

/** What a client wrote, in the catalogue's terms. Nothing of it has been checked against the catalogue's rules. */
export interface ReadPackage {
  content: Loose
  /** Where the client named a body that there is: its code. */
  name: string | undefined
  id: string | undefined
  /** Naive UTC, as given. */
  created: string | undefined
  modified: string | undefined
  private: boolean
  state: string | undefined
  more: More
  resources: ReadResources['own']
  /** Messages by field of the package. */
  wrong: Record<string, string[]>
}

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

/** @param before the content of the entry that is changed: what it must have and the client leaves out stays. */
export function fromPackage(pack: Loose, ctx: PackageContext, before?: DatasetContent): ReadPackage {
  const wrong: Record<string, string[]> = {}
  const say = (field: string, ...messages: string[]) => {
    if (messages.length > 0) wrong[field] = [...(wrong[field] ?? []), ...messages]
  }
  const extras = readExtras(pack, say)
  const take = (key: string) => {
    const value = extras.get(key)
    extras.delete(key)
    return value
  }
  const license = take('license')
  const contact = {
    name: pack.maintainer,
    email: pack.maintainer_email,
    phone: take('contact_phone'),
    url: take('contact_url'),
  }
  const { members, others, wrong: wrongExtras } = fromExtras(extras)
  say('extras', ...wrongExtras)
  const resources = fromResources(listOf(pack.resources))
  say('resources', ...resources.wrong)
  const licenseId = textOf(pack.license_id)
  const content: Loose = {
    ...members,
    ...unsaid(members, before),
    body: bodyOf(pack, ctx, say) ?? before?.body,
    title: textOf(pack.title) ?? pack.title ?? textOf(pack.name),
    abstract: pack.notes,
    keyword: tagsOf(pack),
    theme: themesOf(pack, ctx, say),
    landingPage: pack.url,
    license:
      license && licenseFields(license).license_id === licenseId
        ? license
        : licenseId && keptLicense(licenseId),
    contact,
    distributions: resources.distributions,
    services: resources.services,
  }
  return {
    content,
    name: textOf(pack.name),
    id: idOf(pack, say),
    created: momentOf(pack, 'metadata_created'),
    modified: momentOf(pack, 'metadata_modified'),
    private: isTrue(pack.private),
    state: textOf(pack.state),
    more: {
      ...only('author', textOf(pack.author)),
      ...only('author_email', textOf(pack.author_email)),
      ...only('version', textOf(pack.version)),
      ...(others.length > 0 ? { extras: others } : {}),
    },
    resources: resources.own,
    wrong,
  }
}

type Say = (field: string, ...messages: string[]) => void

/** Members that are kept together where a client says nothing of the first. */
const kept = [
  ['sharingType', 'sharingCondition', 'sharingScope', 'refusalBasis'],
  ['openType', 'openCondition'],
  ['updateCycle'],
] as const

/** What every entry must have: never changed by silence. What is put on a CKAN portal is there for everybody. */
const unsaid = (members: Loose, before: DatasetContent | undefined): Loose => ({
  ...(members.sharingType ? {} : { sharingType: 'unconditional' }),
  ...(members.openType ? {} : { openType: 'unconditional' }),
  ...(members.updateCycle ? {} : { updateCycle: 'irregular' }),
  ...Object.fromEntries(
    kept
      .filter(([first]) => before && !members[first])
      .flat()
      .map((member) => [member, before![member]]),
  ),
})

export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
export const isTrue = (value: unknown) => value === true || /^(true|1|yes|on|t|y)$/i.test(String(value))
const only = (key: string, value: string | undefined) => (value === undefined ? {} : { [key]: value })

function readExtras(pack: Loose, say: Say): Map<string, string> {
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

function bodyOf(pack: Loose, ctx: PackageContext, say: Say): string | undefined {
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

const tagsOf = (pack: Loose): unknown[] => {
  const tags = listOf(pack.tags).map((t) => (typeof t === 'object' && t !== null ? (t as Loose).name : t))
  return [
    ...tags,
    ...(textOf(pack.tag_string)
      ?.split(',')
      .map((t) => t.trim()) ?? []),
  ].filter((t) => t !== '')
}

function themesOf(pack: Loose, { groups }: PackageContext, say: Say): string[] {
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

function idOf(pack: Loose, say: Say): string | undefined {
  const id = textOf(pack.id)
  if (id === undefined || isUuid(id)) return id?.toLowerCase()
  say('id', 'The id of a dataset is a UUID.')
  return undefined
}

/** A date that cannot be read is no fault: CKAN takes none from clients at all. */
function momentOf(pack: Loose, field: string): string | undefined {
  const given = textOf(pack[field])
  return given !== undefined && readMoment(given) !== undefined ? given : undefined
}
