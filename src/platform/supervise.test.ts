import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startChild, stopChildren } from './supervise.ts'

const log = { info() {}, warn() {}, error() {} }
let folder: string
let module: URL

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'concord-supervise-'))
  const file = join(folder, 'echo-process.ts')
  const library = new URL('./supervise.ts', import.meta.url).href
  writeFileSync(
    file,
    `import { attachToParent } from ${JSON.stringify(library)}
    const parent = attachToParent({ onMessage: (m: any) => (m === 'crash' ? process.exit(3) : parent.send({ echo: m })) })
    if (process.argv[2] === 'bad') throw new Error('the data folder is read only')
    parent.ready({ greeting: process.env.GREETING })`,
  )
  module = pathToFileURL(file)
})
afterAll(async () => {
  await stopChildren()
  rmSync(folder, { recursive: true })
})

const until = async (done: () => boolean, ms = 15_000) => {
  const end = Date.now() + ms
  while (!done()) {
    if (Date.now() > end) throw new Error('did not happen in time')
    await new Promise((r) => setTimeout(r, 20))
  }
}
const alive = (pid: number) => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

test('a child becomes ready, answers messages with binary data, and stops', async () => {
  const got: unknown[] = []
  const child = startChild({
    name: 'echo',
    module,
    env: { GREETING: '你好' },
    log,
    onMessage: (m) => got.push(m),
  })
  expect(await child.ready).toEqual({ greeting: '你好' })
  expect(child.send(new Uint32Array([1, 4294967295]))).toBe(true)
  await until(() => got.length === 1)
  expect(got[0]).toEqual({ echo: new Uint32Array([1, 4294967295]) })
  const pid = child.pid!
  await child.stop()
  expect(alive(pid)).toBe(false)
  expect(child.send('x')).toBe(false)
})

test('a crashed child is started again', async () => {
  let readies = 0
  const child = startChild({ name: 'echo', module, log, onReady: () => readies++ })
  await child.ready
  process.kill(child.pid!, 'SIGKILL')
  await until(() => readies === 2)
  child.send('crash')
  await until(() => readies === 3)
  expect(child.restarts).toBe(2)
  await child.stop()
})

test('a child that cannot start says why', async () => {
  const child = startChild({ name: 'echo', module, args: ['bad'], log })
  await expect(child.ready).rejects.toThrow('echo did not start: the data folder is read only')
  expect(child.restarts).toBe(0)
})

test('children end when their parent is killed', async () => {
  const { fork } = await import('node:child_process')
  const file = join(folder, 'parent.ts')
  writeFileSync(
    file,
    `import { startChild } from ${JSON.stringify(new URL('./supervise.ts', import.meta.url).href)}
    const log = { info() {}, warn() {}, error() {} }
    const child = startChild({ name: 'echo', module: new URL(${JSON.stringify(module.href)}), log })
    child.ready.then(() => process.send!(child.pid))`,
  )
  const parent = fork(file, { execArgv: ['--import', 'tsx'], cwd: process.cwd() })
  const pid = await new Promise<number>((resolve) => parent.once('message', (m) => resolve(m as number)))
  expect(alive(pid)).toBe(true)
  parent.kill('SIGKILL')
  await until(() => !alive(pid))
})
