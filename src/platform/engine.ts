import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { commandOf, freePort, identityOf, isHeld, readText, withLock } from './embedded-lease.ts'
import { threadPoolSize } from './engine-limits.ts'
import type { Logger } from './log.ts'
import { type Child, startChild } from './supervise.ts'

export interface EngineOptions {
  /** The node's data folder; the engine lives in `engine-NAME` below it. */
  dataDir: string
  /** `search`, `warehouse`, …: each name is a process and a store of its own. */
  name: string
  log: Pick<Logger, 'info' | 'warn' | 'error'>
}

export interface EngineHealth {
  status: 'ok'
  pid: number
  version: string
  startedAt: string
  waiting: number
  running: number
  memoryBytes: number
}

export interface Engine {
  /** `http://concord:SECRET@127.0.0.1:PORT`, as CLICKHOUSE_URL would be; the same over restarts. */
  url: string
  /** True while the process belongs to another Concord process of the same folder. */
  readonly adopted: boolean
  /** Undefined between a crash and the restart, and while adopted. */
  readonly pid: number | undefined
  /** Starts again after crashes since this process owns it. */
  readonly restarts: number
  /** @throws when it does not answer. */
  health(): Promise<EngineHealth>
  /** Stops the process in good order and starts it. Does nothing while adopted. */
  restart(): Promise<void>
  /** Stops the process, when it is ours. */
  stop(): Promise<void>
}

interface State {
  port: number
  secret: string
  pid: number
  /** Identity of the Concord process that runs it. */
  owner: string
}

const module = new URL('./engine-process.ts', import.meta.url)
/** How often the engine of another process is looked at, to take over when it is gone (ms). */
const watchMs = 1_000
const healthTimeoutMs = 5_000
/** How long the owner may take to bring a crashed engine back before others step in (ms). */
const ownerRestartMs = 60_000

/**
 * Starts the engine of that name, or uses the one that runs for the same folder (a node and commands beside it
 * share it). When the other process ends, this one starts the engine itself, at the same address.
 * @throws when chDB is missing or the folder cannot be written.
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const files = engineFiles(options)
  const me = identityOf(process.pid)
  let child: Child | undefined
  let state = readState(files.state)
  let timer: NodeJS.Timeout | undefined
  let stopped = false

  /** Under the lock: joins the running engine, or starts one. The secret is new unless somebody holds it already. */
  const obtain = (keep?: State) =>
    withLock(files.lock, async () => {
      const found = await findRunning(files.state)
      if (found?.running) {
        state = found
        return
      }
      const secret = keep?.secret ?? randomBytes(24).toString('base64url')
      const next = { port: keep?.port ?? (await freePort(found?.port)), secret, pid: 0, owner: me }
      const started = engineChild(options, files, next)
      await started.ready
      if (stopped) return started.stop()
      child = started
      state = { ...next, pid: child.pid ?? 0 }
    })

  const watch = () => {
    timer = setTimeout(async () => {
      if (stopped || child) return
      // Read anew: the owner may have given it up without ending.
      if (!isHeld(readState(files.state)?.owner ?? '')) {
        options.log.warn({ engine: options.name }, 'the owner of the engine is gone; starting it here')
        await obtain(state).catch((error) =>
          options.log.error({ err: error, engine: options.name }, 'the engine did not start'),
        )
      }
      if (!child && !stopped) watch()
    }, watchMs)
    timer.unref()
  }

  await obtain()
  if (!child) watch()
  return {
    url: `http://concord:${state!.secret}@127.0.0.1:${state!.port}`,
    get adopted() {
      return !child
    },
    get pid() {
      return child?.pid
    },
    get restarts() {
      return child?.restarts ?? 0
    },
    health: () => askHealth(state!),
    restart: async () => {
      if (!child) return
      await child.stop()
      child = undefined
      await obtain(state)
    },
    stop: async () => {
      stopped = true
      clearTimeout(timer)
      if (!child) return
      await child.stop()
      release(files.state, state)
    },
  }
}

const engineChild = (
  { name, log }: EngineOptions,
  files: { folder: string; state: string },
  state: State,
): Child =>
  startChild({
    name: `engine ${name}`,
    module,
    log,
    env: {
      CONCORD_ENGINE_FOLDER: files.folder,
      CONCORD_ENGINE_SECRET: state.secret,
      CONCORD_ENGINE_PORT: String(state.port),
      CONCORD_ENGINE_STATE: files.state,
      CONCORD_ENGINE_OWNER: state.owner,
      UV_THREADPOOL_SIZE: String(threadPoolSize),
    },
  })

/** The port is remembered; nobody waits for this process to bring the engine back. */
const release = (file: string, state: State | undefined) =>
  writeFileSync(file, JSON.stringify({ ...state, secret: '', pid: 0, owner: '' }), { mode: 0o600 })

function engineFiles({ dataDir, name }: EngineOptions) {
  const folder = join(dataDir, `engine-${name}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return { folder, state: join(folder, 'engine.json'), lock: join(folder, 'engine.lock') }
}

function readState(file: string): State | undefined {
  try {
    return JSON.parse(readText(file) ?? '') as State
  } catch {
    return undefined
  }
}

/** The engine of the folder; while its owner lives, waits for a crashed one to come back. */
async function findRunning(file: string): Promise<(State & { running: boolean }) | undefined> {
  for (const end = Date.now() + ownerRestartMs; ; await sleep(100)) {
    const state = readState(file)
    if (!state) return undefined
    const running = await isRunning(state)
    if (running || !isHeld(state.owner) || state.owner === identityOf(process.pid) || Date.now() > end)
      return { ...state, running }
  }
}

/** The process of the state file is alive, is an engine, and knows the secret (a busy one answers health all the same). */
async function isRunning(state: State): Promise<boolean> {
  if (!/engine-process\.[jt]s/.test(commandOf(state.pid))) return false
  return askHealth(state).then(
    (health) => health.pid === state.pid,
    () => false,
  )
}

async function askHealth(state: State): Promise<EngineHealth> {
  const answer = await fetch(`http://127.0.0.1:${state.port}/health`, {
    headers: { 'X-ClickHouse-Key': state.secret },
    signal: AbortSignal.timeout(healthTimeoutMs),
  })
  if (!answer.ok) throw new Error(`the engine answered ${answer.status}`)
  return (await answer.json()) as EngineHealth
}
