import { type Db, sql } from '../platform/postgres.ts'

/** What a search index takes in about one published entry. */
export interface IndexRow {
  id: number
  version: number
  organisationId: number
  /** The title, then its translations. */
  titles: string[]
  abstracts: string[]
  keywords: string[]
  /** Resource codes, item codes, the identifier at the source. */
  codes: string[]
  classification: string[]
  /** Duty, service matter, places. */
  more: string[]
  themes: string[]
  formats: string[]
  sharingType: string
  openType: string
  updateCycle: string
  grade: string
  database: string
  quality: number
  useCount: number
  /** When the data, else the entry, last changed: seconds since 1970. */
  updated: number
  uid: string
  /** When the entry was last changed and when it was made: milliseconds since 1970. */
  changedMs: number
  createdMs: number
  license: string
  /** Names of the items in order, then their translated names; `itemOrdinals` says which item each belongs to. */
  itemNames: string[]
  itemOrdinals: number[]
}

/** Joins the values of a list in one column; the catalogue stores no text that has it. */
const unitSeparator = '\u001f'

const joined = (list: string) => `array_to_string(${list}, chr(31))`

const milliseconds = (column: string) => `floor(extract(epoch from ${column}) * 1000)::bigint`

/** In the order of `IndexRow`, lists joined by `unitSeparator`. */
const columns = [
  'd.id',
  'd.version',
  'd.organisation_id',
  'd.title',
  'd.abstract',
  // Translations as JSON: taking them apart is several times faster at the reader.
  "nullif(d.translations, '{}')::text",
  joined('d.keyword'),
  `concat_ws(chr(31), ${joined("nullif(d.resource_code, '{}')")}, d.source_id, i.codes)`,
  joined('d.classification'),
  `concat_ws(chr(31), d.duty, d.service_matter, ${joined("nullif(d.spatial, '{}')")})`,
  joined('d.theme'),
  joined('d.format'),
  'd.sharing_type',
  'd.open_type',
  'd.update_cycle',
  "coalesce(d.grade, '')",
  "coalesce(d.database, '')",
  'd.quality',
  'd.use_count',
  'extract(epoch from coalesce(d.modified, d.changed_at))::bigint',
  'i.names',
  'i.ordinals',
  'i.translations',
  'd.uid',
  milliseconds('d.changed_at'),
  milliseconds('d.created_at'),
  "coalesce(d.license, '')",
]

// The order comes from the subquery; an order by in each aggregate would sort three times.
const items = `left join lateral (
    select string_agg(name, chr(31)) as names, string_agg(ordinal::text, chr(31)) as ordinals,
      string_agg(code, chr(31)) as codes, string_agg(ordinal || ' ' || translations, chr(31)) as translations
    from (select ordinal, name, code, translations from catalog.item where dataset_id = d.id order by ordinal) item
  ) i on true`

/**
 * SQL text of a COPY … TO STDOUT (text format) of the published entries with fromId <= id < toId, ordered by id;
 * `parseIndexLine` reads its lines. The ids are checked, because COPY takes no parameters.
 */
export function copyDatasetsForIndex(fromId: number, toId: number): string {
  for (const id of [fromId, toId]) if (!Number.isSafeInteger(id)) throw new Error(`${id} is not a row id.`)
  return `copy (select ${columns.join(', ')} from catalog.dataset d ${items}
    where d.id >= ${fromId} and d.id < ${toId} and d.state = 'published' order by d.id) to stdout`
}

/** The same for single entries: those of the ids that are published now. */
export async function selectDatasetsForIndex(db: Db, ids: number[]): Promise<IndexRow[]> {
  const { rows } = await sql<{ values: string[] }>`
    select array[${sql.raw(columns.map((c) => `(${c})::text`).join(', '))}] as values from catalog.dataset d ${sql.raw(items)}
    where d.id = any(${ids}::int[]) and d.state = 'published' order by d.id`.execute(db)
  return rows.map((r) => toIndexRow(r.values))
}

const list = (text: string | null) => (text === '' || text === null ? [] : text.split(unitSeparator))

type Translations = Record<string, { title?: string; abstract?: string; name?: string }>
const translated = (json: string, member: 'title' | 'abstract' | 'name') =>
  Object.values(JSON.parse(json) as Translations).flatMap((t) => t[member] ?? [])

function toIndexRow(v: (string | null)[]): IndexRow {
  const itemNames = list(v[20]!)
  const itemOrdinals = list(v[21]!).map(Number)
  for (const pair of list(v[22]!)) {
    const space = pair.indexOf(' ')
    for (const name of translated(pair.slice(space + 1), 'name')) {
      itemNames.push(name)
      itemOrdinals.push(Number(pair.slice(0, space)))
    }
  }
  return {
    id: Number(v[0]),
    version: Number(v[1]),
    organisationId: Number(v[2]),
    titles: [v[3]!, ...(v[5] ? translated(v[5], 'title') : [])],
    abstracts: [...(v[4] ? [v[4]] : []), ...(v[5] ? translated(v[5], 'abstract') : [])],
    keywords: list(v[6]!),
    codes: list(v[7]!),
    classification: list(v[8]!),
    more: list(v[9]!),
    themes: list(v[10]!),
    formats: list(v[11]!),
    sharingType: v[12]!,
    openType: v[13]!,
    updateCycle: v[14]!,
    grade: v[15]!,
    database: v[16]!,
    quality: Number(v[17]),
    useCount: Number(v[18]),
    updated: Number(v[19]),
    itemNames,
    itemOrdinals,
    uid: v[23]!,
    changedMs: Number(v[24]),
    createdMs: Number(v[25]),
    license: v[26]!,
  }
}

const escapes: Record<string, string> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', v: '\v' }
const unescapeText = (text: string) =>
  text === '\\N'
    ? null
    : text.includes('\\')
      ? text.replace(/\\(.)/gs, (_, c: string) => escapes[c] ?? c)
      : text

/** Reads one line of `copyDatasetsForIndex`, without its line break. */
export const parseIndexLine = (line: string): IndexRow => toIndexRow(line.split('\t').map(unescapeText))

/** Ids of published entries of these bodies, ascending from after one, at most `limit`. */
export async function publishedIdsOf(
  db: Db,
  bodyIds: number[],
  { after, through, limit }: { after: number; through: number; limit: number },
): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    select id from catalog.dataset
    where organisation_id = any (${bodyIds}::int[]) and id > ${after} and id <= ${through} and state = 'published'
    order by id limit ${limit}`.execute(db)
  return rows.map((row) => row.id)
}

/** SQL text of a COPY … TO STDOUT of id and version of every published entry, to compare with an index. */
export const copyPublishedVersions = (): string =>
  `copy (select id, version from catalog.dataset where state = 'published' order by id) to stdout`
