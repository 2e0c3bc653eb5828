import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { validateDataset } from '../catalog/index.ts'
import { sql } from '../platform/postgres.ts'
import { loadProfile } from '../platform/profile.ts'
import { isCreditCode } from '../security/credit-code.ts'
import { verifyPassword } from '../security/password.ts'
import { buildCountry } from './country.ts'
import { buildEntries } from './entries.ts'
import { demoIsOpen, demoLogins, runSeed, seedList, seedState } from './index.ts'
import { readEntryKinds, readItemKinds } from './tables.ts'

const profiles = ['neutral', 'cn']

describe.each(profiles)('the demo country of %s', (id) => {
  const profile = loadProfile(id)
  const country = buildCountry(id)
  const entries = buildEntries(country)

  it('is the same every time', () => {
    expect(buildEntries(buildCountry(id))).toEqual(entries)
  })

  it('has some 3,500 valid entries with some 23,000 items', () => {
    expect(entries.length).toBeGreaterThan(3_200)
    expect(entries.reduce((n, e) => n + e.content.items!.length, 0)).toBeGreaterThan(21_000)
    for (const { plan, content } of entries)
      expect(validateDataset(content, profile).faults, plan.sourceId).toEqual([])
  })

  it('has titles, abstracts and item names in both languages, and no title twice', () => {
    for (const { plan, content } of entries) {
      const other = content.translations![content.language === 'en' ? 'zh-CN' : 'en']!
      expect(other.title && other.abstract, plan.sourceId).toBeTruthy()
      for (const item of content.items!) expect(Object.values(item.translations!)[0]!.name).toBeTruthy()
    }
    expect(new Set(entries.map((e) => e.plan.title.zh)).size).toBe(entries.length)
    expect(new Set(entries.map((e) => e.plan.title.en)).size).toBe(entries.length)
  })

  it('shows who is the source of an item that many registers hold', () => {
    const holders = entries.filter((e) =>
      e.content.items!.some((i) => /^(户籍地址|Household address)$/.test(i.name)),
    )
    expect(new Set(holders.map((e) => e.plan.kind.dept)).size).toBeGreaterThan(5)
    const tax = entries.find((e) => e.plan.sourceId === 'taxpayers@ld')!
    const address = tax.content.items!.find((i) => /户籍地址|Household address/.test(i.name))!
    expect(address.body).toBe(country.bodyFor('int', 'ld')!.code)
  })

  it('gives every body a credit code with right check characters, its own', () => {
    for (const b of country.bodies) {
      expect(isCreditCode(b.creditCode), b.code).toBe(true)
      expect(b.creditCode).toMatch(new RegExp(profile.identifiers.creditCode!.pattern, 'u'))
      expect(organisationCodeFits(b.creditCode.slice(8, 17)), b.code).toBe(true)
    }
    expect(new Set(country.bodies.map((b) => b.creditCode)).size).toBe(country.bodies.length)
  })

  it('has division codes of the profile', () => {
    const form = new RegExp(profile.identifiers.divisionCode.pattern, 'u')
    for (const place of country.places) if (place.code) expect(place.code).toMatch(form)
  })
})

/** GB 11714 as the domain reference 9.3 gives it. */
function organisationCodeFits(code: string): boolean {
  const sum = [3, 7, 9, 10, 5, 8, 4, 2].reduce((s, w, i) => s + w * Number.parseInt(code[i]!, 36), 0)
  return '0X987654321'[sum % 11] === code[8] || (sum % 11 === 0 && code[8] === '0')
}

describe('the vocabulary', () => {
  const kinds = readEntryKinds()
  it('uses every item and names none that is missing', () => {
    const used = new Set(kinds.flatMap((k) => k.items.map((i) => i.key)))
    const extra = [
      'division_code',
      'division_name',
      'stat_value',
      'stat_unit',
      'change_on_month',
      'change_on_year',
    ]
    for (const key of [...extra, 'stat_month', 'stat_quarter', 'stat_year']) used.add(key)
    expect([...used].sort()).toEqual([...readItemKinds().keys()].sort())
  })
  it('relates only subjects that exist, each with a key of its own', () => {
    const keys = new Set(kinds.map((k) => k.key))
    expect(keys.size).toBe(kinds.length)
    expect(kinds.flatMap((k) => k.related).filter((key) => !keys.has(key))).toEqual([])
  })
})

