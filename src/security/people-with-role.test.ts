import { afterAll, beforeAll, expect, it } from 'vitest'
import { createSecurityApp, type SecurityApp } from '../../test/support/security-app.ts'
import { sql } from '../platform/postgres.ts'
import { peopleWithRole } from './index.ts'

let world: SecurityApp
beforeAll(async () => {
  world = await createSecurityApp()
})
afterAll(() => world?.close())

it('finds the reviewers of a body and of those above it, nearest first, and stewards of the body alone', async () => {
  const { db, root, below, beside, person } = world
  const at = async (login: string, role: 'steward' | 'data_office_reviewer', uid: string) =>
    (await person(login, [role], uid)).id
  const top = await at('top', 'data_office_reviewer', root.uid)
  const near = await at('near', 'data_office_reviewer', below.uid)
  await at('other', 'data_office_reviewer', beside.uid)
  const off = await at('off', 'data_office_reviewer', below.uid)
  await sql`update security.person set disabled_at = now() where id = ${off}`.execute(db)
  const steward = await at('steward', 'steward', below.uid)
  await at('steward.top', 'steward', root.uid)

  expect(await peopleWithRole(db, 'data_office_reviewer', below.id)).toEqual([near, top])
  expect(await peopleWithRole(db, 'data_office_reviewer', below.id, { nearest: true })).toEqual([near])
  expect(await peopleWithRole(db, 'data_office_reviewer', root.id)).toEqual([top])
  expect(await peopleWithRole(db, 'steward', below.id)).toEqual([steward])
  expect(await peopleWithRole(db, 'department_reviewer', below.id, { nearest: true })).toEqual([])
  expect(await peopleWithRole(db, 'steward', 999_999)).toEqual([])
})
