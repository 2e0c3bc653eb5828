import { once } from 'node:events'
import { chmodSync, createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import copyStreams from 'pg-copy-streams'
import { collectFile } from '../src/collection/index.ts'
import { migrateClickhouse, openClickHouse } from '../src/platform/clickhouse.ts'
import { startEmbeddedPostgres } from '../src/platform/embedded-postgres.ts'
import { startEngine } from '../src/platform/engine.ts'
import { createLogger } from '../src/platform/log.ts'
import { migratePostgres } from '../src/platform/migrate.ts'
import { openPostgres, type Postgres } from '../src/platform/postgres.ts'
import { createOrganisation, systemActor } from '../src/security/index.ts'
import { random } from './corpus.ts'
import { watchMemory } from './process-tree.ts'
import {
  atLeast,
  atMost,
  type BenchOptions,
  type BenchResult,
  type Figures,
  plain,
  ratiosOf,
  say,
} from './result.ts'
import { subjects } from './vocabulary.ts'

/** A CSV file from the disk to a table that can be queried, every value checked; COPY into PostgreSQL beside it. */

const scales = { full: 10_000_000, quick: 1_000_000 } as const
const gigabyte = 1024 ** 3
/** One row in so many has an amount that is none. */
const wrongOneIn = 10_000
const header = 'id,name,district,amount,opened,active,visits,ratio,updated,note'

export async function run({ quick, baseline }: BenchOptions): Promise<BenchResult> {
  const rows = quick ? scales.quick : scales.full
  const folder = mkdtempSync(join(tmpdir(), 'concord-ingest-'))
  chmodSync(folder, 0o755)
  const file = join(folder, 'rows.csv')
  try {
    const bytes = await writeRows(file, rows)
    say(`${rows} rows, ${(bytes / 1e6).toFixed(0)} MB`)
    const log = createLogger('error')
    const server = await startEmbeddedPostgres({ dataDir: folder, log })
    const postgres = openPostgres(server.url, { max: 4, log })
    const engine = await startEngine({ dataDir: folder, name: 'search', log })
    const client = openClickHouse({ url: engine.url })
    try {
      await migratePostgres(postgres.pool)
      await migrateClickhouse(client)
      const actor = systemActor('bench')
      await createOrganisation(postgres.db, actor, { code: 'node', name: 'Node', tier: 'nation' })
      const watch = watchMemory(() => [process.pid, server.pid])
      const started = performance.now()
      const done = await collectFile({ db: postgres.db, engine: client }, actor, { file, table: 'rows' })
      const seconds = (performance.now() - started) / 1000
      const memory = watch?.stop()
      if (done.read !== rows || done.state !== 'loaded')
        throw new Error(`It ended as ${JSON.stringify(done)}.`)
      say(`loaded in ${seconds.toFixed(1)} s, ${done.rejected} rejected`)
      const again = performance.now()
      const same = await collectFile({ db: postgres.db, engine: client }, actor, { file, table: 'rows' })
      if (same.state !== 'unchanged') throw new Error('The same file was loaded again.')
      const unchanged = (performance.now() - again) / 1000
      const copied = baseline ? await copyRows(postgres, file) : undefined
      const figures = {
        rate: atLeast(rows / seconds, 'rows/s', 400_000),
        seconds: plain(seconds, 's'),
        unchanged: plain(unchanged, 's for the same file again'),
        rejected: plain(done.rejected, 'rows'),
        memory_peak: memory ? atMost(memory.peak / gigabyte, 'GB', 1.5) : plain(null, 'GB'),
      }
      const theirs: Figures = copied === undefined ? {} : { rate: plain(rows / copied, 'rows/s') }
      return {
        bench: 'ingest',
        machine: '',
        scale: { rows, columns: 10, bytes },
        figures,
        baseline: { name: 'PostgreSQL 18 COPY, wrong values left out (ON_ERROR ignore)', figures: theirs },
        ratios: ratiosOf(figures, theirs, ['rate'], ['rate']),
        notes: [
          `One row in ${wrongOneIn} has an amount that is none: it is kept as rejected. The file is read twice, first for its checksum.`,
          'Memory: sum of the proportional set sizes of this process, the engine and PostgreSQL, once a second.',
        ],
      }
    } finally {
      await client.close()
      await engine.stop()
      await postgres.close()
      await server.stop()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function writeRows(file: string, rows: number): Promise<number> {
  const out = createWriteStream(file, { highWaterMark: 1 << 20 })
  out.write(`${header}\n`)
  const r = random(1)
  let text = ''
  for (let id = 1; id <= rows; id++) {
    const [zh, en] = subjects[Math.floor(r() * subjects.length)]!
    const amount = id % wrongOneIn === 0 ? 'n/a' : `${Math.floor(r() * 100_000)}.${10 + (id % 90)}`
    const month = 1 + (id % 12)
    const day = `${2000 + (id % 25)}-${month < 10 ? '0' : ''}${month}-${10 + (id % 18)}`
    const note = id % 7 === 0 ? `"${en}, ""${zh}"""` : `${en} ${id % 1000}`
    text += `${id},${zh}${id % 5000},D${id % 300},${amount},${day},${r() < 0.5},${id % 9999},${r().toFixed(6)},${day}T08:${10 + (id % 50)}:00Z,${note}\n`
    if (text.length < 1 << 20) continue
    if (!out.write(text)) await once(out, 'drain')
    text = ''
  }
  out.end(text)
  await once(out, 'close')
  return statSync(file).size
}

/** The same file into a typed table of PostgreSQL. @returns seconds */
async function copyRows({ pool }: Postgres, file: string): Promise<number> {
  const client = await pool.connect()
  try {
    await client.query(`set statement_timeout = 0;
      create table public.copied (id bigint, name text, district text, amount numeric, opened date, active boolean,
        visits bigint, ratio double precision, updated timestamptz, note text)`)
    const started = performance.now()
    await pipeline(
      createReadStream(file, { highWaterMark: 1 << 20 }),
      client.query(
        copyStreams.from(
          'copy public.copied from stdin (format csv, header, on_error ignore, log_verbosity silent)',
        ),
      ),
    )
    return (performance.now() - started) / 1000
  } finally {
    client.release(true)
  }
}
