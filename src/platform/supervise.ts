import { type ChildProcess, fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Logger } from './log.ts'

/**
 * Child processes of a node: started, watched, started again after a crash with growing pauses, stopped in
 * reverse order. A child notices when its parent dies (the message channel closes) and ends itself, so
 * even `kill -9` of the parent leaves nothing behind.
 */
export interface ChildOptions {
  /** For logs and errors. */
  name: string
  /** `new URL('./thing-process.ts', import.meta.url)`: runs the `.ts` through tsx, or the `.js` beside it in a build. */
  module: URL
  args?: string[]
  /** Added to this process's environment. */
  env?: Record<string, string | undefined>
  log: Pick<Logger, 'info' | 'warn' | 'error'>
  /** Messages that the child sent with `send`. */
  onMessage?: (message: unknown) => void
  /** Called each time the child is ready, first start and restarts alike, with what it passed to `ready`. */
  onReady?: (payload: unknown) => void
  /** Time for one start until ready (ms). Default 60,000. */
  readyTimeoutMs?: number
  /** Time to end in good order when told to stop (ms); then it is killed. Default 15,000. */
  stopTimeoutMs?: number
}

export interface Child {
  readonly name: string
  /** What the child passed to `ready` on its first start. Rejects when it cannot start at all. */
  readonly ready: Promise<unknown>
  /** Sends a message (structured clone: typed arrays and Maps travel). False when the child is not running. */
  send(message: unknown): boolean
  /** Ends the child in good order and waits until it is gone; it is not started again. */
  stop(): Promise<void>
  /** How often it was started again after a crash. */
  readonly restarts: number
  /** Undefined between a crash and the restart. */
  readonly pid: number | undefined
}

/** Pauses between a crash and the next start (ms): doubles from the first to the last. */
const firstPauseMs = 100
const lastPauseMs = 10_000
/** A child that stayed up this long (ms) starts over with the shortest pause. */
const healthyAfterMs = 30_000
/** A child that was never ready is given up after this many starts. */
const firstStartAttempts = 3
const defaultReadyTimeoutMs = 60_000
const defaultStopTimeoutMs = 15_000
/** A child that was told to end, or lost its parent, is gone after this time (ms) whatever it does. */
const orphanLimitMs = 20_000

type Control = { concord: 'ready' | 'failed' | 'stop' | 'message'; payload?: unknown }
const isControl = (m: unknown): m is Control => typeof m === 'object' && m !== null && 'concord' in m

const running: Child[] = []

/** Starts a child process and keeps it running until `stop`. */
export function startChild(options: ChildOptions): Child {
  const { log, name } = options
  const state = {
    child: undefined as ChildProcess | undefined,
    restarts: 0,
    stopping: false,
    everReady: false,
    failedStarts: 0,
  }
  let pause = firstPauseMs
  let timer: NodeJS.Timeout | undefined
  let settle: { resolve: (v: unknown) => void; reject: (e: Error) => void } = null as never
  const ready = new Promise<unknown>((resolve, reject) => {
    settle = { resolve, reject }
  })
  ready.catch(() => {})

  const giveUp = (why: string) => {
    state.stopping = true
    forget(handle)
    settle.reject(new Error(`${name} did not start: ${why}`))
  }

  const start = () => {
    const startedAt = Date.now()
    state.child = launch(options, {
      ready: (payload) => {
        state.everReady = true
        settle.resolve(payload)
      },
      ended: (code, signal, reason) => {
        state.child = undefined
        if (state.stopping) return
        // A child that says why it cannot start will say the same again.
        if (!state.everReady && (++state.failedStarts >= firstStartAttempts || reason)) {
          return giveUp(reason ?? `it ended with ${signal ?? `code ${code}`}`)
        }
        if (Date.now() - startedAt > healthyAfterMs) pause = firstPauseMs
        log.warn({ child: name, code, signal, reason, pauseMs: pause }, `${name} ended; starting it again`)
        timer = setTimeout(() => {
          state.restarts++
          start()
        }, pause)
        pause = Math.min(pause * 2, lastPauseMs)
      },
    })
  }

  const handle: Child = {
    name,
    ready,
    send: (payload) => sendTo(state.child, { concord: 'message', payload }),
    stop: async () => {
      state.stopping = true
      clearTimeout(timer)
      if (!state.everReady) settle.reject(new Error(`${name} was stopped before it was ready`))
      await stopProcess(state.child, options.stopTimeoutMs ?? defaultStopTimeoutMs)
      forget(handle)
    },
    get restarts() {
      return state.restarts
    },
    get pid() {
      return state.child?.pid
    },
  }
  running.push(handle)
  start()
  return handle
}

