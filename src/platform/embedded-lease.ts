import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Several processes may use one data folder: a running node and commands started beside it. Each user of an
 * embedded server holds a lease (a file named after its process); the last one out stops the server, and
 * leases of dead processes do not count.
 */

/** How long another process may hold the start/stop lock (ms): longer than the slowest start or stop. */
const lockWaitMs = 120_000
const lockPollMs = 50
/** A lock file is empty for a moment only (ms). */
const emptyLockMs = 5_000

/** A zombie (ended, but not yet collected by its parent, as under an init that collects nobody) is not alive. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  return statOf(pid)?.[0] !== 'Z'
}

/** Fields of Linux's process status from the state on (field 3); the command name before may hold spaces and brackets. */
function statOf(pid: number): string[] | undefined {
  const stat = process.platform === 'linux' ? readText(`/proc/${pid}/stat`) : undefined
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
}

/**
 * The command line of a process, words separated by spaces; empty when it cannot be read.
 * Tells a live server from an unrelated process that got its number.
 */
export function commandOf(pid: number): string {
  try {
    if (process.platform === 'linux')
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
    return execFileSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' })
  } catch {
    return ''
  }
}

/** `pid-start`: the start time keeps a reused process number from looking like the former process. */
export function identityOf(pid: number): string {
  return `${pid}-${statOf(pid)?.[19] ?? 0}`
}

/** The process of that identity still runs. */
export function isHeld(identity: string): boolean {
  const pid = Number.parseInt(identity, 10)
  return Number.isInteger(pid) && isAlive(pid) && identityOf(pid) === identity
}

/** Runs `work` while no other process does so for the same lock file. A lock of a dead process is taken over. */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const me = identityOf(process.pid)
  const end = Date.now() + lockWaitMs
  for (;;) {
    try {
      writeFileSync(file, me, { flag: 'wx', mode: 0o600 })
      break
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      const holder = readText(file)
      // Empty: its maker was killed between making and writing it.
      const abandoned = holder
        ? !isHeld(holder)
        : holder === '' &&
          Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > emptyLockMs
      if (abandoned) {
        // Only what was judged: somebody else may have taken it over in the meantime.
        if (readText(file) === holder) rmSync(file, { force: true })
      } else if (Date.now() > end)
        throw new Error(
          `${file} is held by process ${holder} for over ${lockWaitMs / 1000} s. If that process is not Concord, delete the file.`,
        )
      else await sleep(lockPollMs)
    }
  }
  try {
    return await work()
  } finally {
    if (readText(file) === me) rmSync(file, { force: true })
  }
}

/** Registers this process as a user of what lives in the folder. Calls nest: each needs its own `leave`. */
export function takeLease(folder: string): { leave(): void; others(): number } {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const name = `${identityOf(process.pid)}-${Math.random().toString(36).slice(2)}`
  writeFileSync(`${folder}/${name}`, '')
  return {
    leave: () => rmSync(`${folder}/${name}`, { force: true }),
    others: () => {
      let count = 0
      for (const other of readdirSync(folder)) {
        if (other === name) continue
        if (isHeld(other.split('-').slice(0, 2).join('-'))) count++
        else rmSync(`${folder}/${other}`, { force: true })
      }
      return count
    },
  }
}

/** The file's text, or undefined when there is none. */
export function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return undefined
  }
}

/** The wanted port when it is free on loopback, else another free one. */
export async function freePort(wanted?: number): Promise<number> {
  if (wanted && (await canListen(wanted))) return wanted
  return (await canListen(0)) as number
}

function canListen(port: number): Promise<number | false> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => {
      const { port: got } = server.address() as { port: number }
      server.close(() => resolve(got))
    })
  })
}
