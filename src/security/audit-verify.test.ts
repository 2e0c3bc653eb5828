import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createSecurityApp, type SecurityApp, seeder } from '../../test/support/security-app.ts'
import { selectChain } from './audit.queries.ts'
import { audit } from './audit.ts'
import { genesis, hashEvent } from './audit-chain.ts'
import { checkpointFile } from './audit-checkpoint.ts'
import { startAuditSequencer } from './audit-sequencer.ts'
import { verifyAudit } from './audit-verify.ts'

let s: SecurityApp
const logged: string[] = []
const log = {
  warn: (...a: unknown[]) => logged.push(String(a.at(-1))),
  error: (...a: unknown[]) => logged.push(String(a.at(-1))),
}
const write = (n: number) =>
  audit(s.db, {
    actor: seeder,
    action: 'dataset:update',
    objectKind: 'dataset',
    objectId: `entry ${n}`,
    decision: 'allow',
    detail: { n, text: '城市 "quoted" \u0000 \ud800' },
  })
const verify = () => verifyAudit(s.db, { dataDir: s.dataDir })

beforeAll(async () => {
  s = await createSecurityApp()
})
afterAll(() => s.close())

/** Runs statements as somebody who owns the tables and takes the triggers off. */
async function tamper(...statements: string[]) {
  await s.database.pool.query('alter table security.audit_event disable trigger user')
  for (const text of statements) await s.database.pool.query(text)
  await s.database.pool.query('alter table security.audit_event enable trigger user')
}

