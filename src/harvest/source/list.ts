import { notFound } from '../../platform/errors.ts'
import type { Db } from '../../platform/postgres.ts'
import { type Actor, authorize, listOrganisations, subtree } from '../../security/index.ts'
import { selectLastRuns } from './run.queries.ts'
import { toRun } from './run-view.ts'
import { type SourceFilter, type SourceRow, selectSource, selectSources } from './source.queries.ts'
import type { Source } from './source.schema.ts'
import { wordQuery } from './words.ts'

/** The source as policies ask for it. One of the registry belongs to nobody: everybody who keeps sources may read it. */
export const sourceObject = (source: Pick<SourceRow, 'organisationId'>) =>
  source.organisationId === null ? undefined : { kind: 'source', organisationId: source.organisationId }

export async function findSource(
  db: Db,
  actor: Actor,
  uid: string,
  action: string,
  lock = false,
): Promise<SourceRow> {
  const source = await selectSource(db, uid, lock)
  if (!source) throw notFound('The source')
  authorize(actor, action, sourceObject(source))
  return source
}

export async function getSource(db: Db, actor: Actor, uid: string): Promise<Source> {
  return toSource(db, await findSource(db, actor, uid, 'source:read'))
}

export interface SourceQuery {
  registry?: boolean
  q?: string
  kind?: SourceFilter['kind']
  country?: string
  level?: number
  active?: boolean
  problems?: boolean
  cursor?: { attention: number; name: string }
  limit?: number
}
const defaultLimit = 50

/** Sources of the actor's body and those below it, problems first; or the registry, by name. */
export async function listSources(db: Db, actor: Actor, query: SourceQuery) {
  authorize(actor, 'source:read')
  const { limit = defaultLimit, registry, q, cursor, ...filter } = query
  const words = q === undefined ? undefined : wordQuery(q)
  if (words === '') return { items: [], next: null }
  const seesAll = actor.organisationId === null || actor.roles.includes('system_admin')
  const organisationIds = seesAll ? null : subtree(actor.organisationId!)
  const rows = await selectSources(db, {
    ...filter,
    words,
    of: registry ? 'registry' : { organisationIds },
    after: cursor,
    limit: limit + 1,
  })
  const items = await toSources(db, rows.slice(0, limit))
  const last = rows[limit - 1]
  return { items, next: rows.length > limit ? { attention: last!.attention, name: last!.name } : null }
}

export const toSource = async (db: Db, row: SourceRow): Promise<Source> => (await toSources(db, [row]))[0]!

async function toSources(db: Db, rows: SourceRow[]): Promise<Source[]> {
  const codes = new Map((await listOrganisations(db)).map((o) => [o.id, o.code]))
  const runs = await selectLastRuns(
    db,
    rows.flatMap((r) => r.lastRunId ?? []),
  )
  return rows.map((row) => {
    const { id: _, organisationId, validators: __, lastRunId, lastState: ___, attention: ____, ...rest } = row
    const run = lastRunId === null ? undefined : runs.get(lastRunId)
    return {
      ...rest,
      organisation: organisationId === null ? null : (codes.get(organisationId) ?? null),
      lastRun: run ? toRun(run) : null,
    }
  })
}
