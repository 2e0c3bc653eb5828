import { type Bodies, bodiesWith, getDatasetRows } from '../catalog/index.ts'
import { ConcordError, notFound } from '../platform/errors.ts'
import { type Db, inTransaction } from '../platform/postgres.ts'
import { type Actor, audit, authorize } from '../security/index.ts'
import type { ReuseContext } from './context.ts'
import {
  type DuplicateFilter,
  type DuplicateRow,
  selectDuplicateBodies,
  selectDuplicates,
  selectItemsOfKeys,
} from './duplicate.queries.ts'
import {
  type Duplicate,
  type DuplicateBodies,
  type Duplicates,
  type DuplicatesQuery,
  defaultPage,
  type ExportQuery,
} from './duplicate.schema.ts'
import { numberOf } from './item-number.ts'
import { reportJob } from './report.jobs.ts'
import { enqueueReport, selectReport } from './report-build.queries.ts'
import type { SourceReason } from './reuse.schema.ts'
import { findLikeNames, indexedName } from './similar-names.ts'
import { summary } from './source.ts'

/** The report of items that several bodies hold, each with the body proposed as its source. */

/** Names that a search looks at. */
const namesSearched = 200

/** A page of the report, items of most bodies first. @throws invalid_cursor */
export async function listDuplicates(ctx: ReuseContext, query: DuplicatesQuery): Promise<Duplicates> {
  const limit = query.limit ?? defaultPage
  const [bodies, item] = readCursor(query.cursor)
  const after = query.cursor === undefined ? undefined : { bodies: bodies!, item: item! }
  const [report, filter] = await Promise.all([selectReport(ctx.db), toFilter(ctx, query)])
  const rows = filter ? await selectDuplicates(ctx.db, { ...filter, after, limit: limit + 1 }) : []
  const last = rows.length > limit ? rows[limit - 1] : undefined
  return {
    report,
    items: await toDuplicates(ctx.db, rows.slice(0, limit)),
    next: last ? writeCursor(last.bodies, last.item) : null,
  }
}

/** What is filtered by; undefined where nothing can match. */
async function toFilter(
  ctx: ReuseContext,
  { body, theme, minBodies, q }: ExportQuery,
): Promise<Omit<DuplicateFilter, 'limit'> | undefined> {
  const organisationId = body === undefined ? undefined : (await bodiesWith(ctx.db, [body])).byCode.get(body)
  if (body !== undefined && organisationId === undefined) return undefined
  const items = q?.trim() ? await itemsCalled(ctx, q) : undefined
  return { organisationId, theme, minBodies, items }
}

/** Items of the report with these words in their name, or with a name that says the same. */
async function itemsCalled(ctx: ReuseContext, q: string): Promise<number[]> {
  const wanted = ctx.read(q)
  const exact = wanted.folded.slice(0, indexedName)
  const [[names = []], [like]] = await Promise.all([
    ctx.port.names([{ exact: [exact], within: exact, most: namesSearched }]),
    findLikeNames(ctx, [wanted], { most: namesSearched, sameOnly: false }),
  ])
  const texts = [...names, ...(like?.matches ?? []).map((m) => m.known)].slice(0, namesSearched)
  const keys = [wanted, ...texts.map((n) => ctx.read(n.name))].map((n) => numberOf(n.key))
  return selectItemsOfKeys(ctx.db, [...new Set(keys)])
}

async function toDuplicates(db: Db, rows: DuplicateRow[]): Promise<Duplicate[]> {
  const bodies = await bodiesWith(
    db,
    [],
    rows.map((r) => r.sourceOrganisationId),
  )
  const entries = await entriesOf(
    db,
    rows.map((r) => r.sourceDatasetId),
  )
  return rows.map((row) => toDuplicate(row, bodies, entries))
}

interface EntryName {
  uid: string | null
  title: string | null
  titles: Record<string, unknown>
}
type Entries = Map<number, EntryName>

/** Published entries by row id. */
async function entriesOf(db: Db, ids: (number | null)[]): Promise<Entries> {
  const rows = await getDatasetRows(db, [...new Set(ids.flatMap((id) => id ?? []))])
  return new Map(
    rows.flatMap(({ id, uid, title, translations, state }) =>
      state === 'published' ? [[id, { uid, title, titles: translations }]] : [],
    ),
  )
}

