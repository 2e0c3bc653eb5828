import { type Db, sql } from '../platform/postgres.ts'
import type { Profile } from '../platform/profile.ts'
import { bitOf, type Check, type CheckId, checksOf, type Dimension, dimensions } from './check.ts'
import { knownFormats, machineFormats, openFormats } from './vocabulary.ts'

/**
 * Scores of entries, computed by PostgreSQL from the rows of the catalogue in one expression (`scores`): the same for
 * one entry, for those that changed and for all. `d` is the entry, `i` what its items are like, `o` what was observed.
 */
type Sql = ReturnType<typeof sql>

/** Bytes of an abstract that says something: two short sentences; a Han character has three bytes. */
const minAbstractBytes = 120
const minKeywords = 2

/** True where a list of files has one that fits the filter of a JSON path. */
const someFile = (filter: string) => sql`d.distributions @? ${sql.lit(`$[*] ? (${filter})`)}::jsonpath`
const noFile = sql`d.distributions = '[]'`
const onlyServices = sql`(${noFile} and d.services <> '[]')`
const hasAccess = sql`(${someFile('exists(@.accessUrl) || exists(@.downloadUrl)')}
  or d.services @? '$[*] ? (exists(@.endpointUrl))')`
const hasDownload = someFile('exists(@.downloadUrl)')
const mayDownload = sql`(d.open_type <> 'not_open' or ${hasDownload})`
const textArray = (values: readonly string[]) => sql`${sql.lit(`{${values.join(',')}}`)}::text[]`

/** What must hold for a check to be passed. */
function conditions({ coverage, review }: Profile): Record<CheckId, Sql> {
  const licences = `^(${coverage.licences.map((l) => l.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')).join('|')})`
  return {
    keyword: sql`cardinality(d.keyword) >= ${sql.lit(minKeywords)}`,
    theme: sql`d.theme <> '{}'`,
    spatial: sql`d.spatial <> '{}'`,
    temporal: sql`d.temporal_start is not null or d.temporal_end is not null`,
    accessReachable: sql`o.access_ok and o.links = d.links`,
    downloadUrl: hasDownload,
    downloadReachable: sql`o.download_ok and o.links = d.links`,
    format: sql`d.format <> '{}' and not ${someFile('!exists(@.format) && !exists(@.mediaType)')}`,
    mediaType: sql`not ${noFile} and not ${someFile('!exists(@.mediaType)')}`,
    formatVocabulary: sql`d.format <> '{}' and d.format <@ ${textArray(knownFormats)}`,
    nonProprietary: sql`d.format && ${textArray(openFormats)}`,
    machineReadable: sql`d.format && ${textArray(machineFormats)}`,
    dcatConformity: sql`o.conforms`,
    license: sql`d.license is not null or ${someFile('exists(@.license)')}`,
    licenseVocabulary: sql`coalesce(d.license, d.distributions #>> '{0,license}') ~* ${sql.lit(licences)}`,
    accessRights: sql`(d.sharing_type <> 'conditional' or d.sharing_scope is not null or d.sharing_condition is not null)
      and (d.open_type <> 'conditional' or d.open_condition is not null)`,
    accessRightsVocabulary: sql`d.sharing_type <> 'conditional' or d.sharing_condition is not null`,
    contact: sql`d.contact ?| array['email', 'phone', 'url']`,
    publisher: sql`d.organisation_id is not null`,
    rights: sql`coalesce(d.sharing_scope, d.refusal_basis, d.open_condition, d.license) is not null
      or ${someFile('exists(@.license)')}`,
    byteSize: someFile('exists(@.byteSize)'),
    issued: sql`d.issued is not null`,
    modified: sql`d.modified is not null`,
    abstract: sql`octet_length(d.abstract) >= ${sql.lit(minAbstractBytes)}`,
    items: sql`d.item_count > 0`,
    itemTypes: sql`i.typed = d.item_count`,
    itemDescriptions: sql`i.described = d.item_count`,
    // As the gate of a publication has it: under some profiles an item without a grade has that of its entry.
    graded: review.entryGradeCounts
      ? sql`d.grade is not null`
      : sql`d.grade is not null and coalesce(i.graded, 0) = d.item_count`,
    sharingBasis: sql`(d.sharing_type <> 'conditional' or d.sharing_scope is not null)
      and (d.sharing_type <> 'not_shared' or d.refusal_basis is not null) and coalesce(i.unfounded, 0) = 0`,
    duty: sql`d.duty is not null or d.service_matter is not null`,
    dataElement: sql`i.standard = d.item_count`,
    resourceCode: sql`d.resource_code <> '{}'`,
    translation: sql`d.translations <> '{}'`,
    mounted: sql`not ${noFile} or d.services <> '[]'`,
    shared: sql`d.sharing_type in ('unconditional', 'conditional')`,
    opened: sql`d.open_type in ('unconditional', 'conditional')`,
  }
}

