import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { actionNames, actions } from './action.schema.ts'
import { type Actor, anonymous, systemActor } from './actor.ts'
import { createOrganisation, updateOrganisation } from './organisation.ts'
import { isWithin, pathToRoot, reloadOrganisationTree, subtree } from './organisation-tree.ts'
import { authorize, isAllowed } from './policy.ts'
import { type Role, roles } from './role.schema.ts'

let database: TestDatabase
const ids: Record<string, number> = {}
const uids: Record<string, string> = {}
const seeder = systemActor('test')

beforeAll(async () => {
  database = await createTestDatabase()
  for (const [code, parent] of [
    ['nation'],
    ['province', 'nation'],
    ['county', 'province'],
    ['other', 'nation'],
  ] as const) {
    const made = await createOrganisation(database.db, seeder, {
      code: code!,
      name: code!,
      tier: 'nation',
      parentUid: parent === undefined ? null : uids[parent],
    })
    ids[code!] = made.id
    uids[code!] = made.uid
  }
})
afterAll(() => database.drop())

const person = (more: Partial<Actor> & { roles: Role[] }): Actor => ({
  kind: 'person',
  personId: 1,
  uid: 'u',
  name: 'n',
  organisationId: ids.province!,
  scopes: null,
  ...more,
})
const entryOf = (code: string, state = 'draft') => ({ kind: 'dataset', organisationId: ids[code], state })

describe('denied by default', () => {
  test('an unknown action, even for the program', () => {
    expect(isAllowed(systemActor('seed'), 'dataset:explode')).toBe(false)
    expect(isAllowed(person({ roles: [...roles] }), '__proto__')).toBe(false)
  })
  test('the public may do what is public and nothing else', () => {
    const open = actionNames.filter((a) => isAllowed(anonymous, a))
    expect(open).toEqual(actionNames.filter((a) => actions[a][0] === 'public'))
  })
  test('a person without a role has only what is their own', () => {
    const may = actionNames.filter((a) => isAllowed(person({ roles: [] }), a) && actions[a][0] !== 'public')
    expect(may.sort()).toEqual([
      'notice:read',
      'notice:update',
      'password:set',
      'token:create',
      'token:read',
      'token:revoke',
    ])
  })
  test('every action is permitted to somebody', () => {
    for (const action of actionNames)
      expect([action, roles.some((r) => isAllowed(person({ roles: [r] }), action))]).toEqual([action, true])
  })
  test('a body that is not in the tree is in nobody’s area', () => {
    const steward = person({ roles: ['steward'] })
    expect(isAllowed(steward, 'dataset:update', { kind: 'dataset', organisationId: 999_999 })).toBe(false)
    expect(isAllowed(steward, 'dataset:update', { kind: 'dataset' })).toBe(false)
    const lost = person({ roles: ['steward'], organisationId: 999_999 })
    expect(isAllowed(lost, 'dataset:update', { kind: 'dataset', organisationId: 999_999 })).toBe(false)
  })
})

describe('the own organisation and below', () => {
  test.each(['steward', 'department_reviewer', 'data_office_reviewer'] as const)('%s', (role) => {
    const actor = person({ roles: [role] })
    for (const action of ['dataset:update', 'review:submit']) {
      expect(isAllowed(actor, action)).toBe(true)
      expect(isAllowed(actor, action, entryOf('province'))).toBe(true)
      expect(isAllowed(actor, action, entryOf('county'))).toBe(true)
      expect(isAllowed(actor, action, entryOf('nation'))).toBe(false)
      expect(isAllowed(actor, action, entryOf('other'))).toBe(false)
    }
  })
  test('only the data office publishes and retires without review, and only there', () => {
    for (const action of ['dataset:publish', 'dataset:retire']) {
      for (const role of roles)
        expect([role, isAllowed(person({ roles: [role] }), action)]).toEqual([
          role,
          role === 'data_office_reviewer',
        ])
      const office = person({ roles: ['data_office_reviewer'] })
      expect(isAllowed(office, action, entryOf('county'))).toBe(true)
      expect(isAllowed(office, action, entryOf('other'))).toBe(false)
    }
  })
  test('each stage of a review is decided by its own reviewers', () => {
    const submission = (code: string, state: string) => ({ kind: 'review', organisationId: ids[code], state })
    const may = (role: Role, code: string, state: string) =>
      isAllowed(person({ roles: [role] }), 'review:decide', submission(code, state))
    expect(may('department_reviewer', 'county', 'dept_review')).toBe(true)
    expect(may('department_reviewer', 'county', 'centre_review')).toBe(false)
    expect(may('data_office_reviewer', 'county', 'centre_review')).toBe(true)
    expect(may('data_office_reviewer', 'county', 'dept_review')).toBe(false)
    expect(may('data_office_reviewer', 'other', 'centre_review')).toBe(false)
    expect(may('steward', 'county', 'dept_review')).toBe(false)
    for (const state of ['returned', 'refused', 'withdrawn', 'approved'])
      expect(may('data_office_reviewer', 'county', state)).toBe(false)
  })
  test('a viewer reads drafts there and changes nothing', () => {
    const actor = person({ roles: ['viewer'] })
    expect(isAllowed(actor, 'dataset:read-draft', entryOf('county'))).toBe(true)
    expect(isAllowed(actor, 'dataset:read-draft', entryOf('other'))).toBe(false)
    expect(isAllowed(actor, 'dataset:update', entryOf('county'))).toBe(false)
  })
  test('administrators do not touch entries', () => {
    for (const role of ['system_admin', 'security_admin', 'audit_admin'] as const)
      expect(isAllowed(person({ roles: [role] }), 'dataset:update', entryOf('county'))).toBe(false)
  })
  test('drafts are not public, published entries are', () => {
    expect(isAllowed(anonymous, 'dataset:read', entryOf('county'))).toBe(false)
    expect(isAllowed(anonymous, 'dataset:read', entryOf('county', 'published'))).toBe(true)
  })
})

