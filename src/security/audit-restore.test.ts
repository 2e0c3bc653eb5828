import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSecurityApp, type SecurityApp, seeder } from '../../test/support/security-app.ts'
import { operatorActor } from './actor.ts'
import { audit } from './audit.ts'
import { checkpointFile } from './audit-checkpoint.ts'
import { acceptRestore } from './audit-restore.ts'
import { startAuditSequencer } from './audit-sequencer.ts'
import { verifyAudit } from './audit-verify.ts'

let s: SecurityApp
const logged: string[] = []
const log = {
  warn: (...a: unknown[]) => logged.push(String(a.at(-1))),
  error: (t: unknown) => logged.push(String(t)),
}
beforeAll(async () => {
  s = await createSecurityApp()
})
afterAll(() => s.close())

const verify = () => verifyAudit(s.db, { dataDir: s.dataDir })
const accept = (reason: string) => acceptRestore(s.db, operatorActor(), { dataDir: s.dataDir, reason })
/** Writes events, each under a checkpoint of its own. */
async function write(n: number): Promise<void> {
  const running = startAuditSequencer({ db: s.db, dataDir: s.dataDir, log })
  for (let i = 0; i < n; i++) {
    await audit(s.db, { actor: seeder, action: 'dataset:update', objectId: `${i}`, decision: 'allow' })
    await running.flush()
  }
  await running.stop()
}
/** The database as it was when the log ended there: a backup knows of no later event and no later checkpoint. */
async function restoreTo(seq: number): Promise<void> {
  for (const table of ['audit_event', 'audit_checkpoint']) {
    await s.database.pool.query(`alter table security.${table} disable trigger user`)
    await s.database.pool.query(`delete from security.${table} where seq > ${seq}`)
    await s.database.pool.query(`alter table security.${table} enable trigger user`)
  }
}

test('a restored database is an alarm until it is accepted, and told of for ever', async () => {
  await write(6)
  const { lastSeq } = await verify()
  await expect(accept('nothing happened')).rejects.toMatchObject({ code: 'conflict' })
  await restoreTo(lastSeq - 3)
  const running = startAuditSequencer({ db: s.db, dataDir: s.dataDir, log })
  await running.flush()
  expect(running.alarm).toContain(`checkpoint ${lastSeq}`)
  expect((await verify()).ok).toBe(false)

  expect(await accept('disk failed')).toEqual({ after: lastSeq - 3, until: lastSeq })
  await running.flush()
  expect(running.alarm).toBeUndefined()
  await running.stop()
  // New events take the numbers of the lost ones, under checkpoints of their own.
  await write(8)
  expect(await verify()).toMatchObject({
    ok: true,
    problems: [],
    restores: [{ after: lastSeq - 3, until: lastSeq, reason: 'disk failed' }],
  })
  const { rows } = await s.database.pool.query(
    `select actor_kind, detail from security.audit_event where action = 'audit:accept-restore'`,
  )
  expect(rows).toHaveLength(1)
  expect(JSON.parse(rows[0].detail)).toMatchObject({ reason: 'disk failed', until: lastSeq })
})

test('a second restore, and one to before any checkpoint', async () => {
  const { lastSeq } = await verify()
  await restoreTo(lastSeq - 2)
  expect(await accept('again')).toEqual({ after: lastSeq - 2, until: lastSeq })
  await write(1)
  expect((await verify()).problems).toEqual([])
  await restoreTo(0)
  expect(await accept('to the beginning')).toMatchObject({ after: 0 })
  await write(3)
  const result = await verify()
  expect(result.problems).toEqual([])
  expect(result.restores.map((r) => r.reason)).toEqual(['disk failed', 'again', 'to the beginning'])
})

test('what was signed after an accepted restore is held to as before', async () => {
  await write(2)
  const { lastSeq } = await verify()
  await s.database.pool.query('alter table security.audit_event disable trigger user')
  await s.database.pool.query(`delete from security.audit_event where seq = ${lastSeq}`)
  await s.database.pool.query('alter table security.audit_event enable trigger user')
  expect((await verify()).problems).toMatchObject([{ kind: 'truncated', seq: lastSeq }])
  await accept('tail lost')
})

test('a forged acceptance is found, and a damaged last line is an alarm', async () => {
  await write(1)
  const file = readFileSync(checkpointFile(s.dataDir), 'utf8')
  writeFileSync(checkpointFile(s.dataDir), file.replace('"reason":"again"', '"reason":"other"'))
  expect((await verify()).problems.map((p) => p.kind)).toContain('checkpoint')
  for (const last of ['not json at all', 'null', '{"keyId":"x"}']) {
    writeFileSync(checkpointFile(s.dataDir), `${file}${last}\n`)
    const running = startAuditSequencer({ db: s.db, dataDir: s.dataDir, log })
    await running.flush()
    expect(running.alarm, last).toContain('last line')
    await running.stop()
    await expect(accept('x')).rejects.toMatchObject({ code: 'conflict' })
  }
  writeFileSync(checkpointFile(s.dataDir), file)
  expect((await verify()).problems).toEqual([])
})

test('only the command line may accept', async () => {
  const actor = { ...operatorActor(), kind: 'person' as const }
  await expect(acceptRestore(s.db, actor, { dataDir: s.dataDir, reason: 'x' })).rejects.toMatchObject({
    code: 'forbidden',
  })
})
