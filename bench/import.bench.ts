import { once } from 'node:events'
import { createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { importFile } from '../src/harvest/index.ts'
import { startEmbeddedPostgres } from '../src/platform/embedded-postgres.ts'
import { migratePostgres } from '../src/platform/migrate.ts'
import { openPostgres, type Postgres } from '../src/platform/postgres.ts'
import { loadProfile } from '../src/platform/profile.ts'
import { random } from './corpus.ts'
import { atLeast, atMost, type BenchOptions, type BenchResult, machine, plain, say } from './result.ts'
import { kinds, subjects } from './vocabulary.ts'

/** Packages of the large and the small dump; the memory of both is compared. */
const scales = { full: [300_000, 10_000], quick: [20_000, 2_000] } as const
/** Milliseconds between two looks at the memory. */
const sampleMs = 50
/** MB that a collector's idle heap may differ by; the identifiers of 300,000 records take 12. */
const flatMb = 150

/** A CKAN dump of `count` packages: the same bytes for the same count. Gives its size in bytes. */
export async function writeDump(file: string, count: number): Promise<number> {
  const out = createWriteStream(file, { highWaterMark: 1 << 20 })
  out.write(`{"help": "", "success": true, "result": {"count": ${count}, "results": [\n`)
  for (let i = 0; i < count; i++) {
    const line = JSON.stringify(packageOf(i))
    if (!out.write(i === 0 ? line : `,\n${line}`)) await once(out, 'drain')
  }
  out.end(']}}')
  await once(out, 'close')
  return statSync(file).size
}

const pad = (i: number) => i.toString(16).padStart(12, '0')

function packageOf(i: number): Record<string, unknown> {
  const r = random(i + 1)
  const pick = <T>(list: readonly T[]) => list[Math.floor(r() * list.length)]!
  const [zh, en] = pick(subjects)
  const [kindZh, kindEn] = pick(kinds)
  const year = 2005 + Math.floor(r() * 20)
  const sentences = Array.from({ length: 3 + Math.floor(r() * 5) }, () => {
    const [a, b] = pick(subjects)
    return `本数据集按月汇总${a}与${zh}的办理情况，供各部门共享使用；records of ${b} are joined by ${en}.`
  })
  const date = `${year}-0${1 + Math.floor(r() * 9)}-1${Math.floor(r() * 9)}T08:30:00.${100000 + i}`
  return {
    author: `${zh}管理处`,
    author_email: `data-${i % 500}@agency.example`,
    creator_user_id: `00000000-0000-4000-9000-${pad(i % 977)}`,
    id: `00000000-0000-4000-8000-${pad(i)}`,
    isopen: true,
    license_id: 'cc-by',
    license_title: 'Creative Commons Attribution',
    license_url: 'http://www.opendefinition.org/licenses/cc-by',
    maintainer: '',
    maintainer_email: '',
    metadata_created: date,
    metadata_modified: date,
    name: `dataset-${i}`,
    notes: `<p>${sentences.join('</p>\r\n<p>')}</p>`,
    num_resources: 2,
    num_tags: 5,
    organization: {
      id: `00000000-0000-4000-a000-${pad(i % 300)}`,
      name: `agency-${i % 300}`,
      title: `${zh}局`,
      type: 'organization',
      state: 'active',
    },
    owner_org: `00000000-0000-4000-a000-${pad(i % 300)}`,
    private: false,
    state: 'active',
    title: `${zh}${kindZh}（${year}）${en} ${kindEn} ${i}`,
    type: 'dataset',
    url: `https://data.example/dataset/${i}`,
    version: '',
    extras: [
      { key: 'frequency', value: pick(['monthly', 'yearly', 'R/P1D', '不定期']) },
      { key: 'spatial_text', value: `${zh}区` },
    ],
    groups: [{ name: en, display_name: zh }],
    resources: [0, 1].map((n) => ({
      id: `00000000-0000-4000-b000-${pad(i * 2 + n)}`,
      package_id: `00000000-0000-4000-8000-${pad(i)}`,
      name: `${zh}${kindZh} ${year} ${n}`,
      description: `${en} ${kindEn} as ${n ? 'JSON' : 'CSV'}`,
      format: n ? 'JSON' : 'CSV',
      mimetype: n ? 'application/json' : 'text/csv',
      created: date,
      last_modified: date,
      position: n,
      size: Math.floor(r() * 10_000_000),
      state: 'active',
      url: `https://data.example/files/${i}/${n}`,
      url_type: null,
    })),
    tags: Array.from({ length: 5 }, () => ({ name: pick(subjects)[n(r)], state: 'active' })),
  }
}

const n = (r: () => number) => (r() < 0.5 ? 0 : 1)

interface Measured {
  seconds: number
  perSecond: number
  /** Largest resident memory of this process, MB. */
  peakMb: number
  processorMs: number
  counts: Awaited<ReturnType<typeof importFile>>
}

async function measure(postgres: Postgres, file: string, source: string): Promise<Measured> {
  globalThis.gc?.()
  let peak = 0
  const look = () => {
    peak = Math.max(peak, process.memoryUsage().rss)
  }
  const timer = setInterval(look, sampleMs)
  const started = performance.now()
  const before = process.cpuUsage()
  let told = 0
  try {
    const counts = await importFile({
      db: postgres.db,
      profile: loadProfile('neutral'),
      file,
      format: 'ckan',
      source,
      onProgress: ({ counts: c }) => {
        if (c.read - told < 20_000) return
        told = c.read
        say(`${c.read} records, ${Math.round(c.read / ((performance.now() - started) / 1000))}/s`)
      },
    })
    if (counts.state !== 'done')
      throw new Error(`The import ended as ${counts.state}: ${counts.error?.message}`)
    const seconds = (performance.now() - started) / 1000
    look()
    const { user, system } = process.cpuUsage(before)
    return {
      seconds,
      perSecond: counts.read / seconds,
      peakMb: peak / 1024 / 1024,
      processorMs: (user + system) / 1_000,
      counts,
    }
  } finally {
    clearInterval(timer)
  }
}

/** Import of a CKAN dump into a fresh embedded database with its durable settings; then the same file again. */
export async function run({ quick }: Pick<BenchOptions, 'quick'>): Promise<BenchResult> {
  const [large, small] = scales[quick ? 'quick' : 'full']
  const folder = mkdtempSync(join(tmpdir(), 'concord-bench-'))
  await chmod(folder, 0o755)
  const log = { info() {}, warn: console.error, error: console.error }
  const server = await startEmbeddedPostgres({ dataDir: join(folder, 'data'), log })
  const postgres = openPostgres(server.url, { max: 8 })
  try {
    await migratePostgres(postgres.pool)
    const files = { small: join(folder, 'small.json'), large: join(folder, 'large.json') }
    await writeDump(files.small, small)
    const bytes = await writeDump(files.large, large)
    say(`${large} packages, ${Math.round(bytes / 1024 / 1024)} MB`)
    const first = await measure(postgres, files.small, 'small')
    const second = await measure(postgres, files.large, 'large')
    const again = await measure(postgres, files.large, 'large')
    for (const [got, wanted] of [
      [second.counts.added, large],
      [again.counts.unchanged, large],
    ] as const)
      if (got !== wanted) throw new Error(`${got} records came out as they should, not ${wanted}.`)
    return {
      bench: 'import',
      machine: machine(),
      scale: { packages: large, bytes },
      figures: {
        import_rate: atLeast(second.perSecond, 'entries/s', 3_000),
        import_processor: plain(second.processorMs / large, 'ms of this process per entry'),
        memory_growth: atMost(second.peakMb - first.peakMb, `MB more for ${large} than for ${small}`, flatMb),
        memory_peak: plain(second.peakMb, 'MB'),
        unchanged_time: atMost(again.seconds, 's', 60 * (large / 300_000)),
        unchanged_rate: plain(again.perSecond, 'entries/s'),
      },
      baseline: { name: 'none', figures: {} },
      ratios: {},
    }
  } finally {
    await postgres.close()
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}