interface LaunchEvents {
  ready(payload: unknown): void
  /** With what the child said, or why it was ended here. */
  ended(code: number | null, signal: NodeJS.Signals | null, reason: string | undefined): void
}

/** One start: forks the module and passes on what happens. */
function launch(options: ChildOptions, on: LaunchEvents): ChildProcess {
  const limitMs = options.readyTimeoutMs ?? defaultReadyTimeoutMs
  const child = forkModule(options)
  let reason: string | undefined
  const limit = setTimeout(() => {
    reason = `it was not ready within ${limitMs / 1000} s`
    child.kill('SIGKILL')
  }, limitMs)
  child.on('error', (error) => {
    reason ??= error.message
  })
  child.on('message', (message) => {
    if (!isControl(message)) return
    if (message.concord === 'failed') reason = String(message.payload)
    else if (message.concord === 'ready') {
      clearTimeout(limit)
      on.ready(message.payload)
      options.onReady?.(message.payload)
    } else options.onMessage?.(message.payload)
  })
  child.on('close', (code, signal) => {
    clearTimeout(limit)
    on.ended(code, signal, reason)
  })
  return child
}

/** The children of this process with how often each was started again. */
export const childRestarts = (): { name: string; restarts: number }[] =>
  running.map(({ name, restarts }) => ({ name, restarts }))

/** Stops every child of this process, the last started first. */
export async function stopChildren(): Promise<void> {
  for (const child of [...running].reverse()) await child.stop()
}

function forget(child: Child): void {
  const at = running.indexOf(child)
  if (at >= 0) running.splice(at, 1)
}

function sendTo(child: ChildProcess | undefined, message: Control): boolean {
  if (!child?.connected) return false
  child.send(message, () => {})
  return true
}

/** In development sources run through tsx; a build has the `.js` beside the compiled caller. */
function forkModule({ module, args, env }: ChildOptions): ChildProcess {
  let file = fileURLToPath(module)
  if (file.endsWith('.ts') && !existsSync(file)) file = file.replace(/\.ts$/, '.js')
  const execArgv = file.endsWith('.ts')
    ? ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href]
    : []
  return fork(file, args ?? [], {
    execArgv,
    env: { ...process.env, ...env },
    serialization: 'advanced',
    // Standard output belongs to the command that runs; children speak on standard error.
    stdio: ['ignore', 2, 2, 'ipc'],
  })
}

function stopProcess(child: ChildProcess | undefined, timeoutMs: number): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    const kill = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
    child.once('close', () => {
      clearTimeout(kill)
      resolve()
    })
    if (!sendTo(child, { concord: 'stop' })) child.kill('SIGTERM')
  })
}

/** The parent as a child sees it. */
export interface Parent {
  /** Says that work can begin; the payload reaches `ready` and `onReady` of the parent. */
  ready(payload?: unknown): void
  /** Reaches `onMessage` of the parent. */
  send(message: unknown): void
}

/**
 * To be called first thing in a child's module. Ends the process when the parent asks or is gone; Ctrl-C in the
 * terminal reaches children too and is left to the parent. An error before `ready` is reported to the parent.
 * @param onStop finishes work in good order; the process exits when it settles.
 */
export function attachToParent(
  handlers: { onStop?: () => unknown; onMessage?: (message: unknown) => void } = {},
): Parent {
  let ending = false
  const end = async () => {
    if (ending) return
    ending = true
    // Even when the work cannot be finished in order: no process is left behind.
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), orphanLimitMs).unref()
    try {
      await handlers.onStop?.()
    } finally {
      process.exit(0)
    }
  }
  const fail = (error: unknown) => {
    console.error(error)
    const text = error instanceof Error ? error.message : String(error)
    if (process.connected) process.send?.({ concord: 'failed', payload: text }, () => process.exit(1))
    else process.exit(1)
  }
  process.on('disconnect', end)
  process.on('SIGTERM', end)
  process.on('SIGINT', () => {})
  process.on('uncaughtException', fail)
  process.on('unhandledRejection', fail)
  process.on('message', (message) => {
    if (!isControl(message)) return
    if (message.concord === 'stop') void end()
    else handlers.onMessage?.(message.payload)
  })
  return {
    ready: (payload) => void process.send?.({ concord: 'ready', payload }),
    send: (payload) => void (process.connected && process.send?.({ concord: 'message', payload }, () => {})),
  }
}
