import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type pg from 'pg'
import { startEmbeddedPostgres } from '../src/platform/embedded-postgres.ts'
import { migratePostgres, readMigrations } from '../src/platform/migrate.ts'
import { openPostgres, type Postgres } from '../src/platform/postgres.ts'
import { loadProfile } from '../src/platform/profile.ts'
import { createPerson, findOrganisation, reloadOrganisationTree, systemActor } from '../src/security/index.ts'
import { type Catalogue, createCatalogue, datasetLine, itemLines } from './catalogue-rows.ts'
import { loadEntries } from './generate-load.ts'
import { say } from './result.ts'

/**
 * The generated node: its data folder holds a country with its bodies, a steward of all of them, and the
 * entries. It is kept beside the other temporary files, because making it takes minutes.
 */

/** Raise when the same rows are loaded in another way. */
const generatorVersion = 4
export const benchProfile = 'neutral'
/** Who writes in benches. The node listens on the loopback interface only. */
export const benchLogin = { login: 'bench', password: 'bench-steward-2026' } as const
/** The body above all generated ones. */
const rootBody = { code: 'country', name: 'Council of Ministers' }

/** Rows that stand for all others in the marker. */
const markerEntries = 200

/** What a finished folder holds. */
interface Marker {
  generator: number
  /** Hash of the first rows: another corpus is another folder content. */
  rows: string
  /** Name and checksum of the migrations applied. */
  migrations: Record<string, string>
  entries: number
  items: number
  /** Distinct names of items. */
  names: number
  seconds: number
}

export interface GeneratedNode {
  dataDir: string
  catalogue: Catalogue
  entries: number
  items: number
  names: number
  /** Time that the generation took, now or earlier. */
  seconds: number
}

/** Where the node of a size lives. */
export const benchFolder = (entries: number): string => join(tmpdir(), `concord-bench-${entries}`)

/** The data folder of a node with this many entries; generates it when there is none, or one of another version. */
export async function ensureGenerated(entries: number): Promise<GeneratedNode> {
  const dataDir = benchFolder(entries)
  const catalogue = createCatalogue(loadProfile(benchProfile))
  const rows = sampleHash(catalogue)
  const known = readMarker(dataDir)
  if (known && fits(known, rows))
    say(`Catalogue of ${entries} entries in ${dataDir} (generated earlier in ${Math.round(known.seconds)} s)`)
  const marker = known && fits(known, rows) ? known : await generate(dataDir, catalogue, entries, rows)
  return { dataDir, catalogue, entries, items: marker.items, names: marker.names, seconds: marker.seconds }
}

function sampleHash(catalogue: Catalogue): string {
  const hash = createHash('sha256')
  for (let id = 1; id <= markerEntries; id++) {
    const entry = catalogue.corpus.entry(id)
    hash.update(datasetLine(catalogue, entry) + itemLines(catalogue, entry))
  }
  return hash.digest('hex')
}

/** The program refuses a database with a migration that it does not know or that was changed; new ones it applies. */
function fits(marker: Marker, rows: string): boolean {
  const present = new Map(readMigrations('postgres').map((m) => [m.name, m.checksum]))
  const applied = Object.entries(marker.migrations)
  return (
    marker.generator === generatorVersion &&
    marker.rows === rows &&
    applied.every(([name, checksum]) => present.get(name) === checksum)
  )
}

const markerFile = (dataDir: string) => join(dataDir, 'bench.json')

function readMarker(dataDir: string): Marker | undefined {
  return existsSync(markerFile(dataDir))
    ? (JSON.parse(readFileSync(markerFile(dataDir), 'utf8')) as Marker)
    : undefined
}

/** The server's settings while it loads: a load that is cut off is begun anew, so nothing need survive a power failure. */
const loadSettings = {
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '16GB',
  shared_buffers: '512MB',
  autovacuum: 'off',
}

