import { limits } from '../catalog/dataset.schema.ts'
import { codeList, type Profile } from '../platform/profile.ts'
import { distributionsOf, filesOf, servicesOf } from './mapping-dcat-access.ts'
import {
  addressOf,
  codeOf,
  languageNamed,
  type Node,
  nodesOf,
  tagOf,
  themesOfCode,
  valuesOf,
  wordsIn,
  wordsOf,
} from './mapping-dcat-values.ts'
import { compact, emptyRecord, type MappedRecord, takeDate, takeUrl, takeWords } from './mapping-entry.ts'
import { htmlToText } from './mapping-html.ts'
import { accessOf } from './mapping-sharing.ts'
import { cycleOf, objectOf, shown, textOf, warning } from './mapping-values.ts'
import type { RecordContext } from './reader-event.ts'

/** Maps a data set or data service of a DCAT catalogue (DCAT 2 and 3, DCAT-AP), as the reader of RDF gives it. */
export const dcatMapper =
  (profile?: Profile) =>
  (value: unknown, context: RecordContext = {}): MappedRecord => {
    const record = emptyRecord()
    const node = objectOf(value)
    if (!node) {
      record.faults.push(warning('', 'type', 'the record is no data set: an object is wanted'))
      return record
    }
    const texts = textsOf(record, node)
    record.title = texts.title ?? ''
    if (texts.title === undefined)
      record.faults.push(
        warning(
          '/dct:title',
          'required',
          'the title is missing',
          'Give the data set a dct:title at its source.',
        ),
      )
    const identifiers = identify(record, node)
    const { language } = texts
    record.bodyName = wordsIn(valuesOf(node, 'dct:publisher'), language)
    const themes = themesOf(node, language, profile)
    const rights = nodesOf(node, 'dct:accessRights')[0]
    const access = accessOf(
      record,
      { accessRights: addressOf(rights) ?? wordsOf(rights) },
      wordsIn(valuesOf(node, 'dct:rights'), language) ?? wordsOf(rights, language),
    )
    const [temporalStart, temporalEnd] = period(record, node)
    record.content = compact({
      language,
      title: texts.title,
      abstract: texts.abstract,
      translations: texts.translations,
      identifier: identifiers,
      theme: themes.codes,
      keyword: takeWords([...inLanguage(valuesOf(node, 'dcat:keyword'), language), ...themes.words]),
      ...access,
      updateCycle: cycle(record, node),
      spatial: places(record, node, language),
      temporalStart,
      temporalEnd,
      issued: takeDate(record, '/dct:issued', wordsOf(valuesOf(node, 'dct:issued')[0]), 'date'),
      modified: takeDate(record, '/dct:modified', wordsOf(valuesOf(node, 'dct:modified').at(-1)), 'dateTime'),
      landingPage: takeUrl(record, '/dcat:landingPage', addressOf(valuesOf(node, 'dcat:landingPage')[0])),
      license: licenceOf(node, language),
      contact: contactOf(record, node, language),
      distributions: distributionsOf(record, node, language),
      services: servicesOf(record, node, language, context.type === 'service'),
      related: relatedOf(node, language),
    })
    return record
  }

interface Texts {
  language?: string
  title?: string
  abstract?: string
  translations?: Record<string, { title?: string; abstract?: string }>
}

/** Order in which languages stand for a record that does not say its own. */
const preferred = ['zh', 'zh-CN', 'zh-Hans', 'zh-TW', 'zh-Hant', 'en']

