import { compact, emptyRecord, type MappedRecord, takeDate, takeUrl, takeWords } from './mapping-entry.ts'
import { htmlToText } from './mapping-html.ts'
import { cycleOf, languageOf, listOf, objectOf, textOf, warning } from './mapping-values.ts'
import { globalIdentifiers } from './source-identity.ts'

/**
 * A CKAN package, in the dialect of any version: extras as an object (2012) or a list of pairs, tags and groups as texts
 * or objects (docs.ckan.org, package_show).
 */
export function mapCkanPackage(value: unknown): MappedRecord {
  const record = emptyRecord()
  const pack = objectOf(value)
  if (!pack) {
    record.faults.push(warning('', 'type', 'the record is no CKAN package: an object is wanted'))
    return record
  }
  record.sourceId = textOf(pack.id) ?? textOf(pack.name)
  record.title = textOf(pack.title) ?? textOf(pack.name) ?? ''
  if (pack.state !== undefined && pack.state !== 'active')
    record.faults.push(
      warning('/state', 'not_active', `the package is ${String(pack.state).slice(0, 40)} at its source`),
    )
  if (pack.private === true)
    record.faults.push(
      warning(
        '/private',
        'private',
        'the package is private at its source',
        'Make it public there, or enter it by hand.',
      ),
    )
  record.listedForAll = true
  const extras = extrasOf(pack.extras)
  // What a site keeps of the identity of a record that it harvested itself (ckanext-dcat, ckanext-harvest).
  const identifiers = globalIdentifiers(identityKeys.map((key) => extras.get(key)))
  if (identifiers.length > 0) record.identifiers = identifiers
  const organization = objectOf(pack.organization)
  record.bodyName = textOf(organization?.name)
  record.content = compact({
    language: languageOf(pack.language ?? extras.get('language')),
    title: record.title,
    abstract: htmlToText(textOf(pack.notes) ?? ''),
    keyword: takeWords(listOf(pack.tags).map(nameOf)),
    updateCycle: cycle(record, pack, extras),
    spatial: spatial(extras, pack),
    temporalStart: takeDate(record, '/extras/temporal_start', extras.get('temporal_start'), 'date'),
    temporalEnd: takeDate(record, '/extras/temporal_end', extras.get('temporal_end'), 'date'),
    issued: takeDate(record, '/metadata_created', extras.get('issued') ?? pack.metadata_created, 'date'),
    modified: takeDate(
      record,
      '/metadata_modified',
      extras.get('modified') ?? pack.metadata_modified,
      'dateTime',
    ),
    landingPage: takeUrl(record, '/url', pack.url),
    license:
      textOf(pack.license_url) ??
      textOf(pack.license_title) ??
      textOf(pack.license) ??
      textOf(pack.license_id),
    contact: contact(record, pack),
    distributions: listOf(pack.resources).map((resource, i) =>
      distribution(record, resource, `/resources/${i}`),
    ),
  })
  return record
}

const identityKeys = ['uri', 'guid', 'identifier', 'dcat_identifier']

const nameOf = (tag: unknown) => {
  const object = objectOf(tag)
  return object ? (object.display_name ?? object.name) : tag
}

function extrasOf(extras: unknown): Map<string, unknown> {
  const object = objectOf(extras)
  if (object) return new Map(Object.entries(object))
  return new Map(
    listOf(extras).flatMap((pair) => {
      const entry = objectOf(pair)
      return entry && typeof entry.key === 'string' ? [[entry.key, entry.value] as const] : []
    }),
  )
}

const cycleKeys = [
  'frequency',
  'update_frequency',
  'accrual_periodicity',
  'accrualPeriodicity',
  'updateFrequency',
]

function cycle(record: MappedRecord, pack: Record<string, unknown>, extras: Map<string, unknown>) {
  for (const key of cycleKeys) {
    const value = pack[key] ?? extras.get(key)
    const word = textOf(value)
    if (!word) continue
    const code = cycleOf(word)
    if (!code)
      record.warnings.push(
        warning(
          `/${key}`,
          'update_cycle',
          `the update frequency "${word.slice(0, 80)}" is not known; "irregular" is taken`,
        ),
      )
    return code ?? 'irregular'
  }
  return undefined
}

/** Longest name of a place; longer text is a geometry, which the catalogue does not keep as a name. */
const placeLength = 200

function spatial(extras: Map<string, unknown>, pack: Record<string, unknown>): string[] {
  const places = [extras.get('spatial_text'), extras.get('spatial'), pack.spatial_text]
  return takeWords(
    places.filter((p) => typeof p === 'string' && p.length <= placeLength && !p.trimStart().startsWith('{')),
  ).slice(0, 1)
}

function contact(record: MappedRecord, pack: Record<string, unknown>) {
  const maintainer = textOf(pack.maintainer) ?? textOf(pack.maintainer_email)
  const [name, email] = maintainer
    ? [textOf(pack.maintainer), textOf(pack.maintainer_email)]
    : [textOf(pack.author), textOf(pack.author_email)]
  // A name that is an address is how many portals fill the field.
  const url = name && /^https?:\/\//.test(name) ? takeUrl(record, '/maintainer', name) : undefined
  const value = compact({ name: url ? undefined : name, email, url })
  return Object.keys(value).length > 0 ? value : undefined
}

function distribution(record: MappedRecord, value: unknown, path: string): Record<string, unknown> {
  const resource = objectOf(value)
  if (!resource) {
    record.warnings.push(warning(path, 'type', 'the resource is no object and is left out'))
    return {}
  }
  const url = takeUrl(record, `${path}/url`, resource.url)
  const upload = resource.url_type === 'upload'
  const size = Number(resource.size)
  return compact({
    title: textOf(resource.name),
    description: htmlToText(textOf(resource.description) ?? '') || undefined,
    format: textOf(resource.format),
    mediaType: textOf(resource.mimetype),
    accessUrl: upload ? undefined : url,
    downloadUrl: upload ? url : undefined,
    byteSize: Number.isSafeInteger(size) && size > 0 ? size : undefined,
    checksum: textOf(resource.hash),
    issued: takeDate(record, `${path}/created`, resource.created, 'date'),
    modified: takeDate(record, `${path}/last_modified`, resource.last_modified, 'dateTime'),
  })
}