async function generate(
  dataDir: string,
  catalogue: Catalogue,
  entries: number,
  rows: string,
): Promise<Marker> {
  const started = performance.now()
  const took = () => ((performance.now() - started) / 1000).toFixed(0)
  say(`Generating ${entries} entries in ${dataDir}`)
  rmSync(dataDir, { recursive: true, force: true })
  mkdirSync(dataDir, { recursive: true, mode: 0o755 })
  const log = { info() {}, warn: console.error, error: console.error }
  const server = await startEmbeddedPostgres({ dataDir, log, durable: false, settings: loadSettings })
  const postgres = openPostgres(server.url, { max: 4 })
  let items: number
  let names: number
  try {
    await migratePostgres(postgres.pool)
    await loadCountry(postgres.pool, catalogue)
    await addSteward(postgres, rootBody.code)
    items = await loadEntries(postgres.pool, catalogue, entries)
    say(`${took()} s: loaded; counters and statistics`)
    names = await finish(postgres.pool, entries)
  } finally {
    await postgres.close()
    await server.stop()
  }
  const seconds = (performance.now() - started) / 1000
  const migrations = Object.fromEntries(readMigrations('postgres').map((m) => [m.name, m.checksum]))
  const marker: Marker = { generator: generatorVersion, rows, migrations, entries, items, names, seconds }
  writeFileSync(markerFile(dataDir), JSON.stringify(marker))
  say(`${took()} s: ${entries} entries and ${items} items are there`)
  return marker
}

/** Territories and bodies, with the ids that the corpus gives them. */
async function loadCountry(pool: pg.Pool, { corpus }: Catalogue): Promise<void> {
  const { places, bodies } = corpus.world
  await pool.query(
    `insert into security.division (code, name, translations, parent_code, tier)
     select code, zh, jsonb_build_object('en', jsonb_build_object('name', en)), parent, tier
     from jsonb_to_recordset($1::jsonb) as p (code text, zh text, en text, tier text, parent text)`,
    [JSON.stringify(places)],
  )
  const root = bodies.length + 1
  await pool.query(
    `insert into security.organisation (id, code, name, tier) overriding system value values ($1, $2, $3, 'nation')`,
    [root, rootBody.code, rootBody.name],
  )
  await pool.query(
    `insert into security.organisation (id, code, name, translations, tier, division_code, parent_id)
     overriding system value
     select id, code, zh, jsonb_build_object('en', jsonb_build_object('name', en)), tier, division, coalesce(parent, $2)
     from jsonb_to_recordset($1::jsonb) as b (id int, code text, zh text, en text, tier text, division text, parent int)`,
    [JSON.stringify(bodies), root],
  )
  await pool.query(`select setval(pg_get_serial_sequence('security.organisation', 'id'), $1)`, [root])
}

/** The person who writes in benches, in this body. */
export async function addSteward({ db }: Pick<Postgres, 'db'>, code: string): Promise<void> {
  await reloadOrganisationTree(db)
  const body = (await findOrganisation(db, { code }))!
  await createPerson(db, systemActor('bench'), {
    ...benchLogin,
    name: 'Bench',
    organisationUid: body.uid,
    // Changes of published entries are visible at once only to those who publish without a review.
    roles: ['steward', 'data_office_reviewer'],
  })
}

/** What the triggers and autovacuum would have done. @returns how many distinct item names there are. */
async function finish(pool: pg.Pool, entries: number): Promise<number> {
  const client = await pool.connect()
  try {
    await client.query(`set statement_timeout = 0; set work_mem = '512MB'`)
    await client.query(`select setval(pg_get_serial_sequence('catalog.dataset', 'id'), $1)`, [entries])
    // The same keys that the trigger counts by.
    await client.query(
      `insert into catalog.figure
       select k.organisation_id, k.scope, k.value, count(*), sum(r.item_count)
       from catalog.dataset r cross join lateral catalog.figure_keys(r.organisation_id, r.state, r.sharing_type,
         r.open_type, r.theme, r.database, r.grade, r.published_at) k
       group by 1, 2, 3`,
    )
    await client.query(
      `insert into catalog.change (ordinal, dataset_id, uid, version, kind, at)
       select row_number() over (order by id), id, uid, version, 'create', now()
       from catalog.dataset where state = 'published'`,
    )
    await client.query('vacuum (analyze)')
    const { rows } = await client.query<{ names: number }>(
      'select count(distinct name) as names from catalog.item',
    )
    return rows[0]!.names
  } finally {
    client.release(true)
  }
}
