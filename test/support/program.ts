import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** The program as people run it: a process of its own, with everything embedded in one folder. */
export interface Program {
  child: ChildProcess
  /** What it has printed so far, on both outputs. */
  said(): string
  /** Waits until it has printed this. */
  says(pattern: RegExp, limitMs: number): Promise<void>
  /** Waits for its end; gives its exit code, or the signal. */
  ended(): Promise<number | string | null>
}

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

export function startProgram(args: string[], settings: Record<string, string>): Program {
  const child = spawn(process.execPath, ['--import', 'tsx', main, ...args], {
    env: { ...process.env, LOG_LEVEL: 'error', DATABASE_URL: '', CLICKHOUSE_URL: '', ...settings },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream!.on('data', (piece) => {
      text += piece
    })
  const end = once(child, 'close') as Promise<[number | null, string | null]>
  return {
    child,
    said: () => text,
    async says(pattern, limitMs) {
      for (const limit = Date.now() + limitMs; !pattern.test(text); await sleep(10)) {
        if (child.exitCode !== null || child.signalCode !== null || Date.now() > limit)
          throw new Error(`${pattern} did not come: ${text}`)
      }
    },
    ended: () => end.then(([code, signal]) => signal ?? code),
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  return port
}

/** Command lines of the processes that name the folder, or descend from one that does. */
export function processesOf(folder: string): string[] {
  const list = execFileSync('ps', ['-eo', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' }).trim().split('\n')
  const all = list
    .map((l) => /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(l)!)
    .map((m) => ({ pid: m[1]!, parent: m[2]!, state: m[3]!, command: m[4]! }))
    .filter((p) => !p.state.startsWith('Z'))
  const mine = new Set(all.filter((p) => p.command.includes(folder)).map((p) => p.pid))
  for (let grown = -1; grown !== mine.size; ) {
    grown = mine.size
    for (const p of all) if (mine.has(p.parent)) mine.add(p.pid)
  }
  return all.filter((p) => mine.has(p.pid)).map((p) => p.command)
}
