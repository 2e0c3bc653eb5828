import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { inTransaction } from '../platform/postgres.ts'
import { systemActor } from './actor.ts'
import { createOrganisation, findOrganisation } from './organisation.ts'
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

test('a reading that began before a body was committed does not have the last word', async () => {
  const { db } = database
  const nation = (await findOrganisation(db, { code: 'nation' }))!
  await reloadOrganisationTree(db)
  // Answers as the database did before, and late.
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const old = { revision: [{ revision: -2 }], tree: [{ id: nation.id, parentId: null }] }
  const slow = {
    getExecutor: () => ({
      ...db.getExecutor(),
      adapter: db.getExecutor().adapter,
      transformQuery: (node: never, id: never) => db.getExecutor().transformQuery(node, id),
      compileQuery: (node: never, id: never) => db.getExecutor().compileQuery(node, id),
      executeQuery: async ({ sql }: { sql: string }) => {
        await held
        return { rows: sql.includes('revision') ? old.revision : old.tree }
      },
    }),
  } as unknown as typeof db
  const reading = freshOrganisationTree(slow, Date.now() + 10_000)
  const made = await inTransaction(db, (tx) =>
    createOrganisation(tx, actor, { code: 'late', name: 'Late', tier: 'city', parentUid: nation.uid }),
  )
  const reloading = reloadOrganisationTree(db)
  // Time enough for one that does not wait.
  await sleep(300)
  release()
  await Promise.all([reading, reloading])
  expect(isWithin(made.id, nation.id)).toBe(true)
})
