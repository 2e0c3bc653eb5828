import { ConcordError } from '../platform/errors.ts'
import type { Db } from '../platform/postgres.ts'
import { freshOrganisationTree, subtree } from '../security/index.ts'
import { bodiesWith } from './bodies.ts'
import type { CatalogContext } from './context.ts'
import { countOverdue, selectOverdue } from './update-due.queries.ts'
import { mostCounted, type OverdueList, type OverdueQuery } from './update-due.schema.ts'

/** Entries of the actor's body and below whose data did not change within its cycle, the longest overdue first. */
export async function listOverdue(
  db: Db,
  ctx: CatalogContext,
  { body, limit = 50, cursor }: OverdueQuery,
  now: Date,
): Promise<OverdueList> {
  await freshOrganisationTree(db)
  const own = ctx.actor.organisationId === null ? [] : subtree(ctx.actor.organisationId)
  const asked = body === undefined ? undefined : (await bodiesWith(db, [body])).byCode.get(body)
  const bodies = body === undefined ? own : own.filter((id) => id === asked)
  const rows = await selectOverdue(db, bodies, now, { after: decodeCursor(cursor), limit: limit + 1 })
  const shown = rows.slice(0, limit)
  const { byId } = await bodiesWith(
    db,
    [],
    shown.map((r) => r.organisationId),
  )
  const last = shown.at(-1)
  return {
    items: shown.map(({ id: _, organisationId, ...row }) => ({ ...row, body: byId.get(organisationId)! })),
    next: rows.length > limit && last ? encodeCursor(last) : null,
    total: await totalOf(db, bodies, now),
  }
}

async function totalOf(db: Db, bodies: number[], now: Date): Promise<number> {
  const counts = await countOverdue(db, bodies, null, now, mostCounted)
  return Math.min(
    mostCounted,
    counts.reduce((sum, c) => sum + c.entries, 0),
  )
}

/** How many entries of each body came due since `from`, and how many are overdue there in all. */
export async function overdueByBody(
  db: Db,
  organisationIds: number[],
  from: Date | null,
  until: Date,
): Promise<{ organisationId: number; fresh: number; all: number }[]> {
  const fresh = await countOverdue(db, organisationIds, from, until, mostCounted)
  const bodies = fresh.map((f) => f.organisationId)
  const all = new Map(
    (await countOverdue(db, bodies, null, until, mostCounted)).map((a) => [a.organisationId, a.entries]),
  )
  return fresh.map((f) => ({
    organisationId: f.organisationId,
    fresh: f.entries,
    all: all.get(f.organisationId) ?? f.entries,
  }))
}

const encodeCursor = (row: { updateDue: string; id: number }) =>
  Buffer.from(`${row.updateDue} ${row.id}`).toString('base64url')

function decodeCursor(cursor: string | undefined): { due: string; id: number } | undefined {
  if (cursor === undefined) return undefined
  const text = Buffer.from(cursor, 'base64url').toString('utf8')
  const found = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (\d{1,9})$/.exec(text)
  if (!found || Number.isNaN(Date.parse(found[1]!)))
    throw new ConcordError('invalid_cursor', 'This is not a cursor of this list.')
  return { due: found[1]!, id: Number(found[2]) }
}
