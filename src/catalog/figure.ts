import { notFound } from '../platform/errors.ts'
import type { Db } from '../platform/postgres.ts'
import { bodiesWith } from './bodies.ts'
import {
  type FigureRow,
  selectFigures,
  selectFiguresByBody,
  selectIdRange,
  selectPublishedSince,
} from './figure.queries.ts'
import type { BodyFigures, Figures, ThemeFigure } from './figure.schema.ts'

/** Milliseconds for which the figures of the home page are kept: they are read by everybody and need not be newer. */
const keptMs = 5_000

interface Kept {
  db: Db
  at: number
  value: Promise<unknown>
}
const kept = new Map<string, Kept>()

/** The value read last under this name, read again when it is older than `keptMs`. */
function keep<T>(name: string, db: Db, read: () => Promise<T>, now = Date.now()): Promise<T> {
  const known = kept.get(name)
  if (known?.db === db && now - known.at <= keptMs) return known.value as Promise<T>
  const value = read()
  kept.set(name, { db, at: now, value })
  value.catch(() => kept.delete(name))
  return value
}

/** Lowest and highest row id, and how many entries are published: to divide a rebuild into ranges and show progress. */
export async function datasetRange(db: Db): Promise<{ min: number; max: number; published: number }> {
  const [range, rows] = [await selectIdRange(db), await selectFigures(db, 0)]
  return { ...range, published: rows.find((r) => r.scope === 'all')?.entries ?? 0 }
}

/** The figures of the whole catalogue, at most `keptMs` old; costs a handful of counters, whatever its size. */
export const getFigures = (db: Db, now = Date.now()): Promise<Figures> =>
  keep('figures', db, () => readFigures(db, now), now)

async function readFigures(db: Db, now: number): Promise<Figures> {
  const rows = await selectFigures(db, 0)
  const midnight = new Date(now)
  midnight.setHours(0, 0, 0, 0)
  const all = rows.find((r) => r.scope === 'all')
  return {
    entries: all?.entries ?? 0,
    items: all?.items ?? 0,
    bodies: (await selectFiguresByBody(db)).length,
    publishedToday: await selectPublishedSince(db, midnight.toISOString()),
    drafts: rows.find((r) => r.scope === 'state' && r.value === 'draft')?.entries ?? 0,
    sharing: byValue(rows, 'sharing'),
    open: byValue(rows, 'open'),
    grade: byValue(rows, 'grade'),
    at: new Date(now).toISOString(),
  }
}

const byValue = (rows: FigureRow[], scope: string) =>
  Object.fromEntries(rows.filter((r) => r.scope === scope).map((r) => [r.value, r.entries]))

const toThemes = (rows: FigureRow[]): ThemeFigure[] =>
  rows
    .filter((r) => r.scope === 'theme')
    .map((r) => ({ code: r.value, entries: r.entries, items: r.items }))
    .sort((a, b) => b.entries - a.entries || (a.code < b.code ? -1 : 1))

/** Published entries by theme and by base or theme database, most first. */
export const getThemes = (db: Db) => keep('themes', db, () => readThemes(db))

async function readThemes(db: Db): Promise<{ themes: ThemeFigure[]; databases: ThemeFigure[] }> {
  const rows = await selectFigures(db, 0)
  return {
    themes: toThemes(rows),
    databases: toThemes(rows.map((r) => ({ ...r, scope: r.scope === 'database' ? 'theme' : 'other' }))),
  }
}

/** What a body has published itself (not the bodies below it). @throws not_found */
export async function getBodyFigures(db: Db, code: string): Promise<BodyFigures> {
  const { byCode, byId } = await bodiesWith(db, [code])
  const id = byCode.get(code)
  if (id === undefined) throw notFound(`The body ${code}`)
  const rows = await selectFigures(db, id)
  const sum = (member: 'entries' | 'items') =>
    rows.filter((r) => r.scope === 'sharing').reduce((total, r) => total + r[member], 0)
  return {
    body: byId.get(id)!,
    entries: sum('entries'),
    items: sum('items'),
    sharing: byValue(rows, 'sharing'),
    open: byValue(rows, 'open'),
    themes: toThemes(rows),
  }
}

/** Published entries and items of every body that has some, most first. */
export const getBodiesFigures = (db: Db) => keep('bodies', db, () => readBodiesFigures(db))

async function readBodiesFigures(db: Db) {
  const rows = await selectFiguresByBody(db)
  const { byId } = await bodiesWith(
    db,
    [],
    rows.map((r) => r.organisationId),
  )
  return rows
    .map((r) => ({ body: byId.get(r.organisationId)!, entries: r.entries, items: r.items }))
    .sort((a, b) => b.entries - a.entries || (a.body.code < b.body.code ? -1 : 1))
}
