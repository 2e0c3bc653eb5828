import { type ChildProcess, fork } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isAlive } from './embedded-lease.ts'
import { startEmbeddedPostgres } from './embedded-postgres.ts'
import { explain, postgresFiles } from './embedded-postgres-files.ts'

const log = { info() {}, warn() {}, error() {} }
let root: string
let dataDir: string

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'concord-postgres-'))
  chmodSync(root, 0o755)
  dataDir = join(root, '数据')
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const query = async (url: string, text: string) => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  return client.query(text).finally(() => client.end())
}

/** Another process that starts the server of the same folder and reports its number. */
async function startElsewhere(): Promise<{ child: ChildProcess; pid: number; url: string }> {
  const file = join(root, 'other.mts')
  const library = new URL('./embedded-postgres.ts', import.meta.url).href
  writeFileSync(
    file,
    `import { startEmbeddedPostgres } from ${JSON.stringify(library)}
    const log = { info() {}, warn() {}, error() {} }
    const server = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)}, log })
    process.on('message', () => server.stop().then(() => process.exit()))
    process.send!({ pid: server.pid, url: server.url })`,
  )
  const child = fork(file, { execArgv: ['--import', 'tsx'], stdio: ['ignore', 'ignore', 2, 'ipc'] })
  const got = await new Promise<{ pid: number; url: string }>((resolve, reject) => {
    child.once('message', (m) => resolve(m as { pid: number; url: string }))
    child.once('exit', () => reject(new Error('ended early')))
  })
  return { child, ...got }
}
const ended = (child: ChildProcess) => new Promise((resolve) => child.once('exit', resolve))

test('first start makes a UTF-8 database; a password is kept for the owner only', async () => {
  const server = await startEmbeddedPostgres({ dataDir, log })
  const { rows } = await query(
    server.url,
    `select pg_encoding_to_char(encoding) as encoding, datlocprovider, '数据' < '车站' as code_points, current_setting('fsync') as fsync,
     current_setting('synchronous_commit') as commit, current_setting('listen_addresses') as listen, lower('ÄÖ') as low
     from pg_database where datname = current_database()`,
  )
  expect(rows[0]).toEqual({
    encoding: 'UTF8',
    datlocprovider: 'b',
    code_points: true,
    fsync: 'on',
    commit: 'on',
    listen: '127.0.0.1',
    low: 'äö',
  })
  expect(statSync(join(dataDir, 'postgres.password')).mode & 0o777).toBe(0o600)
  expect(readdirSync(dataDir).sort()).toEqual(
    ['postgres', 'postgres.log', 'postgres.password', 'postgres.port', 'postgres.users'].sort(),
  )
  await expect(query(server.url.replace(/:[^:@]+@/, ':wrong@'), 'select 1')).rejects.toThrow(/password/)
  const { pid, port } = server
  await server.stop()
  expect(isAlive(pid)).toBe(false)

  const again = await startEmbeddedPostgres({ dataDir, log })
  expect(again.port).toBe(port)
  await again.stop()
})

test('a server whose parent was killed is adopted, with what was committed', async () => {
  const other = await startElsewhere()
  await query(other.url, 'create table kept as select 42 as answer')
  other.child.kill('SIGKILL')
  await ended(other.child)
  const server = await startEmbeddedPostgres({ dataDir, log })
  expect(server.adopted).toBe(true)
  expect(server.pid).toBe(other.pid)
  expect((await query(server.url, 'select answer from kept')).rows).toEqual([{ answer: 42 }])
  await server.stop()
  expect(isAlive(other.pid)).toBe(false)
})

test('a command beside a running node joins its server; the last one out stops it', async () => {
  const node = await startElsewhere()
  const command = await startEmbeddedPostgres({ dataDir, log })
  expect(command.pid).toBe(node.pid)
  await command.stop()
  expect(isAlive(node.pid)).toBe(true)
  const second = await startEmbeddedPostgres({ dataDir, log })
  node.child.send('stop')
  await ended(node.child)
  expect((await query(second.url, 'select 1 as one')).rows).toEqual([{ one: 1 }])
  await second.stop()
  expect(isAlive(node.pid)).toBe(false)
})

test('a killed server is started again on the same port, and a stale pid file of a reused number is no obstacle', async () => {
  const server = await startEmbeddedPostgres({ dataDir, log })
  await query(server.url, 'create table crashed as select 1 as n')
  const before = server.pid
  process.kill(before, 'SIGKILL')
  await expect.poll(() => server.pid !== before, { timeout: 20_000 }).toBe(true)
  expect((await query(server.url, 'select n from crashed')).rows).toEqual([{ n: 1 }])
  await server.stop()
  writeFileSync(
    join(dataDir, 'postgres/postmaster.pid'),
    `${process.pid}\n${dataDir}/postgres\n1\n5432\n\n\n\nready\n`,
  )
  const again = await startEmbeddedPostgres({ dataDir, log })
  expect(again.adopted).toBe(false)
  await again.stop()
})

test('an interrupted first start leaves nothing in the way', async () => {
  const fresh = join(root, 'fresh')
  const { mkdirSync } = await import('node:fs')
  mkdirSync(join(fresh, 'postgres.new', 'base'), { recursive: true })
  const server = await startEmbeddedPostgres({ dataDir: fresh, log, durable: false })
  expect(existsSync(join(fresh, 'postgres.new'))).toBe(false)
  await server.stop()
})

test.runIf(process.platform === 'linux')(
  'a folder that the postgres account cannot walk to is served all the same',
  async () => {
    const closed = join(root, 'closed')
    const { mkdirSync } = await import('node:fs')
    mkdirSync(closed, { mode: 0o700 })
    const server = await startEmbeddedPostgres({ dataDir: join(closed, 'data'), log })
    await query(server.url, 'create table kept as select 1 as n')
    process.kill(server.pid, 'SIGKILL')
    await expect
      .poll(
        () =>
          query(server.url, 'select n from kept').then(
            (r) => r.rows,
            () => [],
          ),
        { timeout: 20_000 },
      )
      .toEqual([{ n: 1 }])
    const beside = await startEmbeddedPostgres({ dataDir: join(closed, 'data'), log })
    expect([beside.adopted, beside.pid]).toEqual([true, server.pid])
    await Promise.all([server.stop(), beside.stop()])
    expect(isAlive(server.pid)).toBe(false)
  },
)

test('a data folder that cannot be made is named', async () => {
  writeFileSync(join(root, 'file'), '')
  await expect(startEmbeddedPostgres({ dataDir: join(root, 'file', 'data'), log })).rejects.toThrow(
    /ENOTDIR|cannot be written/,
  )
})

test.each([
  ['could not write to file "base/5/1": No space left on device', 'is full'],
  ['FATAL: pre-existing shared memory block (key 1, ID 2) is still in use', 'killed still use'],
  ['FATAL: could not resize shared memory segment "/x": No space left on device', '--shm-size'],
  ['FATAL: database files are incompatible with server', 'another major version'],
  ['initdb: error: could not create directory "x": Permission denied', 'cannot be written'],
  ['FATAL: something new', 'something new'],
])('%s', (said, remedy) => {
  expect(explain(new Error(said), postgresFiles('/srv/data')).message).toContain(remedy)
})
