import type { Db } from '../platform/postgres.ts'
import { listOrganisations, type OrganisationRow, organisationRevision } from '../security/index.ts'
import type { ContentWithIds } from './dataset.queries.ts'
import type { BodyRef, DatasetContent } from './dataset.schema.ts'

/**
 * Bodies by code and by row id, in memory: every entry names one, and 6,000 of them are 2 MB. A code that is not
 * there is looked for in the database at once; a changed name shows after `maxAgeMs`.
 */
export interface Bodies {
  byCode: ReadonlyMap<string, number>
  byId: ReadonlyMap<number, BodyRef>
  /** Row id to code as JSON, for statements that write contents. */
  codesJson: string
}

/** Milliseconds after which it is asked whether a body changed (10 s: nobody waits longer for a new name of a ministry). */
const maxAgeMs = 10_000

interface Cached {
  bodies: Bodies
  revision: number
  checkedAt: number
}
/** One process may work with several databases; a transaction shares the adapter of its connection pool. */
const cache = new WeakMap<object, Cached>()

const toRef = (o: OrganisationRow): BodyRef => ({
  uid: o.uid,
  code: o.code,
  name: o.name,
  translations: o.translations,
  tier: o.tier,
  divisionCode: o.divisionCode ?? null,
})

async function read(db: Db): Promise<Bodies> {
  // Taken before: a change during the reading is seen at the next look.
  const revision = await organisationRevision(db)
  const rows = await listOrganisations(db)
  const bodies: Bodies = {
    byCode: new Map(rows.map((o) => [o.code, o.id])),
    byId: new Map(rows.map((o) => [o.id, toRef(o)])),
    codesJson: JSON.stringify(Object.fromEntries(rows.map((o) => [o.id, o.code]))),
  }
  cache.set(db.getExecutor().adapter, { bodies, revision, checkedAt: Date.now() })
  return bodies
}

/** The bodies, with those of these codes and ids if they exist. */
export async function bodiesWith(
  db: Db,
  codes: Iterable<string>,
  ids: Iterable<number> = [],
): Promise<Bodies> {
  const cached = cache.get(db.getExecutor().adapter)
  if (!cached) return read(db)
  if (Date.now() - cached.checkedAt > maxAgeMs) {
    // Others take what is there meanwhile: reading thousands of bodies for nothing would hold all of them up.
    cached.checkedAt = Date.now()
    if ((await organisationRevision(db)) !== cached.revision) return read(db)
  }
  for (const code of codes) if (!cached.bodies.byCode.has(code)) return read(db)
  for (const id of ids) if (!cached.bodies.byId.has(id)) return read(db)
  return cached.bodies
}

/** The content in the rows of an entry, its bodies by their codes. */
export async function withBodyCodes(db: Db, content: ContentWithIds): Promise<DatasetContent> {
  const items = content.items
  const ids = [content.body, ...(items ?? []).flatMap((i) => i.body ?? [])]
  return withCodes(content, (await bodiesWith(db, [], ids)).byId)
}

/** The same with bodies that are known. */
export function withCodes(content: ContentWithIds, byId: Bodies['byId']): DatasetContent {
  const { items } = content
  const code = (id: number) => byId.get(id)!.code
  const coded = items?.map((i) => (i.body === undefined ? i : { ...i, body: code(i.body) }))
  return {
    ...content,
    body: code(content.body),
    ...(coded ? { items: coded } : {}),
  } as unknown as DatasetContent
}
