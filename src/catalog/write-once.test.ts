import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CatalogApp, createCatalogApp, sampleContent } from '../../test/support/catalog-app.ts'
import { publishDataset } from './index.ts'

// A process that is killed after the commit and before its answer: the repeat of the request finds what was done.

let s: CatalogApp
let steward: Record<string, string>
beforeAll(async () => {
  s = await createCatalogApp()
  steward = await s.signIn('steward', ['steward', 'data_office_reviewer'], 'county')
  // Nothing is kept after the write's own transaction, as if the process had ended there.
  await s.database.pool.query(`
    create function public.killed() returns trigger language plpgsql as $$
    begin
      if new.status < 400 and old.status is null and not exists (select from security.audit_intake where xid = pg_current_xact_id()) then
        raise exception 'killed';
      end if;
      return new;
    end $$;
    create trigger killed before update on platform.idempotency for each row execute function public.killed()`)
})
afterAll(() => s?.close())

const send = (method: 'POST' | 'PUT' | 'DELETE', url: string, key: string, payload?: object, etag?: string) =>
  s.app.inject({
    method,
    url: `/api/v1/datasets${url}`,
    headers: { ...steward, 'idempotency-key': key, ...(etag ? { 'if-match': etag } : {}) },
    ...(payload ? { payload } : {}),
  })
/** The claim of the request that ended is old now. */
const later = () =>
  s.database.pool.query(`update platform.idempotency set at = now() - interval '10 minutes'`)
/** Sends, is killed, and sends the same again. */
async function twice(...request: Parameters<typeof send>) {
  await send(...request)
  await later()
  const again = await send(...request)
  expect(again.headers['idempotency-replayed'], again.body).toBe('true')
  return again
}

test('every write of an entry is done once, and its answer is found again', async () => {
  const made = await twice('POST', '', 'a', { content: sampleContent({ title: 'Once' }) })
  expect(made.statusCode).toBe(201)
  const { uid } = made.json()
  expect([made.headers.location, made.headers.etag, made.headers['content-type']]).toEqual([
    `/api/v1/datasets/${uid}`,
    '"v1"',
    'application/json; charset=utf-8',
  ])
  const { rows } = await s.database.pool.query(`select uid from catalog.dataset where title = 'Once'`)
  expect(rows).toEqual([{ uid }])

  const content = sampleContent({ title: 'Once', abstract: 'Saved.' })
  const saved = await twice('PUT', `/${uid}`, 'b', { content }, '"v1"')
  expect([saved.statusCode, saved.json().version, saved.json().content.abstract]).toEqual([200, 2, 'Saved.'])
  await publishDataset(s.db, s.system, uid, {})
  expect((await twice('POST', `/${uid}/restore`, 'd', { version: 1 })).json().latestVersion).toBe(4)
  expect((await twice('POST', `/${uid}/discard-draft`, 'e', {})).json().latestVersion).toBe(5)
  expect((await twice('POST', `/${uid}/retire`, 'f', {})).json().latestVersion).toBe(6)
  const other = await twice('POST', '', 'g', { content: sampleContent({ title: 'Gone' }) })
  const gone = await twice('DELETE', `/${other.json().uid}`, 'h')
  expect([gone.statusCode, gone.body]).toEqual([204, ''])
})

test('of two processes that hold the same claim one writes', async () => {
  const payload = { content: sampleContent({ title: 'Raced' }) }
  await s.database.pool.query(`
    create function public.slow() returns trigger language plpgsql as $$ begin perform pg_sleep(0.4); return new; end $$;
    create trigger slow before insert on catalog.dataset for each row when (new.title = 'Raced') execute function public.slow()`)
  const first = send('POST', '', 'race', payload)
  await new Promise((resolve) => setTimeout(resolve, 150))
  await later()
  const both = await Promise.all([first, send('POST', '', 'race', payload)])
  const { rows } = await s.database.pool.query(`select uid from catalog.dataset where title = 'Raced'`)
  expect(rows).toHaveLength(1)
  expect(both.map((a) => a.statusCode).sort()).toEqual([201, 409])
  expect((await send('POST', '', 'race', payload)).json().uid).toBe(rows[0].uid)
})

test('a refusal leaves nothing, and the same key with another request is refused', async () => {
  const bad = await send('POST', '', 'bad', { content: sampleContent({ title: '' }) })
  expect(bad.statusCode).toBe(422)
  expect((await send('POST', '', 'bad', { content: sampleContent() })).json().code).toBe(
    'idempotency_conflict',
  )
})
