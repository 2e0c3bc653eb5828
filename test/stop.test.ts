import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { demoLogins } from '../src/seed/index.ts'
import { freePort, type Program, processesOf, startProgram } from './support/program.ts'

/** Starts that are cut off, and stops that leave nothing behind. */

/** Time for a node to come up on a busy machine (ms). */
const patienceMs = 90_000

const folders: string[] = []
const running: Program[] = []
function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'concord-stop-'))
  folders.push(folder)
  return folder
}
afterAll(async () => {
  for (const { child } of running) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    child.kill('SIGINT')
    await once(child, 'close')
  }
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
}, patienceMs)

async function serve(folder: string, port: number): Promise<Program> {
  const program = startProgram(['serve'], { CONCORD_DATA: folder, CONCORD_PORT: String(port) })
  running.push(program)
  return program
}

async function nothingLeft(folder: string): Promise<void> {
  // The compiler that runs the sources notices a moment later.
  for (const end = Date.now() + 5_000; processesOf(folder).length > 0 && Date.now() < end; ) await sleep(100)
  expect(processesOf(folder)).toEqual([])
}

const folder = makeFolder()
let port: number
let node: Program

test('kill -9 during the first start, twice; the next start finishes the demo', {
  timeout: 3 * patienceMs,
}, async () => {
  port = await freePort()
  for (const moment of [/Taken over from the previous catalogue: \d/, /Reviewed and published: 1000 of/]) {
    node = await serve(folder, port)
    await node.says(moment, patienceMs)
    node.child.kill('SIGKILL')
    await node.ended()
  }
  node = await serve(folder, port)
  await node.says(/Ready in/, patienceMs)
  expect(node.said()).toMatch(/Finishing the scenario demo/)
  const at = `http://127.0.0.1:${port}/api/v1`
  const found = (await (await fetch(`${at}/search?limit=1`)).json()) as { total: number }
  // All that is published of the scenario.
  expect(found.total).toBeGreaterThan(3_100)
  for (const { login, password } of demoLogins) {
    const answer = await fetch(`${at}/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ login, password }),
    })
    expect(answer.status, login).toBe(200)
  }
  const methods = (await (await fetch(`${at}/session/methods`)).json()) as { demo: unknown[] }
  expect(methods.demo).toHaveLength(demoLogins.length)
})

test('a command beside the node that is stopped leaves the node alone', { timeout: patienceMs }, async () => {
  const command = startProgram(['seed', 'demo'], { CONCORD_DATA: folder })
  await command.says(/Bodies, territories/, patienceMs)
  command.child.kill('SIGINT')
  expect(await command.ended()).toBe(130)
  expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200)
})

test('a second node at the same port says so before it starts anything', {
  timeout: patienceMs,
}, async () => {
  const other = makeFolder()
  const second = await serve(other, port)
  expect(await second.ended()).toBe(1)
  expect(second.said()).toMatch(/CONCORD_PORT/)
  expect(processesOf(other)).toEqual([])
})

test('Ctrl-C given twice by npm, with an upload that never ends: nothing is left', {
  timeout: patienceMs,
}, async () => {
  const upload = connect(port, '127.0.0.1')
  upload.on('error', () => {})
  upload.write(
    `POST /api/v1/session HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"lo`,
  )
  await sleep(300)
  node.child.kill('SIGINT')
  await sleep(20)
  node.child.kill('SIGINT')
  await sleep(1_500)
  // The repeat is the same wish; the upload still holds the node.
  expect(node.child.exitCode).toBeNull()
  node.child.kill('SIGINT')
  expect(await node.ended()).toBe(0)
  await nothingLeft(folder)
})

test('Ctrl-C during a start, and the end of the terminal', { timeout: 2 * patienceMs }, async () => {
  node = await serve(folder, port)
  await node.says(/Starting PostgreSQL/, patienceMs)
  node.child.kill('SIGINT')
  expect(await node.ended()).toBe(0)
  await nothingLeft(folder)
  node = await serve(folder, port)
  await node.says(/Ready in/, patienceMs)
  // As when the terminal is gone: nobody reads any more.
  node.child.stdout!.destroy()
  node.child.stderr!.destroy()
  node.child.kill('SIGHUP')
  await once(node.child, 'exit')
  await nothingLeft(folder)
})

test('Ctrl-C in a command that started the database stops it again', { timeout: patienceMs }, async () => {
  const alone = makeFolder()
  const command = startProgram(['seed', 'demo'], { CONCORD_DATA: alone })
  await command.says(/Reviewed and published: 1000 of/, patienceMs)
  expect(processesOf(alone).length).toBeGreaterThan(0)
  command.child.kill('SIGINT')
  await sleep(20)
  command.child.kill('SIGINT')
  expect(await command.ended()).toBe(130)
  await nothingLeft(alone)
})
