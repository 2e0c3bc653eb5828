import { DataFactory, type NamedNode, type Quad } from 'n3'
import type { Entry } from '../../catalog/index.ts'
import { codeList, type Profile } from '../../platform/profile.ts'
import { accessRightOf, dataThemeName, dataThemeScheme, frequencyOf, languageOf } from './authorities.ts'
import { addDistributions, addServices } from './graph-access.ts'
import { addItems } from './graph-items.ts'
import { describe, type GraphNode, text, textIn, time, typed } from './graph-node.ts'
import { ownTerm } from './own-terms.ts'
import { bodyIri, datasetIri, dcat, dct, foaf, iri, prov, rdfs, skos, vcard } from './vocabulary.ts'

const { namedNode } = DataFactory

export interface GraphOptions {
  /** Where people reach this node, without a trailing slash: the beginning of every address. */
  base: string
  profile: Profile
}

/**
 * A published entry as DCAT-AP 3.0.1: the data set with everything it refers to, typed and named as far as the
 * profile's shapes ask. `id` replaces the address of the data set (a version of it in an event stream).
 */
export function datasetQuads(entry: Entry, options: GraphOptions & { id?: NamedNode }): Quad[] {
  const quads: Quad[] = []
  const { base, profile } = options
  const { content } = entry
  const node = describe(quads, options.id ?? datasetIri(base, entry.uid), dcat('Dataset'))
  addNames(node, entry)
  addPublisher(node, entry, base)
  addThemes(node, content.theme ?? [], options, content.language)
  node.link(dct('accessRights'), accessRightOf(content.openType), dct('RightsStatement'))
  node.link(dct('accrualPeriodicity'), frequencyOf(content.updateCycle), dct('Frequency'))
  node.add(dct('issued'), time(content.issued ?? entry.publishedAt))
  node.add(dct('modified'), time(content.modified ?? entry.changedAt))
  node.add(dcat('version'), text(String(entry.version)))
  node.link(dcat('landingPage'), iri(content.landingPage), foaf('Document'))
  addCoverage(node, entry, base)
  addDistributions(node, content)
  addServices(node, content)
  addRelated(node, entry, base)
  addOwnTerms(node, entry, base)
  addItems(node, content, base, codeList(profile, 'dataType'))
  return quads
}

function addNames(node: GraphNode, { uid, content }: Entry): void {
  const { language, translations = {} } = content
  node.add(dct('identifier'), text(uid), ...(content.identifier ?? []).map(text))
  node.add(dct('title'), textIn(content.title, language))
  // The shapes ask for a description of every data set.
  node.add(dct('description'), textIn(content.abstract || content.title, language))
  for (const [tag, words] of Object.entries(translations)) {
    node.add(dct('title'), textIn(words.title, tag))
    node.add(dct('description'), textIn(words.abstract, tag))
  }
  for (const tag of new Set([language ?? '', ...Object.keys(translations)]))
    node.link(dct('language'), languageOf(tag), dct('LinguisticSystem'))
  node.add(dcat('keyword'), ...(content.keyword ?? []).map((word) => textIn(word, language)))
}

function addPublisher(node: GraphNode, { body, content }: Entry, base: string): void {
  const agent = bodyIri(base, body.code)
  const publisher = node.link(dct('publisher'), agent, foaf('Agent')).add(foaf('name'), text(body.name))
  for (const [tag, words] of Object.entries(body.translations))
    publisher.add(foaf('name'), textIn((words as { name?: string }).name, tag))
  const { contact } = content
  if (!contact) return
  node
    .part(dcat('contactPoint'), 'contact', vcard('Kind'), vcard('Organization'))
    .add(vcard('fn'), text(contact.name ?? body.name))
    .add(vcard('hasEmail'), contact.email ? iri(`mailto:${contact.email}`) : undefined)
    .add(
      vcard('hasTelephone'),
      contact.phone ? iri(`tel:${contact.phone.replace(/[^\d+]/g, '')}`) : undefined,
    )
    .add(vcard('hasURL'), iri(contact.url))
}

