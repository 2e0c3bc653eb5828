import type { DatasetContent } from '../../catalog/dataset.schema.ts'
import type { OrganisationRow } from '../../security/index.ts'
import { type ExtraPair, fromExtras, toExtras } from './extras.ts'
import type { Groups } from './group.ts'
import { namedId } from './ids.ts'
import { keptLicense, licenseFields } from './license.ts'
import { organizationInPackage } from './organization.ts'
import {
  bodyOf,
  idOf,
  isTrue,
  jsonOf,
  listOf,
  momentOf,
  only,
  type PackageContext,
  readExtras,
  tagsOf,
  textOf,
  themesOf,
} from './package-fields.ts'
import { fromResources, type Loose, type OwnResource, type ReadResources, toResources } from './resource.ts'
import { naive } from './time.ts'

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
  /** What a review asks of whoever submits; not checked. */
  assessment: unknown
  state: string | undefined
  more: More
  resources: ReadResources['own']
  /** Messages by field of the package. */
  wrong: Record<string, string[]>
}

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
  const assessment = take('assessment')
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
    assessment: assessment === undefined ? undefined : jsonOf(assessment, say),
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
