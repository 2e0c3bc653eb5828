import type { DatasetContent } from '../../catalog/dataset.schema.ts'
import { isUuid, partId } from './ids.ts'
import { naive, readMoment } from './time.ts'

/** Distributions and services of an entry as CKAN's resources, and back. */

type Distribution = NonNullable<DatasetContent['distributions']>[number]
type Service = NonNullable<DatasetContent['services']>[number]
export type Loose = Record<string, unknown>

/** A resource's id where it is not the one its content gives, and members that the catalogue has no place for. */
export interface OwnResource {
  id: string
  key: string
  more: Loose
}

export interface PackageTimes {
  created: string
  modified: string
}

/** What a resource is known by: its address, else its name, among those of its kind; repeated ones are counted. */
function createKeys() {
  const seen = new Map<string, number>()
  return (kind: string, address: unknown, name: unknown): string => {
    const key = `${kind} ${text(address) || text(name) || ''}`
    const n = seen.get(key) ?? 0
    seen.set(key, n + 1)
    return n === 0 ? key : `${key} #${n}`
  }
}

const text = (value: unknown) => (typeof value === 'string' ? value : '')
const addressOf = (d: Distribution) => d.downloadUrl ?? d.accessUrl

/** The resources of a content; `own` are the stored ids and members. */
export function toResources(
  uid: string,
  content: DatasetContent,
  own: OwnResource[],
  times: PackageTimes,
): Loose[] {
  const keyOf = createKeys()
  const byKey = new Map(own.map((o) => [o.key, o]))
  const resources: Loose[] = []
  const add = (key: string, fields: Loose) => {
    const stored = byKey.get(key)
    resources.push({
      ...common,
      ...fields,
      ...stored?.more,
      id: stored?.id ?? partId(uid, key),
      package_id: uid,
      position: resources.length,
      created: times.created,
      metadata_modified: times.modified,
    })
  }
  for (const d of content.distributions ?? [])
    add(keyOf('distribution', addressOf(d), d.title), ofDistribution(d))
  for (const s of content.services ?? []) add(keyOf('service', s.endpointUrl, s.title), ofService(s))
  return resources
}

const common = {
  cache_last_updated: null,
  cache_url: null,
  datastore_active: false,
  mimetype_inner: null,
  resource_type: null,
  state: 'active',
  url_type: null,
}

const ofDistribution = (d: Distribution): Loose => ({
  name: d.title ?? null,
  description: d.description ?? '',
  format: d.format ?? '',
  hash: d.checksum ?? '',
  last_modified: d.modified ? naive(new Date(d.modified).toISOString()) : null,
  mimetype: d.mediaType ?? null,
  size: d.byteSize ?? null,
  url: addressOf(d) ?? '',
  ...(d.accessUrl ? { access_url: d.accessUrl } : {}),
  ...(d.downloadUrl ? { download_url: d.downloadUrl } : {}),
  ...(d.formatCategory ? { format_category: d.formatCategory } : {}),
  ...(d.license ? { license: d.license } : {}),
  ...(d.issued ? { issued: d.issued } : {}),
})

/** Says that a resource is an interface, not a file. */
const serviceMark = { concord_type: 'service' }

const ofService = (s: Service): Loose => ({
  name: s.title,
  description: s.description ?? '',
  format: 'API',
  hash: '',
  last_modified: null,
  mimetype: null,
  size: null,
  url: s.endpointUrl ?? '',
  ...serviceMark,
  ...(s.endpointDescription ? { endpoint_description: s.endpointDescription } : {}),
  ...(s.conformsTo ? { conforms_to: s.conformsTo } : {}),
})

/** Members of a resource that the catalogue has a place for, or that CKAN computes. */
const known = new Set([
  ...'name description format hash last_modified mimetype size url access_url download_url format_category license'.split(
    ' ',
  ),
  ...'issued concord_type endpoint_description conforms_to id package_id position created metadata_modified state'.split(
    ' ',
  ),
  ...'datastore_active datastore_contains_all_records_of_source_file revision_id tracking_summary upload'.split(
    ' ',
  ),
  ...'on_same_domain has_views clear_upload resource_group_id webstore_url webstore_last_updated'.split(' '),
])

export interface ReadResources {
  distributions: Distribution[]
  services: Service[]
  /** The ids wished for and further members, by key. */
  own: { id: string | undefined; key: string; more: Loose }[]
  wrong: string[]
}

/** What a client says of resources. It need not be right: the rules of the catalogue look at it afterwards. */
export function fromResources(given: unknown[]): ReadResources {
  const read: ReadResources = { distributions: [], services: [], own: [], wrong: [] }
  const services: Loose[] = []
  const files: Loose[] = []
  for (const [i, resource] of given.entries()) {
    if (typeof resource !== 'object' || resource === null || Array.isArray(resource))
      read.wrong.push(`Resource ${i + 1} is not an object.`)
    else if ((resource as Loose).concord_type === serviceMark.concord_type) services.push(resource as Loose)
    else files.push(resource as Loose)
  }
  // The order in which `toResources` counts repeated addresses.
  const keyOf = createKeys()
  for (const r of files) {
    const d = toDistribution(r)
    read.distributions.push(d)
    read.own.push({
      id: wishedId(r, read.wrong),
      key: keyOf('distribution', addressOf(d), d.title),
      more: moreOf(r),
    })
  }
  for (const r of services) {
    const s = toService(r)
    read.services.push(s)
    read.own.push({
      id: wishedId(r, read.wrong),
      key: keyOf('service', s.endpointUrl, s.title),
      more: moreOf(r),
    })
  }
  return read
}

function wishedId({ id }: Loose, wrong: string[]): string | undefined {
  if (id === undefined || id === null || id === '') return undefined
  if (isUuid(id)) return id.toLowerCase()
  wrong.push('The id of a resource is a UUID.')
  return undefined
}

/** Whatever says something and has no place; what is empty says nothing. */
const moreOf = (r: Loose): Loose =>
  Object.fromEntries(
    Object.entries(r).filter(([k, v]) => !known.has(k) && v !== null && v !== '' && v !== undefined),
  )

/** A number as JSON or a form says it; anything else is left for the rules to refuse. */
const numberIn = (value: unknown) =>
  typeof value === 'string' && /^\d+$/.test(value.trim()) ? Number(value) : value

const momentIn = (value: unknown): unknown => {
  const ms = typeof value === 'string' ? readMoment(value) : undefined
  return ms === undefined ? value : new Date(Math.floor(ms)).toISOString()
}

function toDistribution(r: Loose): Distribution {
  let { access_url: accessUrl, download_url: downloadUrl } = r
  // A client that knows only `url` changes that one; it stands for the more direct of the two.
  if (r.url !== undefined && r.url !== (downloadUrl ?? accessUrl ?? '')) {
    if (downloadUrl || r.url_type === 'upload') downloadUrl = r.url
    else accessUrl = r.url
  }
  return {
    title: r.name,
    description: r.description,
    format: r.format,
    formatCategory: r.format_category,
    mediaType: r.mimetype,
    accessUrl,
    downloadUrl,
    byteSize: numberIn(r.size),
    checksum: r.hash,
    license: r.license,
    issued: r.issued,
    modified: momentIn(r.last_modified),
  } as Distribution
}

const toService = (r: Loose): Service =>
  ({
    title: r.name || r.url,
    description: r.description,
    endpointUrl: r.url,
    endpointDescription: r.endpoint_description,
    conformsTo: r.conforms_to,
  }) as Service