/** When a check can be judged; the others always can. What cannot be judged does not count against an entry. */
const judged: Partial<Record<CheckId, Sql>> = {
  // Without an address there is nothing to wait for.
  accessReachable: sql`not ${hasAccess} or (o.access_ok is not null and o.links = d.links)`,
  // Data that is not open need not be downloaded, nor licensed.
  downloadUrl: mayDownload,
  downloadReachable: sql`${mayDownload} and (not ${hasDownload} or (o.download_ok is not null and o.links = d.links))`,
  mediaType: sql`not ${onlyServices}`,
  byteSize: sql`not ${onlyServices}`,
  dcatConformity: sql`o.conforms_version = d.version`,
  license: sql`d.open_type <> 'not_open'`,
  licenseVocabulary: sql`d.open_type <> 'not_open'`,
}

const mask = (parts: [CheckId, Sql][]) =>
  sql.join(
    parts.map(([id, condition]) => sql`(((${condition}) is true)::int::bigint << ${sql.lit(bitOf(id))})`),
    sql` | `,
  )

/** Sum of the points of these checks whose bit is set. */
function pointsIn(bits: Sql, checks: Check[]): Sql {
  const worth = checks.filter((c) => c.points > 0)
  if (worth.length === 0) return sql`0`
  return sql.join(
    worth.map((c) => sql`((${bits} >> ${sql.lit(c.bit)}) & 1) * ${sql.lit(c.points)}`),
    sql` + `,
  )
}

const columns = [
  'dataset_id',
  'organisation_id',
  'passed',
  'measured',
  ...dimensions,
  'points',
  'possible',
  'rating',
  'due_at',
  'links',
  'links_due',
]
const columnList = sql.join(columns.map((c) => sql.ref(c)))

/**
 * The rows of `coverage.entry_score` of the entries that a condition on `id` names. `offset 0` keeps PostgreSQL from
 * merging the levels: it would compute every bit again wherever it is used.
 */
function scores(profile: Profile, which: (id: Sql) => Sql, states: Sql): Sql {
  const checks = checksOf(profile)
  const holds = conditions(profile)
  const always = checks.filter((c) => !judged[c.id]).reduce((sum, c) => sum + 2n ** BigInt(c.bit), 0n)
  const measured = sql`${sql.lit(String(always))}::bigint | ${mask(Object.entries(judged) as [CheckId, Sql][])}`
  const points = (d: Dimension) =>
    pointsIn(
      sql`b.passed`,
      checks.filter((c) => c.dimension === d),
    )
  const { ratings } = profile.coverage
  const rating = sql.join(
    ratings.map((r, n) => sql`when p.points >= ${sql.lit(r.from)} * p.possible then ${sql.lit(n)}`),
    sql` `,
  )
  return sql`
    select p.dataset_id, p.organisation_id, p.passed, p.measured, ${sql.join(dimensions.map((d) => sql.ref(`p.${d}`)))},
      p.points, p.possible, case ${rating} end as rating, p.due_at, p.links, p.links_due
    from (
      select b.*, ${sql.join(dimensions.map((d) => sql.ref(`s.${d}`)))},
        ${sql.join(
          dimensions.map((d) => sql.ref(`s.${d}`)),
          sql` + `,
        )} as points, ${pointsIn(sql`b.measured`, checks)} as possible
      from (
        select d.id as dataset_id, d.organisation_id, m.measured,
          m.measured & (${mask(checks.map((c) => [c.id, holds[c.id]]))}) as passed,
          catalog.update_due(d.update_cycle, d.modified, d.published_at) as due_at,
          d.links, d.links is not null and o.links is distinct from d.links as links_due
        from (
          select *, case when distributions <> '[]' or services <> '[]'
            then hashtextextended(distributions::text || services::text, 0) end as links
          from catalog.dataset where ${which(sql`id`)} and ${states}
          offset 0
        ) d
        left join (
          select dataset_id, count(data_type) as typed, count(description) as described, count(grade) as graded,
            count(data_element) as standard,
            count(*) filter (where sharing_type = 'not_shared' and refusal_basis is null) as unfounded
          from catalog.item where ${which(sql`dataset_id`)} group by dataset_id
        ) i on i.dataset_id = d.id
        left join coverage.observation o on o.dataset_id = d.id
        cross join lateral (select ${measured} as measured offset 0) m
        offset 0
      ) b
      cross join lateral (select ${sql.join(
        dimensions.map((d) => sql`(${points(d)})::smallint as ${sql.ref(d)}`),
      )} offset 0) s
      offset 0
    ) p`
}

