import type { NamedNode } from 'n3'
import { vocabulary } from './vocabulary.ts'

/** The authority tables of the European Union that DCAT-AP asks for, as far as our codes have a place in them. */
const authority = (table: string) => vocabulary(`http://publications.europa.eu/resource/authority/${table}/`)
const frequency = authority('frequency')
const accessRight = authority('access-right')
const language = authority('language')
const fileType = authority('file-type')

/** Our update cycles in the authority table `frequency`; a profile's own further cycles have no place there. */
const frequencies: Record<string, string> = {
  real_time: 'CONT',
  daily: 'DAILY',
  weekly: 'WEEKLY',
  monthly: 'MONTHLY',
  quarterly: 'QUARTERLY',
  yearly: 'ANNUAL',
  irregular: 'IRREG',
  once: 'NEVER',
}

const accessRights: Record<string, string> = {
  unconditional: 'PUBLIC',
  conditional: 'RESTRICTED',
  not_open: 'NON_PUBLIC',
}

/** Languages by their first subtag (BCP 47) in the authority table `language` (ISO 639-3 in capitals). */
const languages: Record<string, string> = {
  ar: 'ARA',
  de: 'DEU',
  en: 'ENG',
  es: 'SPA',
  fr: 'FRA',
  hi: 'HIN',
  it: 'ITA',
  ja: 'JPN',
  ko: 'KOR',
  nl: 'NLD',
  pl: 'POL',
  pt: 'POR',
  ru: 'RUS',
  zh: 'ZHO',
}

/** Formats whose code in `file-type` is their own short name, and those that are called differently there. */
const fileTypes: Record<string, string> = {
  ...Object.fromEntries(
    [
      ...['ATOM', 'AVRO', 'BMP', 'CSV', 'DBF', 'DOC', 'DOCX', 'ECW', 'EPUB', 'GDB', 'GEOJSON', 'GIF', 'GML'],
      ...['GPKG', 'GZIP', 'HDF', 'HTML', 'ICS', 'JPEG', 'JSON', 'KML', 'KMZ', 'LAS', 'LAZ', 'MDB', 'MP3'],
      ...['MP4', 'NETCDF', 'ODS', 'ODT', 'PARQUET', 'PDF', 'PNG', 'PPT', 'PPTX', 'RSS', 'RTF', 'SHP', 'SQL'],
      ...['SVG', 'TAR', 'TIFF', 'TSV', 'TXT', 'XLS', 'XLSX', 'XML', 'ZIP'],
    ].map((code) => [code, code]),
  ),
  EXCEL: 'XLS',
  JPG: 'JPEG',
  'JSON-LD': 'JSON_LD',
  JSONLD: 'JSON_LD',
  'N-TRIPLES': 'RDF_N_TRIPLES',
  RDF: 'RDF_XML',
  'RDF/XML': 'RDF_XML',
  SHAPEFILE: 'SHP',
  TEXT: 'TXT',
  TIF: 'TIFF',
  TURTLE: 'RDF_TURTLE',
  TTL: 'RDF_TURTLE',
  WFS: 'WFS_SRVC',
  WMS: 'WMS_SRVC',
}

/** English names of the table `data-theme`: whoever refers to one of its concepts has to name it. */
const dataThemes: Record<string, string> = {
  AGRI: 'Agriculture, fisheries, forestry and food',
  ECON: 'Economy and finance',
  EDUC: 'Education, culture and sport',
  ENER: 'Energy',
  ENVI: 'Environment',
  GOVE: 'Government and public sector',
  HEAL: 'Health',
  INTR: 'International issues',
  JUST: 'Justice, legal system and public safety',
  REGI: 'Regions and cities',
  SOCI: 'Population and society',
  TECH: 'Science and technology',
  TRAN: 'Transport',
}
export const dataThemeScheme = 'http://publications.europa.eu/resource/authority/data-theme'

const termIn = (
  table: Record<string, string>,
  build: (name: string) => NamedNode,
  code: string | null | undefined,
) => (code && Object.hasOwn(table, code) ? build(table[code]!) : undefined)

export const frequencyOf = (updateCycle: string) => termIn(frequencies, frequency, updateCycle)
export const accessRightOf = (openType: string) => termIn(accessRights, accessRight, openType)
export const languageOf = (tag: string) => termIn(languages, language, tag.toLowerCase().split('-')[0])
export const fileTypeOf = (format: string) =>
  termIn(fileTypes, fileType, format.trim().replace(/^\./, '').toUpperCase())

/** The name of a concept of `data-theme` by its address; undefined for other addresses. */
export const dataThemeName = (address: string): string | undefined =>
  address.startsWith(`${dataThemeScheme}/`)
    ? dataThemes[address.slice(dataThemeScheme.length + 1)]
    : undefined
