import {
  copyDatasetsForIndex,
  type IndexRow,
  parseIndexLine,
  selectDatasetsForIndex,
} from '../catalog/feed/index.ts'
import { copyLines } from '../platform/copy.ts'
import type { Db, Postgres } from '../platform/postgres.ts'
import { type BodyTable, bodyText, createBodyTable, type SearchBody } from './bodies.ts'
import { documentLimits, type IndexDocument } from './document.ts'
import type { SegmentEntry } from './manifest.ts'
import { createSegmentBuilder } from './segment-builder.ts'

/** Makes segments from PostgreSQL. */

/** Names that entries are found by besides their own words; travels between processes. */
export interface FeedNames {
  bodies: SearchBody[]
  /** Labels in all languages by code. */
  themes: Map<string, string[]>
  classifications: Map<string, string[]>
}

/** What building needs to know besides the entries. */
export interface FeedContext {
  bodies: BodyTable
  names: FeedNames
}

export const feedContext = (names: FeedNames): FeedContext => ({
  bodies: createBodyTable(names.bodies),
  names,
})

/** An entry as the catalogue gives it, as the index takes it. */
export function toIndexDocument(row: IndexRow, { names }: FeedContext): IndexDocument {
  const named = [
    ...row.themes.flatMap((code) => names.themes.get(code) ?? []),
    ...row.classification.flatMap((code) => names.classifications.get(code) ?? []),
  ]
  return {
    id: row.id,
    version: row.version,
    bodyId: row.organisationId,
    titles: row.titles,
    itemNames: row.itemNames,
    itemOrdinals: row.itemOrdinals,
    abstracts: row.abstracts,
    keywords: row.keywords,
    codes: row.codes,
    more: [...row.more, ...row.classification, ...named],
    themes: row.themes,
    formats: row.formats,
    sharing: row.sharingType,
    open: row.openType,
    cycle: row.updateCycle,
    grade: row.grade,
    database: row.database,
    quality: row.quality,
    useCount: row.useCount,
    updated: row.updated,
    uid: row.uid,
    changedMs: row.changedMs,
    createdMs: row.createdMs,
    license: row.license.slice(0, documentLimits.license),
  }
}

/** Entries read at once for a list of ids: about 1 MB of rows. */
const idBatch = 500

/** Lets other work of the process go on between batches. */
const breathe = () => new Promise<void>((resolve) => setImmediate(resolve))

/**
 * Builds one segment that speaks for exactly these ids: the published ones are in it, the others are gone.
 * @param path of the file without `.segment`.
 */
export async function buildFromIds(
  db: Db,
  context: FeedContext,
  path: string,
  name: string,
  ids: number[],
): Promise<SegmentEntry> {
  const sorted = [...new Set(ids)].sort((a, b) => a - b)
  const builder = createSegmentBuilder(`${path}.segment`, (id) => bodyText(context.bodies, id))
  try {
    const gone: number[] = []
    for (let i = 0; i < sorted.length; i += idBatch) {
      const batch = sorted.slice(i, i + idBatch)
      const rows = await selectDatasetsForIndex(db, batch)
      const found = new Set(rows.map((r) => r.id))
      for (const row of rows) builder.add(toIndexDocument(row, context))
      for (const id of batch) if (!found.has(id)) gone.push(id)
      await breathe()
    }
    return { name, ...builder.finish(Uint32Array.from(gone)) }
  } catch (error) {
    builder.abandon()
    throw error
  }
}

/**
 * Builds the segments of an id range, `prefix`-0, -1 …, from one streamed COPY.
 * @param toId not included.
 * @param pathOf the path of a segment without `.segment`.
 */
export async function buildFromRange(
  pool: Postgres['pool'],
  context: FeedContext,
  pathOf: (name: string) => string,
  prefix: string,
  fromId: number,
  toId: number,
  maxDocuments: number,
): Promise<SegmentEntry[]> {
  const entries: SegmentEntry[] = []
  let name = ''
  let builder: ReturnType<typeof createSegmentBuilder> | undefined
  const begin = () => {
    name = `${prefix}-${entries.length}`
    return createSegmentBuilder(`${pathOf(name)}.segment`, (id) => bodyText(context.bodies, id), maxDocuments)
  }
  const finish = () => {
    if (builder && builder.documents > 0) entries.push({ name, ...builder.finish() })
    else builder?.abandon()
    builder = undefined
  }
  try {
    await copyLines(pool, copyDatasetsForIndex(fromId, toId), (line) => {
      builder ??= begin()
      builder.add(toIndexDocument(parseIndexLine(line), context))
      if (builder.full) finish()
    })
    finish()
    return entries
  } catch (error) {
    builder?.abandon()
    throw error
  }
}
