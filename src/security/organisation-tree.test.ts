import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { inTransaction } from '../platform/postgres.ts'
import { systemActor } from './actor.ts'
import { createOrganisation } from './organisation.ts'
import { freshOrganisationTree, isWithin, reloadOrganisationTree } from './organisation-tree.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database?.drop())

const actor = systemActor('test')

test('a body of a transaction that others did not see while they read the tree is there once it is read again', async () => {
  const { db } = database
  const nation = await createOrganisation(db, actor, { code: 'nation', name: 'Nation', tier: 'nation' })
  await reloadOrganisationTree(db)
  const city = await inTransaction(db, async (tx) => {
    const made = await createOrganisation(tx, actor, {
      code: 'city',
      name: 'City',
      tier: 'city',
      parentUid: nation.uid,
    })
    expect(isWithin(made.id, nation.id)).toBe(true)
    // Somebody else asks meanwhile, and does not see what is not committed.
    await freshOrganisationTree(db, Date.now() + 10_000)
    expect(isWithin(made.id, nation.id)).toBe(false)
    return made
  })
  // Within the second in which nobody looks again.
  await freshOrganisationTree(db)
  expect(isWithin(city.id, nation.id)).toBe(false)
  await reloadOrganisationTree(db)
  expect(isWithin(city.id, nation.id)).toBe(true)
})
