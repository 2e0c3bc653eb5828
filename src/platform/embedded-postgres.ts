import { type ChildProcess, spawn } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { commandOf, freePort, isAlive, readText, takeLease, withLock } from './embedded-lease.ts'
import {
  explain,
  handOver,
  initialise,
  type PostgresFiles,
  postgresFiles,
  reachableBinaries,
  type ServerUser,
  serverUser,
} from './embedded-postgres-files.ts'
import { serverSettings } from './embedded-postgres-settings.ts'
import type { Logger } from './log.ts'

export interface EmbeddedPostgresOptions {
  /** Everything of it lives here: `postgres/`, its log, port and password files. */
  dataDir: string
  log: Pick<Logger, 'info' | 'warn' | 'error'>
  /** False for tests only: fast, and a power failure may destroy the data. */
  durable?: boolean
  /** Server settings on top of ours, e.g. `{ max_connections: '200' }`. */
  settings?: Record<string, string>
}

export interface EmbeddedPostgres {
  /** `postgres://…@127.0.0.1:port/concord`, with the password. */
  url: string
  port: number
  /** The server's process number now. */
  readonly pid: number
  /** True when the server was already running: a node of the same folder, or one whose node was killed. */
  adopted: boolean
  /** Gives up this process's use; the last user stops the server (fast shutdown: open transactions roll back). */
  stop(): Promise<void>
}

const database = 'concord'
/** A start includes crash recovery of up to max_wal_size (ms). */
const startLimitMs = 120_000
/** Fast shutdown writes a checkpoint (ms); after that the server is told to drop everything. */
const stopLimitMs = 60_000
const pollMs = 50
/** How often a running server is looked at, to start it again after a crash (ms). */
const watchMs = 1_000
/** The log is begun anew at a start when it is larger (bytes). */
const logLimitBytes = 16 * 1024 * 1024

/**
 * Starts the embedded PostgreSQL of a data folder, or joins the one that runs there already. Makes the cluster
 * and the database on first use and restarts the server when it crashes.
 * @throws with the remedy in words: package missing, folder not writable or not to be entered, disk full, shared memory.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  try {
    mkdirSync(options.dataDir, { recursive: true, mode: 0o755 })
    options = { ...options, dataDir: realpathSync(options.dataDir) }
    const files = postgresFiles(options.dataDir)
    return await withLock(files.lock, async () => {
      const lease = takeLease(files.leases)
      try {
        const server = await ensureRunning(options, files)
        await ensureDatabase(server.port, files)
        return watch(options, files, server, lease)
      } catch (error) {
        lease.leave()
        throw error
      }
    })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code) throw explain(error, postgresFiles(options.dataDir))
    throw error
  }
}

/** A setting that names the folder: the server's own name for it may be a descriptor. */
const marker = (files: PostgresFiles) => `concord.folder=${files.cluster}`

/** A process of that number is alive and is the server of this folder (not a zombie, not a reused number). */
const serves = (pid: number, files: PostgresFiles) =>
  isAlive(pid) && commandOf(pid).includes(`${marker(files)} `)

interface Server {
  pid: number
  port: number
  adopted: boolean
}

async function ensureRunning(options: EmbeddedPostgresOptions, files: PostgresFiles): Promise<Server> {
  const running = await findRunning(files)
  if (running) {
    writeFileSync(files.port, String(running.port))
    return running
  }
  const user = serverUser()
  const { postgres, initdb } = reachableBinaries(user)
  if (!existsSync(`${files.cluster}/PG_VERSION`)) {
    options.log.info({ folder: files.cluster }, 'making the embedded PostgreSQL database')
    await initialise(files, initdb, user)
  } else if (readText(files.password) === undefined) {
    throw new Error(
      `${files.password} is missing, so nobody can sign in to ${files.cluster}. Put it back from a backup.`,
    )
  }
  const end = Date.now() + startLimitMs
  for (;;) {
    const port = await freePort(Number(readText(files.port)) || undefined)
    try {
      return await launch(options, files, postgres, user, port)
    } catch (error) {
      const text = (error as Error).message
      // The port was taken in between, or processes of a killed server are still on their way out.
      const passing =
        /could not bind|could not create any TCP|still in use|lock file .* already exists/i.test(text)
      if (!passing || Date.now() > end - startLimitMs + 15_000) throw explain(error, files)
      rmSync(files.port, { force: true })
      await sleep(500)
    }
  }
}

/** The live server of this folder, waiting while it starts or stops; undefined when there is none. */
async function findRunning(files: PostgresFiles): Promise<Server | undefined> {
  const pidFile = `${files.cluster}/postmaster.pid`
  const end = Date.now() + startLimitMs
  while (Date.now() < end) {
    const lines = readText(pidFile)?.split('\n')
    const pid = Number(lines?.[0])
    if (!lines || !pid) return undefined
    if (!serves(pid, files)) {
      // After a restart of a container the number often belongs to somebody else; PostgreSQL would refuse to start.
      rmSync(pidFile, { force: true })
      return undefined
    }
    const port = Number(lines[3])
    if (lines[7]?.trim() === 'ready' && (await answers(port, files))) return { pid, port, adopted: true }
    await sleep(pollMs * 2)
  }
  throw new Error(`The PostgreSQL that runs in ${files.cluster} does not answer. Its log: ${files.log}`)
}

