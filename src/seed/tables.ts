import { readdirSync, readFileSync } from 'node:fs'

/** Folder of the demo's vocabulary; the same from `src/` and from `dist/`. */
const folder = new URL('../../seeds/', import.meta.url)

/** Rows of a table whose columns are separated by `|`; lines that begin with `#` are comments. */
function readTable(name: string): string[][] {
  return readFileSync(new URL(name, folder), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split('|'))
}

export interface ItemKind {
  key: string
  en: string
  zh: string
  dataType: string
  length: number | undefined
  /** Level of general data, 1 to 4. */
  level: number
  personal: boolean
  /** Department whose register is the source; empty where each body is its own. */
  source: string
}

/** Something government keeps data about, described once; bodies of several tiers publish it. */
export interface EntryKind {
  key: string
  dept: string
  theme: string[]
  subject: string
  levels: string
  sharing: string
  open: string
  cycle: string
  formats: string[]
  en: string
  zh: string
  abstractEn: string
  abstractZh: string
  items: { key: string; isKey: boolean }[]
  keywords: string[]
  /** [English, Chinese] noun counted by the statistics beside the register. */
  noun: [string, string] | undefined
  related: string[]
  /** Key of the law behind "not shared". */
  law: string | undefined
  database: string | undefined
}

const sharingWords: Record<string, [string, string]> = {
  u: ['unconditional', 'unconditional'],
  c: ['conditional', 'conditional'],
  x: ['not_shared', 'not_open'],
}

export function readItemKinds(): Map<string, ItemKind> {
  return new Map(
    readTable('items.psv').map(([key, en, zh, dataType, length, level, personal, source]) => [
      key!,
      {
        key: key!,
        en: en!,
        zh: zh!,
        dataType: dataType!,
        length: length ? Number(length) : undefined,
        level: Number(level),
        personal: personal === 'p',
        source: source!,
      },
    ]),
  )
}

/** Items that always come together. */
const itemGroups: Record<string, string> = {
  '@place': 'place_address district_name longitude latitude',
  '@licence': 'licence_no issue_date valid_to licence_status',
}

const words = (text: string) => text.split(' ').filter((w) => w !== '')

function toEntryKind(row: string[]): EntryKind {
  const [
    key,
    dept,
    theme,
    subject,
    levels,
    classes,
    cycle,
    formats,
    en,
    zh,
    abstractEn,
    abstractZh,
    ...rest
  ] = row
  const [items, wordsEn, wordsZh, nounEn, nounZh, related, database] = rest
  const [sharing, open] = classes!.split(',')
  const seen = new Set<string>()
  return {
    key: key!,
    dept: dept!,
    theme: words(theme!),
    subject: subject!,
    levels: levels!,
    sharing: sharingWords[sharing!]![0],
    open: sharingWords[open!]![1],
    cycle: cycle!,
    formats: formats!.split(','),
    en: en!,
    zh: zh!,
    abstractEn: abstractEn!,
    abstractZh: abstractZh!,
    items: words(items!)
      .flatMap((w) => words(itemGroups[w] ?? w))
      .map((w) => ({ key: w.replace('*', ''), isKey: w.endsWith('*') }))
      .filter((i) => !seen.has(i.key) && seen.add(i.key)),
    keywords: [...words(wordsEn!), ...words(wordsZh!)],
    noun: nounEn ? [nounEn, nounZh!] : undefined,
    related: words(related!).filter((w) => !w.startsWith('law:')),
    law: words(related!)
      .find((w) => w.startsWith('law:'))
      ?.slice(4),
    database: database || undefined,
  }
}

/** All kinds of entries in the order of the files' names. */
export function readEntryKinds(): EntryKind[] {
  return readdirSync(folder)
    .filter((name) => /^entries-.*\.psv$/.test(name))
    .sort()
    .flatMap((name) => readTable(name).map(toEntryKind))
}

/** Subject → class, for the profile `neutral` or another. */
export function readClasses(profile: string): Map<string, string> {
  return new Map(
    readTable('classes.psv').map(([subject, neutral, cn]) => [subject!, profile === 'cn' ? cn! : neutral!]),
  )
}

export interface Bilingual {
  en: string
  zh: string
}
interface BodyPattern extends Bilingual {
  slug: string
  covers: string[]
}
interface PlaceRow extends Bilingual {
  key: string
  code: string
}

/** A country of the demo: its names, territories, bodies and laws. */
export interface CountryData {
  id: string
  name: Bilingual
  root: Bilingual & { slug: string }
  prefix: string
  domain: string
  /** Of 100 bodies, those that write in Chinese. */
  primaryChinese: number
  central: BodyPattern[]
  provinces: PlaceRow[]
  cities: (PlaceRow & { province: string })[]
  otherDivisions: (Bilingual & { code: string; tier: string; parent?: string })[]
  provinceGovernment: Bilingual & { covers: string[] }
  provincial: BodyPattern[]
  cityGovernment: Bilingual & { covers: string[] }
  city: BodyPattern[]
  /** By department; the first is the general one, the others are for some subjects or single kinds of entries. */
  laws: Record<string, { en?: string; zh: string; subjects?: string[] }[]>
  refusals: Record<string, Bilingual>
  /** Names of the people who can sign in. */
  people: string[]
}

/** The country told by a profile; a profile without one of its own gets the fictional one. */
export function readCountry(profile: string): CountryData {
  const name = profile === 'cn' ? 'cn.json' : 'neutral.json'
  return JSON.parse(readFileSync(new URL(name, folder), 'utf8'))
}