/** Title and description in the language of the record; those in others are translations. */
function textsOf(record: MappedRecord, node: Node): Texts {
  const titles = byLanguage(valuesOf(node, 'dct:title', 'dc:title', 'schema:name', 'rdfs:label'))
  const abstracts = byLanguage(valuesOf(node, 'dct:description', 'dc:description', 'schema:description'))
  const tags = [...new Set([...titles.keys(), ...abstracts.keys()])].filter((tag) => tag !== '')
  // Several languages have no order, so that none of them is the record's own.
  const said = valuesOf(node, 'dct:language').map(languageNamed)
  const own = said.length === 1 ? said[0] : undefined
  const rank = (tag: string) => {
    const usual = preferred.indexOf(tag)
    return own !== undefined && (own === tag || tag.startsWith(`${own}-`))
      ? -1
      : usual >= 0
        ? usual
        : preferred.length
  }
  tags.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
  const language = titles.has('') ? own : tags.find((tag) => titles.has(tag))
  const main = titles.has('') ? '' : (language ?? '')
  const others = tags.filter((tag) => tag !== main && tag !== language)
  if (others.length > limits.languages)
    record.warnings.push(
      warning(
        '/dct:title',
        'languages',
        `is in ${others.length} further languages; ${limits.languages} are kept`,
      ),
    )
  const translations = others.slice(0, limits.languages).map((tag) => {
    const words = { title: titles.get(tag), abstract: plainText(abstracts.get(tag)) }
    return [tag, compact(words)] as const
  })
  return {
    language,
    title: titles.get(main),
    abstract: plainText(abstracts.get(main) ?? abstracts.get('') ?? abstracts.get(language ?? '')),
    ...(translations.length > 0 ? { translations: Object.fromEntries(translations) } : {}),
  }
}

const plainText = (text: string | undefined) =>
  text === undefined ? undefined : htmlToText(text) || undefined

/** The first text in each language; without one under the empty tag. */
function byLanguage(values: unknown[]): Map<string, string> {
  const texts = new Map<string, string>()
  for (const value of values) {
    const text = wordsOf(value)
    const tag = tagOf(value) ?? ''
    if (text !== undefined && !texts.has(tag)) texts.set(tag, text)
  }
  return texts
}

/** Texts in a language or in none; all of them where there are no such. */
function inLanguage(values: unknown[], language: string | undefined): (string | undefined)[] {
  const own = values.filter((value) => [undefined, language].includes(tagOf(value)))
  return (own.length > 0 ? own : values).map((value) => wordsOf(value))
}

/**
 * A record is found again by its `dct:identifier`, which portals keep when addresses change, else by its address. Of
 * several the one that the address ends with counts. @returns what else it is known by
 */