const entryAt = (entries: Entries, id: number | null): EntryName =>
  (id === null ? undefined : entries.get(id)) ?? { uid: null, title: null, titles: {} }

const toDuplicate = (row: DuplicateRow, bodies: Bodies, entries: Entries): Duplicate => ({
  item: String(row.item),
  name: row.name,
  dataElement: row.dataElement,
  bodies: row.bodies,
  entries: row.entries,
  types: row.types,
  themes: row.themes,
  source: {
    body: summary(bodies.byId.get(row.sourceOrganisationId)!),
    reason: row.sourceReason as SourceReason,
    ...entryAt(entries, row.sourceDatasetId),
  },
})

/** The bodies that hold an item of the report, those with most entries first. @throws not_found, invalid_cursor */
export async function getDuplicate(
  ctx: ReuseContext,
  item: string,
  query: { cursor?: string; limit?: number },
): Promise<DuplicateBodies> {
  const { db } = ctx
  const limit = query.limit ?? defaultPage
  const [entriesBefore, organisationId] = readCursor(query.cursor)
  if (organisationId !== undefined && organisationId > maxRowId) throw noCursor()
  const after =
    query.cursor === undefined ? undefined : { entries: entriesBefore!, organisationId: organisationId! }
  const [row] = await selectDuplicates(db, { items: [Number(item)], limit: 1 })
  if (!row) throw notFound(`The item ${item}`)
  const [report, [duplicate], rows] = await Promise.all([
    selectReport(db),
    toDuplicates(db, [row]),
    selectDuplicateBodies(db, row.item, { after, limit: limit + 1 }),
  ])
  const shown = rows.slice(0, limit)
  const bodies = await bodiesWith(
    db,
    [],
    shown.map((r) => r.organisationId),
  )
  const entries = await entriesOf(
    db,
    shown.map((r) => r.bestDatasetId),
  )
  const last = rows.length > limit ? shown.at(-1) : undefined
  return {
    duplicate: duplicate!,
    asOf: report.asOf,
    bodies: shown.map((r) => ({
      body: summary(bodies.byId.get(r.organisationId)!),
      entries: r.entries,
      named: r.named,
      inBase: r.inBase,
      ...entryAt(entries, r.bestDatasetId),
    })),
    next: last ? writeCursor(last.entries, last.organisationId) : null,
  }
}

/** Asks for a report now, audited. @throws forbidden */
export async function requestReport(ctx: ReuseContext, actor: Actor, requestId?: string) {
  authorize(actor, 'reuse:run', { kind: 'report' })
  await inTransaction(ctx.db, async (tx) => {
    await enqueueReport(tx, reportJob)
    await audit(tx, {
      actor,
      action: 'reuse:run',
      objectKind: 'report',
      objectId: reportJob,
      decision: 'allow',
      requestId,
    })
  })
  return selectReport(ctx.db)
}

/** Rows read at a time for an export. */
const exportPage = 1_000

/** The report, or the part asked for, row by row; memory is that of a page. */
export async function* exportDuplicates(ctx: ReuseContext, query: ExportQuery): AsyncGenerator<Duplicate[]> {
  const filter = await toFilter(ctx, query)
  if (!filter) return
  for (let after: DuplicateFilter['after']; ; ) {
    const rows = await selectDuplicates(ctx.db, { ...filter, after, limit: exportPage })
    if (rows.length > 0) yield await toDuplicates(ctx.db, rows)
    const last = rows.at(-1)
    if (!last || rows.length < exportPage) return
    after = { bodies: last.bodies, item: last.item }
  }
}

const writeCursor = (a: number, b: number) => Buffer.from(`${a}.${b}`).toString('base64url')

/** Row ids are integers of 32 bits. */
const maxRowId = 2_147_483_647

const noCursor = () => new ConcordError('invalid_cursor', 'This is not a cursor of this list.')

/** The two numbers of a cursor. @throws invalid_cursor */
function readCursor(cursor: string | undefined): [number?, number?] {
  if (cursor === undefined) return []
  const [, a, b] = /^(\d{1,9})\.(\d{1,16})$/.exec(Buffer.from(cursor, 'base64url').toString('utf8')) ?? []
  if (a === undefined) throw noCursor()
  return [Number(a), Number(b)]
}
