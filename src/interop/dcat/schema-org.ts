import type { Entry } from '../../catalog/index.ts'
import { type Catalogue, mainTitle } from './catalogue.ts'
import { bodyIri, datasetIri, iri } from './vocabulary.ts'

/** Characters of a description that search engines take. */
const maxDescription = 5_000
/** Items that are told; a crawler is not to load a megabyte to learn what a page is about. */
const maxVariables = 200

/** An entry as schema.org/Dataset, for search engines. */
export function toSchemaOrg(entry: Entry, catalogue: Catalogue): object {
  const { content, body, uid } = entry
  const { base } = catalogue
  const words = Object.values(content.translations ?? {})
  const url = datasetIri(base, uid).value
  return compact({
    '@context': 'https://schema.org/',
    '@type': 'Dataset',
    '@id': url,
    url,
    name: content.title,
    alternateName: words.flatMap((w) => w.title ?? []),
    description: (content.abstract || content.title).slice(0, maxDescription),
    identifier: [uid, ...(content.resourceCode ?? []), ...(content.identifier ?? [])],
    keywords: content.keyword,
    inLanguage: content.language,
    version: String(entry.version),
    datePublished: content.issued ?? entry.publishedAt,
    dateModified: content.modified ?? entry.changedAt,
    license: iri(content.license)?.value ?? content.license,
    isAccessibleForFree: content.openType === 'unconditional',
    conditionsOfAccess: content.openCondition,
    temporalCoverage: period(content.temporalStart, content.temporalEnd),
    spatialCoverage: content.spatial?.map((name) => ({ '@type': 'Place', name })),
    publisher: compact({
      '@type': 'GovernmentOrganization',
      '@id': bodyIri(base, body.code).value,
      name: body.name,
      contactPoint: contactPoint(content.contact),
    }),
    includedInDataCatalog: {
      '@type': 'DataCatalog',
      '@id': `${base}/catalog`,
      name: mainTitle(catalogue),
      url: base,
    },
    variableMeasured: content.items
      ?.slice(0, maxVariables)
      .map((item) => compact({ '@type': 'PropertyValue', name: item.name, description: item.description })),
    distribution: content.distributions?.map((d) =>
      compact({
        '@type': 'DataDownload',
        name: d.title,
        encodingFormat: d.mediaType ?? d.format,
        contentUrl: iri(d.downloadUrl)?.value,
        url: iri(d.accessUrl)?.value,
        contentSize: d.byteSize == null ? undefined : `${d.byteSize} B`,
        license: iri(d.license)?.value,
      }),
    ),
  })
}

const contactPoint = (contact: Entry['content']['contact']) =>
  contact &&
  compact({
    '@type': 'ContactPoint',
    name: contact.name,
    email: contact.email,
    telephone: contact.phone,
    url: iri(contact.url)?.value,
  })

/** ISO 8601, open at an end that is not known. */
const period = (start: string | null | undefined, end: string | null | undefined) =>
  start || end ? `${start ?? '..'}/${end ?? '..'}` : undefined

/** Without members that say nothing. */
function compact(object: Record<string, unknown>): Record<string, unknown> {
  const says = (value: unknown) =>
    value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0)
  return Object.fromEntries(Object.entries(object).filter(([, value]) => says(value)))
}
