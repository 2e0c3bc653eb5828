import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openClickHouse } from './clickhouse.ts'
import { isAlive } from './embedded-lease.ts'
import { type Engine, startEngine } from './engine.ts'

const log = { info() {}, warn() {}, error() {} }
let dataDir: string
beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'concord-engine-life-'))
})
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

const start = () => startEngine({ dataDir, name: 'life', log })
const until = async (done: () => boolean | Promise<boolean>, ms = 20_000) => {
  for (const end = Date.now() + ms; !(await done()); await new Promise((r) => setTimeout(r, 50))) {
    if (Date.now() > end) throw new Error('did not happen in time')
  }
}
const answers = (engine: Engine) =>
  engine.health().then(
    () => true,
    () => false,
  )

test('a killed engine comes back at the same address with every acknowledged insert', async () => {
  const engine = await start()
  const client = openClickHouse({ url: engine.url })
  await client.command({ query: 'create table kept (id UInt32) engine = MergeTree order by id' })
  let acknowledged = 0
  for (let round = 0; round < 3; round++) {
    const inserting = (async () => {
      for (;;) {
        await client.insert({ table: 'kept', values: [{ id: acknowledged }], format: 'JSONEachRow' })
        acknowledged++
      }
    })()
    await new Promise((r) => setTimeout(r, 150 + round * 70))
    process.kill((await engine.health()).pid, 'SIGKILL')
    await expect(inserting).rejects.toThrow()
    await until(() => answers(engine))
  }
  expect(engine.restarts).toBe(3)
  expect(acknowledged).toBeGreaterThan(3)
  const answer = await client.query({
    query: `select count(distinct id) as n from kept where id < ${acknowledged}`,
    format: 'JSONEachRow',
  })
  expect(await answer.json()).toEqual([{ n: acknowledged }])
  await engine.restart()
  expect(await answers(engine)).toBe(true)
  const { pid } = await engine.health()
  await client.close()
  await engine.stop()
  expect(isAlive(pid)).toBe(false)
})

/** Another process that runs the engine of the same folder. */
async function startElsewhere(): Promise<{ child: ChildProcess; url: string }> {
  const file = join(dataDir, 'other.mts')
  const library = new URL('./engine.ts', import.meta.url).href
  writeFileSync(
    file,
    `import { startEngine } from ${JSON.stringify(library)}
    const log = { info() {}, warn() {}, error() {} }
    const engine = await startEngine({ dataDir: ${JSON.stringify(dataDir)}, name: 'life', log })
    process.send!(engine.url)`,
  )
  const child = fork(file, { execArgv: ['--import', 'tsx'], stdio: ['ignore', 'ignore', 2, 'ipc'] })
  const url = await new Promise<string>((resolve, reject) => {
    child.once('message', (m) => resolve(m as string))
    child.once('exit', () => reject(new Error('ended early')))
  })
  return { child, url }
}

test('a command uses the engine of a running node, and runs it itself at the same address when the node is killed', async () => {
  const node = await startElsewhere()
  const engine = await start()
  expect([engine.adopted, engine.url]).toEqual([true, node.url])
  const client = openClickHouse({ url: engine.url })
  expect((await client.ping()).success).toBe(true)
  const { pid } = await engine.health()
  node.child.kill('SIGKILL')
  await until(() => !isAlive(pid))
  await until(() => !engine.adopted)
  expect(engine.url).toBe(node.url)
  const answer = await client.query({ query: 'select count() > 0 as kept from kept', format: 'JSONEachRow' })
  expect(await answer.json()).toEqual([{ kept: 1 }])
  await client.close()
  await engine.stop()
})

test('a client with many statements does not hold up another', async () => {
  const engine = await start()
  const bulk = openClickHouse({ url: engine.url, client: 'bulk', max: 40 })
  const page = openClickHouse({ url: engine.url, client: 'page' })
  const slow = 'select count() from numbers(5000000) where sipHash64(number) = 1'
  let finished = 0
  const load = Array.from({ length: 30 }, () =>
    bulk
      .query({ query: slow, format: 'JSONEachRow' })
      .then((r) => r.json())
      .then(() => finished++),
  )
  await until(async () => (await engine.health()).waiting > 20)
  const before = finished
  await (await page.query({ query: 'select 1', format: 'JSONEachRow' })).json()
  expect(finished - before).toBeLessThan(5)
  await Promise.all(load)
  await Promise.all([bulk.close(), page.close()])
  await engine.stop()
})
