import { type ChildProcess, fork, spawn } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startEmbeddedPostgres } from '../src/platform/embedded-postgres.ts'
import { migratePostgres } from '../src/platform/migrate.ts'
import { openPostgres, type Postgres } from '../src/platform/postgres.ts'
import { benchProfile, type GeneratedNode } from './generate.ts'
import { createClient, type HttpClient } from './http-client.ts'
import { say } from './result.ts'

/** A running node on the generated catalogue, used from outside. */

/** A start with the first index of 3,000,000 entries (ms). */
const startLimitMs = 20 * 60_000
/** A stop, with PostgreSQL's last checkpoint (ms). */
const stopLimitMs = 90_000
const pollMs = 500
const root = fileURLToPath(new URL('..', import.meta.url))

export interface RunningNode {
  address: string
  client: HttpClient
  /** `dist` or `src`: what was run. */
  program: string
  /** The first processes: of the node and of its PostgreSQL; all others come from them. */
  pids(): number[]
  /** Runs `concord …` beside the node. */
  command(args: string[]): ChildProcess
  stop(): Promise<void>
}

/** The build where it is newer than every source, else the sources. */
function program(): { folder: 'src' | 'dist'; ending: 'ts' | 'js' } {
  const built = statSync(join(root, 'dist/app.js'), { throwIfNoEntry: false })?.mtimeMs ?? 0
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  const current = sources.every(
    (file) =>
      !file.endsWith('.ts') || file.includes('.test.') || statSync(join(root, 'src', file)).mtimeMs <= built,
  )
  return current ? { folder: 'dist', ending: 'js' } : { folder: 'src', ending: 'ts' }
}

const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })

/** Starts the node of a data folder and waits until this many entries are found. */
export async function startBenchNode(
  { dataDir, entries }: Pick<GeneratedNode, 'dataDir' | 'entries'>,
  more: NodeJS.ProcessEnv = {},
): Promise<RunningNode> {
  const started = performance.now()
  const { folder, ending } = program()
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    CONCORD_DATA: dataDir,
    CONCORD_PROFILE: benchProfile,
    CONCORD_DEMO: 'false',
    CONCORD_PORT: String(await freePort()),
    CONCORD_PUBLIC_URL: '',
    DATABASE_URL: '',
    CLICKHOUSE_URL: '',
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'warn',
    ...more,
  }
  const tsx = ['--import', import.meta.resolve('tsx')]
  const child = fork(fileURLToPath(new URL('node-process.js', import.meta.url)), [folder, ending], {
    env,
    execArgv: ending === 'ts' ? tsx : [],
    serialization: 'advanced',
    stdio: ['ignore', 2, 2, 'ipc'],
  })
  const stop = () => stopChild(child)
  try {
    const address = await addressOf(child)
    const client = createClient(address)
    await allFound(client, entries)
    say(
      `${entries} entries are found, ${((performance.now() - started) / 1000).toFixed(1)} s after the start (${folder})`,
    )
    return {
      address,
      client,
      program: folder,
      pids: () => [child.pid!, postmaster(dataDir)],
      command: (args) =>
        spawn(
          process.execPath,
          [...(ending === 'ts' ? tsx : []), join(root, folder, `main.${ending}`), ...args],
          {
            env,
            stdio: ['ignore', 'pipe', 2],
          },
        ),
      stop: async () => {
        client.close()
        await stop()
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}

const postmaster = (dataDir: string) =>
  Number(readFileSync(join(dataDir, 'postgres/postmaster.pid'), 'utf8').split('\n')[0])

/** The address that the child says it listens at. */
function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error('The node did not start in time.')), startLimitMs)
    child.once('exit', (code, signal) => reject(new Error(`The node ended with ${signal ?? code}.`)))
    child.on('message', (message: { concord: string; payload: unknown }) => {
      if (message.concord === 'failed') reject(new Error(String(message.payload)))
      if (message.concord !== 'ready') return
      clearTimeout(limit)
      resolve((message.payload as { address: string }).address)
    })
  })
}

/** Waits until the search finds every entry. */
async function allFound(client: HttpClient, entries: number): Promise<void> {
  let told = 0
  for (const end = performance.now() + startLimitMs; ; ) {
    const { status, body } = await client.send('GET', '/api/v1/search?limit=0&facets=false')
    const total = status === 200 ? (JSON.parse(body.toString('utf8')) as { total: number }).total : 0
    if (total >= entries) return
    if (performance.now() > end)
      throw new Error(`The index holds ${total} of ${entries} entries (${status}).`)
    if (told++ % 60 === 0) say(`waiting for the index: ${total} of ${entries} entries`)
    await sleep(pollMs)
  }
}

/** Asks the node to stop in good order; a node that does not is killed. */
function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    const limit = setTimeout(() => child.kill('SIGKILL'), stopLimitMs)
    child.once('exit', () => {
      clearTimeout(limit)
      resolve()
    })
    child.kill('SIGTERM')
  })
}

/** A database of its own in a folder, without a node. */
export async function withPostgres<T>(dataDir: string, work: (postgres: Postgres) => Promise<T>): Promise<T> {
  const log = { info() {}, warn: console.error, error: console.error }
  const server = await startEmbeddedPostgres({ dataDir, log })
  const postgres = openPostgres(server.url, { max: 8 })
  try {
    await migratePostgres(postgres.pool)
    return await work(postgres)
  } finally {
    await postgres.close()
    await server.stop()
  }
}
