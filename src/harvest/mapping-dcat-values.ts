import { languageOf, listOf, objectOf, textOf } from './mapping-values.ts'

/** Small readings of a DCAT record as JSON: each member is a list of texts, `{@value, @language}` and `{@id, …}`. */
export type Node = Record<string, unknown>

/** Values of the first of the names that has any. */
export function valuesOf(node: Node | undefined, ...names: string[]): unknown[] {
  for (const name of names) {
    const values = listOf(node?.[name])
    if (values.length > 0) return values
  }
  return []
}

export const nodesOf = (node: Node | undefined, ...names: string[]): Node[] =>
  valuesOf(node, ...names)
    .map(objectOf)
    .filter((value) => value !== undefined)

/** Names that resources go by. */
const labels = [
  'skos:prefLabel',
  'rdfs:label',
  'foaf:name',
  'vcard:fn',
  'vcard:organization-name',
  'dct:title',
  'locn:geographicName',
  'schema:name',
]

/** A text, or the name of a resource; several are told apart by language. */
export function wordsOf(value: unknown, language?: string): string | undefined {
  const node = objectOf(value)
  if (!node) return textOf(value)
  if ('@value' in node) return textOf(node['@value'])
  return wordsIn(valuesOf(node, ...labels), language)
}

/** Of several texts the one in the language, else the one in none, else in English, else the first. */
export function wordsIn(values: unknown[], language?: string): string | undefined {
  const told = values.map((value) => ({ text: wordsOf(value, language), tag: tagOf(value) }))
  const known = told.filter(({ text }) => text !== undefined)
  const pick = [language, undefined, 'en'].map((tag) => known.find((one) => one.tag === tag))
  return (pick.find((one) => one !== undefined) ?? known[0])?.text
}

/** Language of a text in the form of the catalogue: `zh-CN`, `zh-Hant`. */
export function tagOf(value: unknown): string | undefined {
  const [first, ...rest] = languageOf(objectOf(value)?.['@language'])?.split('-') ?? []
  if (first === undefined) return undefined
  const parts = rest.map((part) =>
    part.length === 2
      ? part.toUpperCase()
      : part.length === 4
        ? `${part[0]!.toUpperCase()}${part.slice(1).toLowerCase()}`
        : part.toLowerCase(),
  )
  return [first, ...parts].join('-')
}

/** The address of a resource, or the text where one was written instead. */
export const addressOf = (value: unknown): string | undefined => {
  const node = objectOf(value)
  return node ? textOf(node['@id'] ?? node['@value']) : textOf(value)
}

/** What follows the last slash or hash of an address: the code in an authority table. */
export const codeOf = (address: string | undefined): string | undefined =>
  address?.slice(Math.max(address.lastIndexOf('/'), address.lastIndexOf('#')) + 1) || undefined

/** Languages by ISO 639-3, as the authority table of the European Union writes them. */
const languages = new Map(
  (
    'ara:ar bul:bg cat:ca ces:cs dan:da deu:de ell:el eng:en est:et eus:eu fas:fa fin:fi fra:fr gle:ga glg:gl heb:he ' +
    'hin:hi hrv:hr hun:hu ind:id isl:is ita:it jpn:ja kor:ko lav:lv lit:lt mlt:mt mon:mn nld:nl nob:nb nor:no pol:pl ' +
    'por:pt ron:ro rus:ru slk:sk slv:sl spa:es srp:sr swe:sv tha:th tur:tr ukr:uk vie:vi zho:zh'
  )
    .split(' ')
    .map((pair) => pair.split(':') as [string, string]),
)

/** The language that a record says it is in, by an address of a list of languages or a tag. */
export function languageNamed(value: unknown): string | undefined {
  const code = codeOf(addressOf(value))?.toLowerCase()
  return code === undefined ? undefined : (languages.get(code) ?? languageOf(code))
}

/**
 * Themes of the European Union (authority table data-theme) as themes of our profiles; where several fit, all. What has
 * none here is kept as a keyword.
 */
export const themesOfCode: Record<string, { themes: string[]; words: string }> = {
  AGRI: { themes: ['agriculture', 'food'], words: 'Agriculture, fisheries, forestry and food' },
  ECON: { themes: ['finance', 'business'], words: 'Economy and finance' },
  EDUC: { themes: ['education', 'culture'], words: 'Education, culture and sport' },
  ENER: { themes: ['energy'], words: 'Energy' },
  ENVI: { themes: ['environment'], words: 'Environment' },
  GOVE: { themes: ['government'], words: 'Government and public sector' },
  HEAL: { themes: ['health'], words: 'Health' },
  INTR: { themes: [], words: 'International issues' },
  JUST: { themes: ['justice', 'safety'], words: 'Justice, legal system and public safety' },
  REGI: { themes: ['housing', 'land'], words: 'Regions and cities' },
  SOCI: { themes: ['population'], words: 'Population and society' },
  TECH: { themes: [], words: 'Science and technology' },
  TRAN: { themes: ['transport'], words: 'Transport' },
}
