import { type Db, sql } from '../../platform/postgres.ts'
import type { ImportState } from '../import.queries.ts'
import type { Mapping } from '../mapping.schema.ts'
import type { SourceKind, SourceLimits } from './source.schema.ts'

export interface SourceRow {
  id: number
  uid: string
  name: string
  title: string
  kind: SourceKind | null
  url: string
  filter: string | null
  mapping: Mapping | null
  body: string | null
  publish: boolean
  copyBodies: boolean
  schedule: string
  active: boolean
  limits: SourceLimits
  guardShare: number
  guardCount: number | null
  organisationId: number | null
  hasToken: boolean
  validators: unknown
  cleanAt: string | null
  fullAt: string | null
  nextRunAt: string | null
  lastRunId: number | null
  lastState: ImportState | null
  attention: number
  country: string | null
  level: number | null
  software: string | null
  version: number
  createdAt: string
  changedAt: string
  changedBy: string
}

const columns = sql`id, uid, name, title, kind, url, filter, mapping, body, publish, copy_bodies as "copyBodies", schedule, active, limits,
  guard_share as "guardShare", guard_count as "guardCount", organisation_id as "organisationId",
  token is not null as "hasToken", validators, clean_at as "cleanAt", full_at as "fullAt", next_run_at as "nextRunAt",
  last_run_id as "lastRunId", last_state as "lastState", attention, country, level, software, version,
  created_at as "createdAt", changed_at as "changedAt", changed_by_name as "changedBy"`

/** The members that a person sets. */
export type SourceSettings = Pick<
  SourceRow,
  | 'title'
  | 'kind'
  | 'url'
  | 'filter'
  | 'mapping'
  | 'body'
  | 'publish'
  | 'copyBodies'
  | 'schedule'
  | 'active'
  | 'limits'
  | 'guardShare'
  | 'guardCount'
>

export async function selectSource(db: Db, uid: string, lock = false): Promise<SourceRow | undefined> {
  const { rows } = await sql<SourceRow>`
    select ${columns} from harvest.source where uid = ${uid} ${lock ? sql`for update` : sql``}`.execute(db)
  return rows[0]
}

export async function selectSourceByName(db: Db, name: string): Promise<SourceRow | undefined> {
  const { rows } = await sql<SourceRow>`select ${columns} from harvest.source where name = ${name}`.execute(
    db,
  )
  return rows[0]
}

export async function selectSourceById(db: Db, id: number): Promise<SourceRow | undefined> {
  const { rows } = await sql<SourceRow>`select ${columns} from harvest.source where id = ${id}`.execute(db)
  return rows[0]
}

export interface SourceFilter {
  /** Own sources of these bodies (null: of all), or the registry. */
  of: { organisationIds: number[] | null } | 'registry'
  words?: string
  kind?: SourceKind | 'none'
  country?: string
  level?: number
  active?: boolean
  /** Only where something is wrong or waits. */
  problems?: boolean
  after?: { attention: number; name: string }
  limit: number
}

/**
 * Own sources, problems first, or the registry by name. Own sources: an index scan in order, hundreds of rows at most. The
 * registry: 19,140 rows; words by GIN index, else in the order of the index until the page is full.
 */
export async function selectSources(db: Db, f: SourceFilter): Promise<SourceRow[]> {
  const registry = f.of === 'registry'
  const own =
    f.of === 'registry'
      ? sql`organisation_id is null`
      : f.of.organisationIds === null
        ? sql`organisation_id is not null`
        : sql`organisation_id = any(${f.of.organisationIds}::int[])`
  const { rows } = await sql<SourceRow>`
    select ${columns} from harvest.source where ${own}
      ${f.words ? sql`and words @@ ${f.words}::tsquery` : sql``}
      ${f.kind === undefined ? sql`` : f.kind === 'none' ? sql`and kind is null` : sql`and kind = ${f.kind}`}
      ${f.country === undefined ? sql`` : sql`and country = ${f.country}`}
      ${f.level === undefined ? sql`` : sql`and level = ${f.level}`}
      ${f.active === undefined ? sql`` : sql`and active = ${f.active}`}
      ${f.problems ? sql`and attention < 2` : sql``}
      ${
        f.after === undefined
          ? sql``
          : registry
            ? sql`and name > ${f.after.name}`
            : sql`and (attention, name) > (${f.after.attention}, ${f.after.name})`
      }
    order by ${registry ? sql`name` : sql`attention, name`} limit ${f.limit}`.execute(db)
  return rows
}