function identify(record: MappedRecord, node: Node): string[] {
  const address = textOf(node['@id'])
  const told = takeWords([
    ...valuesOf(node, 'dct:identifier').map((value) => wordsOf(value) ?? addressOf(value)),
  ]).sort()
  const isIn = (id: string) =>
    id === address || (address?.endsWith(id) && /[/#=:]$/.test(address.slice(0, -id.length)))
  record.sourceId = told.find(isIn) ?? told[0] ?? address
  if (record.sourceId === undefined)
    record.faults.push(
      warning(
        '/dct:identifier',
        'identifier_missing',
        'the data set has neither an address nor a dct:identifier',
        'Give it an address (IRI) or an identifier that stays; without it a second harvest would double the entry.',
      ),
    )
  return takeWords([...told, address])
    .filter((id) => id !== record.sourceId && id.length <= limits.url)
    .slice(0, limits.identifiers)
}

/** Codes of the profile's themes, and the names of themes that it does not have. */
function themesOf(node: Node, language: string | undefined, profile: Profile | undefined) {
  const known = profile && codeList(profile, 'theme')
  const codes = new Set<string>()
  const words: (string | undefined)[] = []
  const themes = valuesOf(node, 'dcat:theme').map((theme) => ({
    theme,
    code: codeOf(addressOf(theme)) ?? '',
  }))
  // Who knows our themes says them beside the wider European ones, which would add their neighbours.
  const ours = themes.some(({ code }) => known?.has(code))
  for (const { theme, code } of themes) {
    const european = themesOfCode[code]
    if (ours && european) continue
    const own = (european?.themes ?? [code]).filter((one) => known?.has(one) ?? european !== undefined)
    for (const one of own) codes.add(one)
    if (own.length === 0) words.push(wordsOf(theme, language) ?? european?.words)
  }
  return { codes: [...codes].slice(0, limits.themes), words }
}

function cycle(record: MappedRecord, node: Node): string | undefined {
  const said = valuesOf(node, 'dct:accrualPeriodicity')[0]
  const value = addressOf(said) ?? wordsOf(said)
  if (value === undefined) return undefined
  const code = cycleOf(value) ?? cycleOf(codeOf(value)) ?? cycleOf(wordsOf(said))
  if (!code)
    record.warnings.push(
      warning(
        '/dct:accrualPeriodicity',
        'update_cycle',
        `the update frequency ${shown(value)} is not known; "irregular" is taken`,
      ),
    )
  return code ?? 'irregular'
}

/** Longest name of a place. */
const placeLength = 200

/** Names of places; of an authority table the code, where the page does not name the place. */
function places(record: MappedRecord, node: Node, language: string | undefined): string[] {
  const names: (string | undefined)[] = []
  for (const place of valuesOf(node, 'dct:spatial')) {
    const address = addressOf(place)
    const name =
      wordsOf(place, language) ??
      (address && /\/authority\/|\/nuts\//i.test(address) ? codeOf(address) : undefined)
    if (name && name.length <= placeLength && !/^([[{<]|[A-Z]+ ?\()/.test(name)) names.push(name)
    else
      record.warnings.push(
        warning('/dct:spatial', 'spatial', `${shown(address ?? place)} names no place and is left out`),
      )
  }
  return takeWords(names)
}

function period(record: MappedRecord, node: Node): [string | undefined, string | undefined] {
  const time = nodesOf(node, 'dct:temporal')[0]
  const take = (...names: string[]) =>
    takeDate(record, '/dct:temporal', wordsOf(valuesOf(time, ...names)[0]), 'date')
  return [take('dcat:startDate', 'schema:startDate'), take('dcat:endDate', 'schema:endDate')]
}

/** The licence of the data set, else the one that all its distributions share. */
function licenceOf(node: Node, language: string | undefined): string | undefined {
  const named = (of: Node) => {
    const licence = valuesOf(of, 'dct:license')[0]
    return addressOf(licence) ?? wordsOf(licence, language)
  }
  const shared = new Set(filesOf(node).map(named))
  return named(node) ?? (shared.size === 1 ? [...shared][0] : undefined)
}

function contactOf(record: MappedRecord, node: Node, language: string | undefined) {
  const point = nodesOf(node, 'dcat:contactPoint')[0]
  if (!point) return undefined
  // vCard puts a value behind a node of its own where it also says what kind it is.
  const value = (...names: string[]) => {
    const found = valuesOf(point, ...names)[0]
    return addressOf(found) ?? addressOf(valuesOf(objectOf(found), 'vcard:hasValue', 'vcard:value')[0])
  }
  const contact = compact({
    name: wordsIn(
      valuesOf(point, 'vcard:fn', 'vcard:hasFN', 'vcard:organization-name', 'foaf:name'),
      language,
    ),
    email: value('vcard:hasEmail', 'vcard:email', 'foaf:mbox')?.replace(/^mailto:/i, ''),
    phone: value('vcard:hasTelephone', 'vcard:tel')?.replace(/^tel:/i, ''),
    url: takeUrl(record, '/dcat:contactPoint/vcard:hasURL', value('vcard:hasURL', 'vcard:url')),
  })
  return Object.keys(contact).length > 0 ? contact : undefined
}

/** Relations by what they mean here; conformance is one to a standard. */
const relations: [string, string][] = [
  ['dct:isPartOf', 'part_of'],
  ['dcat:inSeries', 'part_of'],
  ['dct:hasPart', 'has_part'],
  ['dct:source', 'source'],
  ['dct:replaces', 'replaces'],
  ['dcat:isVersionOf', 'version_of'],
  ['dct:isVersionOf', 'version_of'],
  ['dct:relation', 'related'],
  ['dct:conformsTo', 'related'],
]

function relatedOf(node: Node, language: string | undefined): Record<string, unknown>[] {
  return relations.flatMap(([name, kind]) =>
    valuesOf(node, name).flatMap((value) => {
      const title = objectOf(value) ? wordsOf(value, language) : undefined
      const identifier = addressOf(value) ?? title
      return identifier && identifier.length <= limits.url ? [compact({ identifier, kind, title })] : []
    }),
  )
}