async function launch(
  options: EmbeddedPostgresOptions,
  files: PostgresFiles,
  postgres: string,
  user: ServerUser,
  port: number,
): Promise<Server> {
  if ((statSync(files.log, { throwIfNoEntry: false })?.size ?? 0) > logLimitBytes) rmSync(files.log)
  const out = openSync(files.log, 'a', 0o600)
  const logStart = statSync(files.log).size
  const given = handOver([files.cluster], user)
  const settings = serverSettings(options, files, port)
  // A socket in a folder that the account cannot walk to is of no use.
  if (given.fds.length > 0) settings.unix_socket_directories = ''
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  let child: ChildProcess
  try {
    // A session of its own, so that Ctrl-C in the terminal does not reach it before we stop it in order;
    // a log file and not a pipe, so that it outlives a killed parent.
    const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' }
    child = spawn(postgres, ['-D', given.paths[0]!, '-c', marker(files), ...args], {
      ...user,
      env,
      detached: true,
      cwd: '/',
      stdio: ['ignore', out, out, ...given.fds],
    })
  } finally {
    closeSync(out)
    given.close()
  }
  child.unref()
  let ended: string | undefined
  child.on('error', (error) => {
    ended = error.message
  })
  child.on('exit', (code, signal) => {
    ended ??= `it ended with ${signal ?? `code ${code}`}`
  })
  const end = Date.now() + startLimitMs
  while (Date.now() < end) {
    if (ended) {
      const said = readFileSync(files.log).subarray(logStart).toString('utf8')
      throw new Error(
        said.match(/(?:FATAL|PANIC|ERROR):.*(?:\n.*DETAIL:.*)?/)?.[0] ?? (said.trim().slice(-500) || ended),
      )
    }
    const lines = readText(`${files.cluster}/postmaster.pid`)?.split('\n')
    if (Number(lines?.[0]) === child.pid && lines?.[7]?.trim() === 'ready') {
      writeFileSync(files.port, String(port))
      return { pid: child.pid!, port, adopted: false }
    }
    await sleep(pollMs)
  }
  child.kill('SIGQUIT')
  throw new Error(`not ready after ${startLimitMs / 1000} s`)
}

const urlOf = (port: number, files: PostgresFiles, name: string) =>
  `postgres://concord:${readText(files.password)}@127.0.0.1:${port}/${name}`

async function answers(port: number, files: PostgresFiles): Promise<boolean> {
  const client = new pg.Client({
    connectionString: urlOf(port, files, 'postgres'),
    connectionTimeoutMillis: 3_000,
  })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('select 1')
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}

async function ensureDatabase(port: number, files: PostgresFiles): Promise<void> {
  const client = new pg.Client({ connectionString: urlOf(port, files, 'postgres') })
  await client.connect()
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [database])
    if (!rowCount) await client.query(`create database ${database}`)
  } finally {
    await client.end()
  }
}

function watch(
  options: EmbeddedPostgresOptions,
  files: PostgresFiles,
  server: Server,
  lease: ReturnType<typeof takeLease>,
): EmbeddedPostgres {
  let current = server
  let restarting: Promise<unknown> | undefined
  const timer = setInterval(() => {
    if (restarting || serves(current.pid, files)) return
    options.log.warn({ pid: current.pid }, 'PostgreSQL ended; starting it again')
    restarting = withLock(files.lock, () => ensureRunning(options, files))
      .then((next) => {
        if (next.port !== server.port)
          options.log.error({ port: next.port }, 'PostgreSQL came back on another port; restart Concord')
        current = next
      })
      .catch((error) => options.log.error({ err: error }, 'PostgreSQL could not be started again'))
      .finally(() => {
        restarting = undefined
      })
  }, watchMs)
  timer.unref()
  return {
    url: urlOf(server.port, files, database),
    port: server.port,
    get pid() {
      return current.pid
    },
    adopted: server.adopted,
    stop: async () => {
      clearInterval(timer)
      await restarting
      await withLock(files.lock, async () => {
        lease.leave()
        if (lease.others() === 0) await stopServer(current.pid, files)
      })
    },
  }
}

async function stopServer(pid: number, files: PostgresFiles): Promise<void> {
  for (const [signal, limit] of [
    ['SIGINT', stopLimitMs],
    ['SIGQUIT', 10_000],
  ] as const) {
    if (!serves(pid, files)) return
    process.kill(pid, signal)
    for (const end = Date.now() + limit; Date.now() < end; await sleep(pollMs))
      if (!serves(pid, files)) return
  }
}