export async function insertSource(
  db: Db,
  source: SourceSettings & {
    name: string
    organisationId: number
    token: Buffer | null
    nextRunAt: Date | null
    words: string[]
    by: string
  },
): Promise<SourceRow> {
  const { rows } = await sql<SourceRow>`
    insert into harvest.source (name, title, kind, url, filter, mapping, body, publish, copy_bodies, schedule, active, limits,
      guard_share, guard_count, organisation_id, token, next_run_at, words, changed_by_name)
    values (${source.name}, ${source.title}, ${source.kind}, ${source.url}, ${source.filter},
      ${source.mapping && JSON.stringify(source.mapping)}::jsonb, ${source.body}, ${source.publish}, ${source.copyBodies},
      ${source.schedule},
      ${source.active}, ${JSON.stringify(source.limits)}::jsonb, ${source.guardShare}, ${source.guardCount},
      ${source.organisationId}, ${source.token}, ${source.nextRunAt}, array_to_tsvector(${source.words}::text[]),
      ${source.by})
    returning ${columns}`.execute(db)
  return rows[0]!
}

/** Writes settings; a token stays where none is given, null takes it away. What was remembered of another address is forgotten. */
export async function updateSource(
  db: Db,
  id: number,
  change: SourceSettings & {
    organisationId: number
    token?: Buffer | null
    nextRunAt: Date | null
    words: string[]
    by: string
    otherAddress: boolean
  },
): Promise<SourceRow> {
  const { rows } = await sql<SourceRow>`
    update harvest.source set title = ${change.title}, kind = ${change.kind}, url = ${change.url}, filter = ${change.filter},
      mapping = ${change.mapping && JSON.stringify(change.mapping)}::jsonb, body = ${change.body},
      publish = ${change.publish}, copy_bodies = ${change.copyBodies}, schedule = ${change.schedule}, active = ${change.active},
      limits = ${JSON.stringify(change.limits)}::jsonb, guard_share = ${change.guardShare},
      guard_count = ${change.guardCount}, organisation_id = ${change.organisationId},
      next_run_at = ${change.nextRunAt}, words = array_to_tsvector(${change.words}::text[]),
      ${change.token === undefined ? sql`` : sql`token = ${change.token},`}
      ${change.otherAddress ? sql`validators = null, clean_at = null, full_at = null,` : sql``}
      version = version + 1, changed_at = now(), changed_by_name = ${change.by}
    where id = ${id} returning ${columns}`.execute(db)
  return rows[0]!
}

export async function deleteSource(db: Db, id: number): Promise<void> {
  await sql`delete from harvest.source where id = ${id}`.execute(db)
}

export async function selectToken(db: Db, id: number): Promise<Buffer | null> {
  const { rows } = await sql<{ token: Buffer | null }>`
    select token from harvest.source where id = ${id}`.execute(db)
  return rows[0]?.token ?? null
}

/** Keeps what the next run builds on. */
export async function rememberClean(
  db: Db,
  id: number,
  clean: { cleanAt: string; full: boolean; validators: unknown },
): Promise<void> {
  await sql`update harvest.source set clean_at = ${clean.cleanAt},
      full_at = ${clean.full ? clean.cleanAt : sql`full_at`},
      validators = coalesce(${clean.validators == null ? null : JSON.stringify(clean.validators)}::jsonb, validators)
    where id = ${id}`.execute(db)
}

/** Sources whose time has come, locked: of two nodes each gets others. */
export async function lockDueSources(db: Db, now: Date, limit: number): Promise<SourceRow[]> {
  const { rows } = await sql<SourceRow>`
    select ${columns} from harvest.source where active and next_run_at <= ${now}
    order by next_run_at limit ${limit} for update skip locked`.execute(db)
  return rows
}

export async function updateNextRun(db: Db, id: number, at: Date | null): Promise<void> {
  await sql`update harvest.source set next_run_at = ${at} where id = ${id}`.execute(db)
}

/** Active sources that are followed continuously. */
export async function selectContinuous(db: Db): Promise<{ id: number }[]> {
  const { rows } = await sql<{ id: number }>`
    select id from harvest.source where active and schedule = 'continuous' and organisation_id is not null
    order by id limit 1000`.execute(db)
  return rows
}
