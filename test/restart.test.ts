import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { demoLogins } from '../src/seed/index.ts'

/**
 * `kill -9` of any one process of a node with everything embedded: what was acknowledged is there afterwards, and
 * the next start works. The node runs as people run it, as a process of its own.
 */

/** Time for a node to come up, or for a killed part to come back (ms), on a busy machine. */
const patienceMs = 90_000

let folder: string
let port: number
let node: ChildProcess
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'concord-restart-'))
  port = await freePort()
  node = await start()
}, patienceMs)
afterAll(async () => {
  await stop(node)
  rmSync(folder, { recursive: true, force: true })
}, patienceMs)

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port: free } = server.address() as { port: number }
  server.close()
  return free
}

const url = (path: string) => `http://127.0.0.1:${port}${path}`

async function start(): Promise<ChildProcess> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', fileURLToPath(new URL('../src/main.ts', import.meta.url)), 'serve'],
    {
      env: {
        ...process.env,
        CONCORD_DATA: folder,
        CONCORD_PORT: String(port),
        LOG_LEVEL: 'error',
        DATABASE_URL: '',
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  )
  await ready()
  return child
}

async function ready(): Promise<void> {
  const end = Date.now() + patienceMs
  for (;;) {
    const answer = await fetch(url('/readyz')).catch(() => undefined)
    if (answer?.ok) return
    if (Date.now() > end) throw new Error(`not ready: ${await answer?.text()}`)
    await sleep(100)
  }
}

async function stop(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return
  // As `npm start` does it: the terminal's signal, and npm's own copy of it.
  child.kill('SIGINT')
  child.kill('SIGINT')
  await once(child, 'exit')
}

/** Processes whose command line or environment names our folder: the node and all that it started. */
function processes(): { pid: number; command: string }[] {
  const list = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' }).trim().split('\n')
  const all = list
    .map((l) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(l)!)
    .map((m) => ({ pid: Number(m[1]), parent: Number(m[2]), command: m[3]! }))
  const mine = new Set([node.pid!])
  for (let grown = -1; grown !== mine.size; ) {
    grown = mine.size
    for (const p of all) if (mine.has(p.parent) || p.command.includes(folder)) mine.add(p.pid)
  }
  return all.filter((p) => mine.has(p.pid))
}

const steward = demoLogins.find((p) => p.role === 'steward')!
async function signIn(): Promise<Record<string, string>> {
  const answer = await fetch(url('/api/v1/session'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ login: steward.login, password: steward.password }),
  })
  const cookie = answer.headers.getSetCookie().find((c) => c.startsWith('concord_session='))!
  const { csrfToken } = (await answer.json()) as { csrfToken: string }
  return { cookie: cookie.split(';')[0]!, 'x-csrf-token': csrfToken, 'content-type': 'application/json' }
}

/** Writes entries until told to stop; gives the addresses of those that were acknowledged. */
async function write(headers: Record<string, string>, going: () => boolean): Promise<string[]> {
  const acknowledged: string[] = []
  for (let i = 0; going(); i++) {
    const content = {
      title: `Written before the end ${i}`,
      sharingType: 'unconditional',
      openType: 'unconditional',
      updateCycle: 'yearly',
    }
    const answer = await fetch(url('/api/v1/datasets'), {
      method: 'POST',
      headers,
      body: JSON.stringify({ content }),
    }).catch(() => undefined)
    if (answer?.status === 201) acknowledged.push(((await answer.json()) as { uid: string }).uid)
    else {
      if (answer && answer.status < 500) throw new Error(`not written: ${await answer.text()}`)
      await sleep(50)
    }
  }
  return acknowledged
}

async function missing(headers: Record<string, string>, uids: string[]): Promise<string[]> {
  const lost: string[] = []
  for (const uid of uids) if (!(await fetch(url(`/api/v1/datasets/${uid}`), { headers })).ok) lost.push(uid)
  return lost
}

const parts: [name: string, pattern: RegExp][] = [
  ['the engine', /engine-process/],
  ['a search replica', /replica-process/],
  ['PostgreSQL', /postgres -D/],
  ['the main process', /main\.ts serve/],
]

test.each(parts)(
  'kill -9 of %s loses nothing that was acknowledged',
  { timeout: 2 * patienceMs },
  async (_name, pattern) => {
    const headers = await signIn()
    let going = true
    const writing = write(headers, () => going)
    await sleep(1_000)
    const victim = processes().find((p) => pattern.test(p.command))
    expect(victim, `no process like ${pattern}`).toBeDefined()
    process.kill(victim!.pid, 'SIGKILL')
    if (victim!.pid === node.pid) await once(node, 'exit')
    await sleep(500)
    going = false
    const acknowledged = await writing
    expect(acknowledged.length).toBeGreaterThan(0)
    if (victim!.pid === node.pid) node = await start()
    else await ready()
    expect(await missing(headers, acknowledged)).toEqual([])
    const one = await fetch(url('/api/v1/search?q=population&limit=1'))
    expect(one.status).toBe(200)
  },
)

test('Ctrl-C leaves no process behind', { timeout: patienceMs }, async () => {
  const all = processes()
  expect(all.length).toBeGreaterThan(3)
  await stop(node)
  const alive = () => all.filter((p) => isRunning(p.pid)).map((p) => p.command)
  // The compiler that runs the sources notices a moment later.
  for (const end = Date.now() + 5_000; alive().length > 0 && Date.now() < end; ) await sleep(100)
  expect(alive()).toEqual([])
})

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