describe('tampering', () => {
  let file: string
  let head: number
  beforeEach(async () => {
    // Each test breaks a fresh copy of the log.
    await tamper(
      'create table if not exists security.audit_copy as select * from security.audit_event',
      'truncate security.audit_event',
      'insert into security.audit_event select * from security.audit_copy',
    )
    const running = startAuditSequencer({ db: s.db, dataDir: s.dataDir, log })
    for (let i = 0; i < 5; i++) await write(i)
    await running.stop()
    await tamper(
      'drop table security.audit_copy',
      'create table security.audit_copy as select * from security.audit_event',
    )
    file = readFileSync(checkpointFile(s.dataDir), 'utf8')
    const clean = await verify()
    expect(clean.problems).toEqual([])
    head = clean.lastSeq
  })
  afterEach(() => writeFileSync(checkpointFile(s.dataDir), file))
  const kinds = async () => [...new Set((await verify()).problems.map((p) => p.kind))]
  const first = async () => (await verify()).problems[0]

  test.each([
    `detail = '{}'`,
    `actor_id = 'somebody else'`,
    `at = at + interval '1 ms'`,
    `decision = 'deny'`,
    `organisation_id = 1`,
    `object_id = null`,
    `request_id = 'x'`,
  ])('changed: %s', async (change) => {
    await tamper(`update security.audit_event set ${change} where seq = ${head - 2}`)
    expect(await verify().then((r) => r.problems)).toEqual([
      expect.objectContaining({ kind: 'changed', seq: head - 2 }),
    ])
  })
  test('changed, with its hash recomputed', async () => {
    const row = (await selectChain(s.db, head - 3, 1))[0]!
    const hash = hashEvent({ ...row, actorId: 'other' }, row.previousHash).toString('hex')
    await tamper(
      `update security.audit_event set actor_id = 'other', hash = '\\x${hash}' where seq = ${head - 2}`,
    )
    expect((await verify()).problems.some((p) => p.seq === head - 1)).toBe(true)
  })
  test('removed', async () => {
    await tamper(`delete from security.audit_event where seq = ${head - 2}`)
    expect(await first()).toMatchObject({ kind: 'removed', seq: head - 2 })
  })
  test('removed at the beginning', async () => {
    await tamper(`delete from security.audit_event where seq <= 2`)
    expect(await first()).toMatchObject({ kind: 'removed', seq: 1 })
  })
  test('removed, and the rest renumbered', async () => {
    await tamper(
      `delete from security.audit_event where seq = ${head - 2}`,
      `update security.audit_event set seq = seq - 1 where seq > ${head - 2}`,
    )
    expect(await kinds()).toContain('removed')
    expect(await kinds()).not.toContain('changed')
  })
  test('inserted, and the rest renumbered', async () => {
    await tamper(
      `update security.audit_event set seq = seq + 1000000 where seq >= ${head - 2}`,
      `update security.audit_event set seq = seq - 999999 where seq >= 1000000`,
      `insert into security.audit_event select ${head - 2}, at, request_id, actor_kind, actor_id, organisation_id, 'forged:event',
         object_kind, object_id, decision, detail, previous_hash, hash from security.audit_event where seq = ${head - 3}`,
    )
    expect(await kinds()).toContain('inserted')
  })
  test('inserted as a well-made link', async () => {
    const before = (await selectChain(s.db, head - 4, 1))[0]!
    const forged = { ...before, seq: head - 2, action: 'forged:event' }
    const hash = hashEvent(forged, before.hash).toString('hex')
    await tamper(
      `update security.audit_event set seq = seq + 1000000 where seq >= ${head - 2}`,
      `update security.audit_event set seq = seq - 999999 where seq >= 1000000`,
      `insert into security.audit_event select ${head - 2}, at, request_id, actor_kind, actor_id, organisation_id, 'forged:event',
         object_kind, object_id, decision, detail, hash, '\\x${hash}' from security.audit_event where seq = ${head - 3}`,
    )
    expect(await kinds()).toContain('inserted')
  })
  test('reordered', async () => {
    await tamper(
      `update security.audit_event set seq = -1 where seq = ${head - 3}`,
      `update security.audit_event set seq = ${head - 3} where seq = ${head - 2}`,
      `update security.audit_event set seq = ${head - 2} where seq = -1`,
    )
    expect(await first()).toMatchObject({ kind: 'reordered', seq: head - 3 })
  })
  test('cut off at the end', async () => {
    await tamper(`delete from security.audit_event where seq > ${head - 2}`)
    expect(await verify().then((r) => r.problems)).toEqual([
      expect.objectContaining({ kind: 'truncated', seq: head }),
    ])
  })
  test('emptied', async () => {
    await tamper('truncate security.audit_event')
    expect(await kinds()).toContain('truncated')
  })
  test('rewritten from the start with good links', async () => {
    const chain = await selectChain(s.db, 0, 10_000)
    let previousHash: Buffer = genesis
    const statements = chain.map((row) => {
      const forged = { ...row, actorId: row.seq === 3 ? 'nobody' : row.actorId }
      const hash = hashEvent(forged, previousHash)
      const text = `update security.audit_event set actor_id = ${forged.actorId === null ? 'null' : `'${forged.actorId}'`},
        previous_hash = '\\x${previousHash.toString('hex')}', hash = '\\x${hash.toString('hex')}' where seq = ${row.seq}`
      previousHash = hash
      return text
    })
    await tamper(...statements)
    expect(await kinds()).toEqual(['rewritten'])
    const running = startAuditSequencer({ db: s.db, dataDir: s.dataDir, log })
    await running.flush()
    expect(running.alarm).toContain('concord audit verify')
    await running.stop()
  })
  test('checkpoints forged, cut, or taken away', async () => {
    const lines = file.trimEnd().split('\n')
    expect(lines.length).toBeGreaterThan(2)
    writeFileSync(checkpointFile(s.dataDir), `${lines.slice(0, -1).join('\n')}\n`)
    expect(await kinds()).toEqual(['checkpoint'])
    writeFileSync(checkpointFile(s.dataDir), `${[lines[0], ...lines.slice(2)].join('\n')}\n`)
    expect(await kinds()).toEqual(['checkpoint'])
    writeFileSync(checkpointFile(s.dataDir), file.replace(/"seq":\d+/, '"seq":1'))
    expect(await kinds()).toContain('checkpoint')
    writeFileSync(checkpointFile(s.dataDir), file)
    appendFileSync(checkpointFile(s.dataDir), '{"half a line')
    expect(await kinds()).toEqual([])
    await write(99)
    const running = startAuditSequencer({ db: s.db, dataDir: s.dataDir, log })
    await running.stop()
    expect(await kinds()).toEqual([])
    expect(readFileSync(checkpointFile(s.dataDir), 'utf8')).not.toContain('half')
    file = readFileSync(checkpointFile(s.dataDir), 'utf8')
    await tamper(
      'drop table security.audit_copy',
      'create table security.audit_copy as select * from security.audit_event',
    )
  })
  test('a node without the key still sees what another node signed', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'concord-other-node-'))
    const other = () => verifyAudit(s.db, { dataDir: elsewhere })
    expect(await other()).toMatchObject({ ok: true, checkpoints: 0 })
    await tamper(`delete from security.audit_event where seq > ${head - 1}`)
    expect((await other()).problems[0]).toMatchObject({ kind: 'truncated' })
    rmSync(elsewhere, { recursive: true })
  })
  test('the answer says what cannot be found', async () => {
    const result = await verify()
    expect(result.limits.join()).toMatch(/last checkpoint.*signing key/s)
  })
})

test('a verification beside a node that signs finds nothing wrong', async () => {
  const own = await createSecurityApp()
  const running = startAuditSequencer({ db: own.db, dataDir: own.dataDir, log })
  try {
    let going = true
    const signing = (async () => {
      for (let n = 0; going; n++) {
        await audit(own.db, { actor: seeder, action: 'dataset:update', objectId: `${n}`, decision: 'allow' })
        await running.flush()
      }
    })()
    for (let i = 0; i < 25; i++)
      expect((await verifyAudit(own.db, { dataDir: own.dataDir })).problems).toEqual([])
    going = false
    await signing
  } finally {
    await running.stop()
    await own.close()
  }
})