/** Each theme is a concept of this node, and of those authority tables that the profile names for it. */
function addThemes(
  node: GraphNode,
  themes: string[],
  { base, profile }: GraphOptions,
  language?: string,
): void {
  const list = codeList(profile, 'theme')
  for (const code of themes) {
    const labels = Object.entries(list.get(code)?.label ?? { [language ?? 'en']: code })
    const address = namedNode(`${base}/theme/${encodeURIComponent(code)}`)
    const concept = node.link(dcat('theme'), address, skos('Concept'))
    concept.add(skos('prefLabel'), ...labels.map(([tag, label]) => textIn(label, tag)))
    addScheme(concept, `${base}/themes`, profile.codeLists.theme!.label)
    for (const match of list.get(code)?.match ?? []) {
      concept.add(skos('closeMatch'), iri(match))
      const name = dataThemeName(match)
      if (!name) continue
      const other = node.link(dcat('theme'), iri(match), skos('Concept'))
      other.add(skos('prefLabel'), textIn(name, 'en'))
      addScheme(other, dataThemeScheme, { en: 'Data theme' })
    }
  }
}

function addScheme(concept: GraphNode, address: string, labels: Record<string, string>): void {
  const scheme = concept.link(skos('inScheme'), namedNode(address), skos('ConceptScheme'))
  scheme.add(dct('title'), ...Object.entries(labels).map(([tag, label]) => textIn(label, tag)))
}

function addCoverage(node: GraphNode, { content, body }: Entry, base: string): void {
  // The territory that the body serves, so that entries of one place share an address.
  if (body.divisionCode)
    node
      .link(
        dct('spatial'),
        namedNode(`${base}/division/${encodeURIComponent(body.divisionCode)}`),
        dct('Location'),
      )
      .add(dct('identifier'), text(body.divisionCode))
  for (const [i, place] of (content.spatial ?? []).entries())
    node
      .part(dct('spatial'), `place-${i + 1}`, dct('Location'))
      .add(skos('prefLabel'), textIn(place, content.language))
  if (!content.temporalStart && !content.temporalEnd) return
  node
    .part(dct('temporal'), 'period', dct('PeriodOfTime'))
    .add(dcat('startDate'), typed(content.temporalStart, 'date'))
    .add(dcat('endDate'), typed(content.temporalEnd, 'date'))
}

/** `dct:source` must name a described data set, so a source elsewhere is what this one was derived from. */
const relations = {
  related: dct('relation'),
  part_of: dct('isPartOf'),
  has_part: dct('hasPart'),
  source: prov('wasDerivedFrom'),
  replaces: dct('replaces'),
  version_of: dct('isVersionOf'),
} as const

function addRelated(node: GraphNode, { content }: Entry, base: string): void {
  for (const [i, other] of (content.related ?? []).entries()) {
    const predicate = relations[other.kind]
    const address = other.uid ? datasetIri(base, other.uid) : iri(other.identifier)
    if (address) node.add(predicate, address)
    else
      node
        .part(predicate, `related-${i + 1}`)
        .add(rdfs('label'), text(other.title ?? other.identifier))
        .add(dct('identifier'), text(other.identifier))
  }
}

/** Members of a content that are told under their own names. */
const ownMembers = [
  'sharingType',
  'sharingCondition',
  'sharingScope',
  'refusalBasis',
  'shareMethod',
  'openType',
  'openCondition',
  'updateCycle',
  'grade',
  'database',
  'duty',
  'serviceMatter',
] as const

function addOwnTerms(node: GraphNode, { content }: Entry, base: string): void {
  const own = ownTerm(base)
  for (const name of ownMembers) node.add(own(name), text(content[name]))
  node.add(own('classification'), ...(content.classification ?? []).map(text))
  node.add(own('resourceCode'), ...(content.resourceCode ?? []).map(text))
}
