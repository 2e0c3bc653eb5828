import type { Entry } from '../../catalog/index.ts'
import { codeList } from '../../platform/profile.ts'
import type { Catalogue } from './catalogue.ts'
import { bodyIri, datasetIri, iri } from './vocabulary.ts'

/** DCAT-US (Project Open Data) 1.1: its catalogue before the list of data sets. */
export const dcatUsHead = (base: string) => ({
  '@context': 'https://project-open-data.cio.gov/v1.1/schema/catalog.jsonld',
  '@id': `${base}/data.json`,
  '@type': 'dcat:Catalog',
  conformsTo: 'https://project-open-data.cio.gov/v1.1/schema',
  describedBy: 'https://project-open-data.cio.gov/v1.1/schema/catalog.json',
})

/** Our update cycles as the intervals of ISO 8601 that the schema asks for. */
const periodicities: Record<string, string> = {
  real_time: 'R/PT1S',
  daily: 'R/P1D',
  weekly: 'R/P1W',
  monthly: 'R/P1M',
  quarterly: 'R/P3M',
  yearly: 'R/P1Y',
  irregular: 'irregular',
}

const accessLevels = { unconditional: 'public', conditional: 'restricted public', not_open: 'non-public' }

/** Characters that the schema allows for `rights`. */
const maxRights = 255

type Content = Entry['content']

/** An entry as a data set of DCAT-US 1.1, every member that the schema requires of a body that is not federal in it. */
export function toDcatUs(entry: Entry, catalogue: Catalogue): object {
  const { uid, content, body } = entry
  const { base } = catalogue
  const themes = themeNames(content, catalogue)
  const rights =
    content.openType === 'unconditional' ? undefined : (content.openCondition ?? content.sharingScope)
  return said({
    '@type': 'dcat:Dataset',
    identifier: datasetIri(base, uid).value,
    title: content.title,
    description: content.abstract || content.title,
    keyword: firstOf([content.keyword, themes, [content.title]]),
    modified: content.modified ?? entry.changedAt,
    publisher: { '@type': 'org:Organization', name: body.name },
    contactPoint: contactPoint(content, body.name, catalogue.contact),
    accessLevel: accessLevels[content.openType],
    rights: rights?.slice(0, maxRights),
    accrualPeriodicity: periodicities[content.updateCycle],
    issued: content.issued ?? entry.publishedAt,
    landingPage: iri(content.landingPage)?.value,
    language: content.language ? [content.language] : undefined,
    license: iri(content.license)?.value,
    spatial: content.spatial?.join('; '),
    temporal:
      content.temporalStart &&
      `${content.temporalStart}/${content.temporalEnd ?? entry.changedAt.slice(0, 10)}`,
    theme: themes,
    references: [bodyIri(base, body.code).value],
    distribution: [...distributionsOf(content), ...servicesOf(content)],
  })
}

/** The first list with a text in it: the schema wants at least one keyword. */
const firstOf = (lists: (string[] | undefined)[]) => lists.find((list) => list && list.length > 0)

function themeNames({ theme = [], language = 'en' }: Content, { profile }: Catalogue): string[] {
  const list = codeList(profile, 'theme')
  return theme.map((code) => {
    const label = list.get(code)?.label
    return label?.[language] ?? label?.[profile.language] ?? code
  })
}

const contactPoint = ({ contact }: Content, bodyName: string, operator: string) => ({
  '@type': 'vcard:Contact',
  fn: contact?.name || bodyName,
  // Required: questions about an entry without an address of its own reach whoever runs the catalogue.
  hasEmail: `mailto:${contact?.email || operator}`,
})

const distributionsOf = (content: Content) =>
  (content.distributions ?? []).map((d) =>
    said({
      '@type': 'dcat:Distribution',
      title: d.title,
      description: d.description,
      accessURL: iri(d.accessUrl ?? (d.downloadUrl ? undefined : content.landingPage))?.value,
      downloadURL: iri(d.downloadUrl)?.value,
      // Required beside a download.
      mediaType: d.mediaType ?? (d.downloadUrl ? 'application/octet-stream' : undefined),
      format: d.format,
    }),
  )

const servicesOf = (content: Content) =>
  (content.services ?? []).map((s) =>
    said({
      '@type': 'dcat:Distribution',
      title: s.title,
      description: s.description,
      accessURL: iri(s.endpointUrl)?.value,
      describedBy: iri(s.endpointDescription)?.value,
      conformsTo: iri(s.conformsTo)?.value,
      format: 'API',
    }),
  )

/** Without members that say nothing: the schema takes no null and no empty list. */
const said = (object: Record<string, unknown>): object =>
  Object.fromEntries(
    Object.entries(object).filter(
      ([, value]) =>
        value !== undefined &&
        value !== null &&
        value !== '' &&
        !(Array.isArray(value) && value.length === 0),
    ),
  )