const published = sql`state = 'published'`

/** A score as it is stored. */
export interface ScoreRow {
  passed: number
  measured: number
  points: number
  possible: number
  rating: number
  dueAt: string | null
}

/** The score of one entry as its rows are now, whatever its state. */
export async function selectScore(db: Db, profile: Profile, id: number): Promise<ScoreRow | undefined> {
  const { rows } = await sql<ScoreRow>`
    select passed, measured, points, possible, rating, due_at as "dueAt"
    from (${scores(profile, (column) => sql`${column} = ${id}`, sql`true`)}) s`.execute(db)
  return rows[0]
}

/** Scores these entries anew; those that are not published any more have none. */
export async function upsertScores(db: Db, profile: Profile, ids: number[]): Promise<void> {
  await sql`
    with gone as (
      delete from coverage.entry_score s where dataset_id = any(${ids}::int[])
        and not exists (select from catalog.dataset d where d.id = s.dataset_id and d.state = 'published')
    )
    insert into coverage.entry_score (${columnList})
    ${scores(profile, (column) => sql`${column} = any(${ids}::int[])`, published)}
    on conflict (dataset_id) do update set ${sql.join(
      columns.slice(1).map((c) => sql`${sql.ref(c)} = ${sql.ref(`excluded.${c}`)}`),
    )}`.execute(db)
}

/** An empty table beside the present one. Its indexes are made when it is full. */
export async function createNextScores(db: Db): Promise<void> {
  await sql`drop table if exists coverage.entry_score_next`.execute(db)
  await sql`create table coverage.entry_score_next (like coverage.entry_score including defaults including constraints)`.execute(
    db,
  )
}

/** Scores the entries of an id range, `to` not included, into the table beside. @returns how many there are. */
export async function insertNextScores(db: Db, profile: Profile, from: number, to: number): Promise<number> {
  const range = (column: Sql) => sql`${column} >= ${sql.lit(from)} and ${column} < ${sql.lit(to)}`
  const { numAffectedRows } = await sql`
    insert into coverage.entry_score_next (${columnList}) ${scores(profile, range, published)}`.execute(db)
  return Number(numAffectedRows ?? 0n)
}

/** Puts the new table in the place of the old one; readers wait for a moment, at most `lockMs`. */
export async function swapScores(tx: Db, lockMs: number): Promise<void> {
  await sql`set local statement_timeout = 0`.execute(tx)
  await sql`alter table coverage.entry_score_next add primary key (dataset_id)`.execute(tx)
  await sql`create index on coverage.entry_score_next (organisation_id, dataset_id)`.execute(tx)
  await sql`create index on coverage.entry_score_next (dataset_id) where links_due`.execute(tx)
  await sql`analyze coverage.entry_score_next`.execute(tx)
  await sql`set local lock_timeout = ${sql.lit(`${lockMs}ms`)}`.execute(tx)
  await sql`drop table coverage.entry_score`.execute(tx)
  await sql`alter table coverage.entry_score_next rename to entry_score`.execute(tx)
}