describe('runSeed', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createTestDatabase()
  })
  afterAll(() => database.drop())

  it('lists its scenarios and refuses others', async () => {
    expect(seedList().map((s) => s.name)).toEqual(['demo', 'small', 'empty'])
    const ctx = { db: database.db, profile: loadProfile('neutral') }
    await expect(runSeed('nowhere', ctx)).rejects.toThrow(/demo, small, empty/)
  })

  it('writes entries with versions and drafts, and finds all unchanged the second time', async () => {
    const ctx = { db: database.db, profile: loadProfile('neutral'), publicUrl: 'http://127.0.0.1:8080' }
    const first = await runSeed('small', ctx)
    expect(first.entries).toBeGreaterThan(500)
    expect(first).toMatchObject({ added: first.entries, changed: 0, unchanged: 0, people: demoLogins.length })
    expect(first.links[0]!.url).toBe('http://127.0.0.1:8080/')
    const again = await runSeed('small', ctx)
    expect(again).toMatchObject({ added: 0, changed: 0, unchanged: first.entries, bodies: first.bodies })
    const { rows } = await sql<{ states: number; versions: number; drafts: number }>`
      select count(distinct state)::int as states, (count(*) filter (where version > 1))::int as versions,
        (count(*) filter (where latest_version > version))::int as drafts from catalog.dataset`.execute(
      database.db,
    )
    expect(rows[0]).toMatchObject({ states: 2 })
    expect(rows[0]!.versions).toBeGreaterThan(20)
    expect(rows[0]!.drafts).toBeGreaterThan(2)
  })

  it('makes accounts that can sign in, one for each role', async () => {
    const { rows } = await sql<{ login: string; hash: string; roles: string[] }>`
      select login, password_hash as hash, array(select role from security.person_role r where r.person_id = p.id) as roles
      from security.person p`.execute(database.db)
    for (const demo of demoLogins) {
      const row = rows.find((r) => r.login === demo.login)!
      expect(await verifyPassword(row.hash, demo.password), demo.login).toBe(true)
      expect(row.roles).toEqual([demo.role])
    }
    expect(new Set(demoLogins.map((d) => d.role)).size).toBe(7)
  })
})

describe('a seed that is cut off', () => {
  const versions = async (database: TestDatabase) => {
    const { rows } = await sql<{ id: string; version: number; latest: number }>`
      select source_id as id, version, latest_version as latest from catalog.dataset order by source_id`.execute(
      database.db,
    )
    return rows
  }
  it('is not taken for finished, and ends as if it had not been cut', { timeout: 60_000 }, async () => {
    const [whole, cut] = await Promise.all([createTestDatabase(), createTestDatabase()])
    try {
      const profile = loadProfile('neutral')
      await runSeed('small', { db: whole.db, profile })
      const steps = ['Bodies', 'Taken over', 'Draft begun', 'Items added']
      for (const step of steps) {
        const progress = (said: string) => {
          if (said.startsWith(step)) throw new Error('cut off')
        }
        await expect(runSeed('small', { db: cut.db, profile, progress })).rejects.toThrow('cut off')
        expect(await seedState(cut.db)).toMatchObject({ name: 'small', finished: false })
        expect(await demoIsOpen(cut.db)).toBe(false)
      }
      await runSeed('small', { db: cut.db, profile })
      expect(await seedState(cut.db)).toMatchObject({ name: 'small', finished: true })
      expect(await demoIsOpen(cut.db)).toBe(true)
      expect(await versions(cut)).toEqual(await versions(whole))
      await cut.pool.query(`update security.person set login = 'steward.of.water' where login = 'steward'`)
      expect(await demoIsOpen(cut.db)).toBe(false)
    } finally {
      await Promise.all([whole.drop(), cut.drop()])
    }
  })
})

describe('the reviews of a seed', () => {
  const statesOf = async (database: TestDatabase, now: Date) => {
    const { rows } = await sql<{ id: string; state: string; due: string; opinions: number }>`
      select d.source_id as id, s.state, case when s.due_at < ${now.toISOString()}::timestamptz then 'overdue'
          when s.remind_at <= ${now.toISOString()}::timestamptz then 'soon' else 'in time' end as due,
        (select count(*)::int from review.opinion o where o.submission_id = s.id) as opinions
      from review.submission s join catalog.dataset d on d.id = s.dataset_id order by d.source_id`.execute(
      database.db,
    )
    return rows.map((r) => `${r.id} ${r.state} ${r.due} ${r.opinions}`)
  }
  // A Thursday and a Sunday: the clocks are the same, whatever the day of the week.
  it.each([
    ['cn', '2026-06-11T06:00:00Z'],
    ['neutral', '2026-06-14T06:00:00Z'],
  ])('have something at every stage, once (%s)', { timeout: 60_000 }, async (id, day) => {
    const database = await createTestDatabase()
    try {
      const ctx = { db: database.db, profile: loadProfile(id), now: new Date(day) }
      await runSeed('small', ctx)
      const first = await statesOf(database, ctx.now)
      expect(first).toEqual([
        'crime-statistics@ld dept_review in time 1',
        'foreign-residents@ld returned in time 3',
        'identity-cards@ld dept_review in time 1',
        'passports@ld dept_review soon 1',
        'traffic-accidents@ld centre_review overdue 2',
        'vehicle-inspections@ld centre_review in time 2',
      ])
      const again = await runSeed('small', ctx)
      expect(again).toMatchObject({ added: 0, changed: 0 })
      expect(await statesOf(database, ctx.now)).toEqual(first)
      const { rows } = await sql<{
        text: string
      }>`select text from review.opinion where step = 'return'`.execute(database.db)
      expect(rows[0]!.text).toMatch(id === 'cn' ? /保存期限.*（Say how long/ : /^Say how long/)
    } finally {
      await database.drop()
    }
  })
})