describe('tokens', () => {
  const token = (scopes: string[]) => person({ kind: 'token', roles: ['steward'], scopes })
  test('do what their scopes name, within their owner’s roles', () => {
    expect(isAllowed(token(['dataset:update']), 'dataset:update', entryOf('county'))).toBe(true)
    expect(isAllowed(token(['dataset:update']), 'dataset:update', entryOf('other'))).toBe(false)
    expect(isAllowed(token(['dataset:update']), 'dataset:create', entryOf('county'))).toBe(false)
    expect(isAllowed(token(['audit:read']), 'audit:read')).toBe(false)
    expect(isAllowed(token(['dataset:update']), 'search:read')).toBe(true)
  })
  test('make no tokens', () => expect(isAllowed(token(['token:create']), 'token:create')).toBe(false))
})

test('only the security administrator grants, and never to themselves', () => {
  const admin = person({ roles: ['security_admin'] })
  expect(isAllowed(admin, 'role:grant', { kind: 'person', ownerId: 2 })).toBe(true)
  expect(isAllowed(admin, 'role:grant', { kind: 'person', ownerId: 1 })).toBe(false)
  for (const role of roles.filter((r) => r !== 'security_admin'))
    expect(isAllowed(person({ roles: [role] }), 'role:grant')).toBe(false)
})

test('the public is told to sign in, others that they may not', () => {
  expect(() => authorize(anonymous, 'audit:read')).toThrow(expect.objectContaining({ code: 'not_signed_in' }))
  expect(() => authorize(person({ roles: ['viewer'] }), 'audit:read')).toThrow(
    expect.objectContaining({ code: 'forbidden' }),
  )
})

describe('the tree', () => {
  test('paths and subtrees', () => {
    expect(pathToRoot(ids.county!)).toEqual([ids.county, ids.province, ids.nation])
    expect(subtree(ids.province!).sort()).toEqual([ids.province, ids.county].sort())
    expect(isWithin(ids.nation!, ids.county!)).toBe(false)
  })
  test('a move takes the area along, and no ring can be closed', async () => {
    const actor = person({ roles: ['steward'], organisationId: ids.other! })
    expect(isAllowed(actor, 'dataset:update', entryOf('county'))).toBe(false)
    await updateOrganisation(database.db, seeder, 'county', { parentUid: uids.other })
    expect(isAllowed(actor, 'dataset:update', entryOf('county'))).toBe(true)
    await expect(
      updateOrganisation(database.db, seeder, 'nation', { parentUid: uids.county }),
    ).rejects.toMatchObject({ code: 'invalid_content', faults: [{ rule: 'ring' }] })
    await updateOrganisation(database.db, seeder, 'county', { parentUid: uids.province })
  })
  test('changes made elsewhere are noticed', async () => {
    await database.pool.query(
      `insert into security.organisation (code, name, tier, parent_id) values ('bulk', 'bulk', 'nation', $1)`,
      [ids.county],
    )
    await reloadOrganisationTree(database.db)
    const { rows } = await database.pool.query(`select id from security.organisation where code = 'bulk'`)
    expect(pathToRoot(rows[0].id)).toHaveLength(4)
  })
})
