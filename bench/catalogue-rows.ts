import type { DatasetContent } from '../src/catalog/dataset.schema.ts'
import { codeList, type Profile } from '../src/platform/profile.ts'
import { type CodeLists, type Corpus, type CorpusEntry, createCorpus } from './corpus.ts'

/** The generated catalogue as rows for COPY and as what a program sends to the API. */

/** `source` of the generated entries; their resource code is the identifier there. */
export const generatedSource = 'bench'

/** Values of the profile that the corpus does not know. */
interface Codes {
  classification: string[]
  dataType: string[]
  sharingCondition: string
}

/** The corpus with the profile's values. */
export interface Catalogue {
  corpus: Corpus
  codes: Codes
}

export function createCatalogue(profile: Profile): Catalogue {
  const codes = (name: string) => [...codeList(profile, name).keys()]
  const lists: CodeLists = {
    themes: codes('theme'),
    cycles: codes('updateCycle'),
    grades: codes('grade'),
    databases: codes('database'),
  }
  return {
    corpus: createCorpus(undefined, lists),
    codes: {
      // The leaves; entries are not classified at the branches.
      classification: codes('classification').filter((c, _, all) => !all.some((o) => o.startsWith(`${c}.`))),
      dataType: codes('dataType'),
      sharingCondition: codes('sharingCondition')[0]!,
    },
  }
}

const refusalBasis = 'Data Sharing Act, article 12, paragraph 3'
const openCondition = 'On application, for public benefit'

const classificationOf = (e: CorpusEntry, codes: Codes) =>
  codes.classification[Number.parseInt(e.code, 10) % codes.classification.length]!
const dataTypeOf = (e: CorpusEntry, i: number, codes: Codes) =>
  codes.dataType[(e.id + i * 7) % codes.dataType.length]!
const addressOf = (e: CorpusEntry, format: string) =>
  `https://data.example/${e.id}/${e.id}.${format.toLowerCase()}`
/** The language of `otherTitle` and `otherName`. */
const otherLanguage = 'en'

/** What a program sends to publish the entry. */
export function toContent({ corpus, codes }: Catalogue, e: CorpusEntry): DatasetContent {
  return {
    body: corpus.world.bodies[e.bodyId - 1]!.code,
    language: e.language,
    title: e.title,
    abstract: e.abstract,
    translations: e.otherTitle ? { [otherLanguage]: { title: e.otherTitle } } : undefined,
    classification: [classificationOf(e, codes)],
    theme: e.themes,
    keyword: e.keywords,
    database: e.database || undefined,
    sharingType: e.sharing as DatasetContent['sharingType'],
    sharingCondition: e.sharing === 'conditional' ? codes.sharingCondition : undefined,
    refusalBasis: e.sharing === 'not_shared' ? refusalBasis : undefined,
    openType: e.open as DatasetContent['openType'],
    openCondition: e.open === 'conditional' ? openCondition : undefined,
    updateCycle: e.cycle,
    grade: e.grade || undefined,
    modified: new Date(e.updated * 1000).toISOString(),
    distributions: e.formats.map((format) => ({ format, accessUrl: addressOf(e, format) })),
    items: e.items.map((item, i) => ({
      name: item.name,
      translations: item.otherName ? { [otherLanguage]: { name: item.otherName } } : undefined,
      dataType: dataTypeOf(e, i, codes),
    })),
  }
}

/** COPY of `datasetLine` and `itemLines`. FREEZE: nobody reads the table before the load is done. */
export const copyDatasets = `copy catalog.dataset (id, organisation_id, state, language, title, abstract,
  translations, classification, theme, keyword, database, sharing_type, sharing_condition, refusal_basis, open_type,
  open_condition, update_cycle, grade, format, modified, distributions, item_count, quality, use_count, source,
  source_id, published_at, changed_at, changed_by_name) from stdin with (freeze)`
export const copyItems =
  'copy catalog.item (dataset_id, ordinal, name, translations, data_type) from stdin with (freeze)'

/** The corpus has no character that COPY's text format or an array literal would want escaped, but in JSON. */
const list = (values: readonly string[]) => `{"${values.join('","')}"}`
const json = (value: unknown) => JSON.stringify(value).replaceAll('\\', '\\\\')

/** One line of `copyDatasets`. */
export function datasetLine({ codes }: Catalogue, e: CorpusEntry): string {
  const moment = new Date(e.updated * 1000).toISOString()
  const sources = e.formats.map((format) => ({ format, accessUrl: addressOf(e, format) }))
  const translations = e.otherTitle ? json({ [otherLanguage]: { title: e.otherTitle } }) : '{}'
  return `${e.id}\t${e.bodyId}\tpublished\t${e.language}\t${e.title}\t${e.abstract}\t${translations}\t{${classificationOf(e, codes)}}\t${list(e.themes)}\t${list(e.keywords)}\t${e.database || '\\N'}\t${e.sharing}\t${
    e.sharing === 'conditional' ? codes.sharingCondition : '\\N'
  }\t${e.sharing === 'not_shared' ? refusalBasis : '\\N'}\t${e.open}\t${
    e.open === 'conditional' ? openCondition : '\\N'
  }\t${e.cycle}\t${e.grade || '\\N'}\t${list(e.formats)}\t${moment}\t${json(sources)}\t${e.items.length}\t${e.quality}\t${e.useCount}\t${generatedSource}\t${e.code}\t${moment}\t${moment}\tbench\n`
}

/** The lines of `copyItems` of one entry. */
export function itemLines({ codes }: Catalogue, e: CorpusEntry): string {
  let text = ''
  for (let i = 0; i < e.items.length; i++) {
    const { name, otherName } = e.items[i]!
    const translations = otherName ? json({ [otherLanguage]: { name: otherName } }) : '\\N'
    text += `${e.id}\t${i}\t${name}\t${translations}\t${dataTypeOf(e, i, codes)}\n`
  }
  return text
}
