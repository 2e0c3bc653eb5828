import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CkanNode, startCkanNode } from '../../../test/support/ckan-node.ts'
import { sql } from '../../platform/postgres.ts'
import type { Loose } from './resource.ts'

// What loaders write, and that a dump of one node, loaded into another, is the same dump there.

const editing = ['dataset:create', 'dataset:update', 'dataset:read-draft']
const bodies = ['organisation:create', 'organisation:update']

let node: CkanNode
let office: string
let steward: string
let admin: string
beforeAll(async () => {
  node = await startCkanNode()
  office = await node.tokenOf('office', 'data_office_reviewer', [
    ...editing,
    'dataset:publish',
    'dataset:retire',
  ])
  steward = await node.tokenOf('steward', 'steward', [...editing, 'review:submit'], 'county')
  admin = await node.tokenOf('admin', 'system_admin', bodies)
}, 120_000)
afterAll(() => node?.close())

interface Pack extends Loose {
  id: string
  name: string
  state: string
  metadata_modified: string
  resources: (Loose & { id: string; url: string })[]
  extras: { key: string; value: string }[]
}
const write = async (name: string, params: Loose, token = office): Promise<Pack> => {
  const { status, body } = await node.act(name, params, token)
  expect(status, JSON.stringify(body)).toBe(200)
  return body.result
}
const show = (id: string, token?: string): Promise<Pack> => write('package_show', { id }, token)
const refused = async (name: string, params: Loose, token = office): Promise<Loose> => {
  const { status, body } = await node.act(name, params, token)
  expect([status, body.success], JSON.stringify(body)).toEqual([409, false])
  return body.error
}
const extra = (pack: Pack, key: string) => pack.extras.find((e) => e.key === key)?.value
const auditOf = async (uid: string) => {
  const { rows } = await sql<{ action: string }>`
    select action from (select action, object_id, at from security.audit_intake
      union all select action, object_id, at from security.audit_event) e
    where object_id = ${uid} order by at`.execute(node.db)
  return rows.map((r) => r.action)
}

describe('packages', () => {
  test('a package of the simplest kind is published by the data office, audited, and retired', async () => {
    const made = await write('package_create', {
      name: 'bus-stops',
      title: 'Bus stops',
      notes: 'Where buses stop.',
      owner_org: 'county',
      license_id: 'cc-by',
      tags: [{ name: 'transport' }, 'bus'],
      groups: [{ name: 'transport' }],
      extras: [{ key: 'frequency', value: 'monthly' }],
      author: 'Road office',
      unusual: 'kept',
      resources: [
        { name: 'Stops', url: 'https://example.org/stops.csv', format: 'csv', size: '1200', custom: 'x' },
      ],
    })
    expect(made).toMatchObject({
      name: 'bus-stops',
      state: 'active',
      private: false,
      author: 'Road office',
      license_title: 'Creative Commons Attribution',
      num_tags: 2,
      resources: [{ size: 1200, format: 'csv', custom: 'x', package_id: made.id, position: 0 }],
      groups: [{ name: 'transport' }],
    })
    expect([extra(made, 'frequency'), extra(made, 'unusual'), extra(made, 'sharing_type')]).toEqual([
      'monthly',
      'kept',
      'unconditional',
    ])
    expect(await show('bus-stops')).toEqual(made)
    expect(await auditOf(made.id)).toEqual(['dataset:create', 'dataset:publish'])
    await write('package_delete', { id: 'bus-stops' })
    expect((await node.act('package_show', { id: made.id })).status).toBe(404)
    expect(await show(made.id, office)).toMatchObject({ state: 'deleted' })
    expect(await auditOf(made.id)).toContain('dataset:retire')
  })

  test('who may not publish leaves a draft', async () => {
    const made = await write('package_create', { title: 'Of a steward', owner_org: 'county' }, steward)
    expect(made).toMatchObject({ state: 'draft', private: true })
    expect((await node.act('package_show', { id: made.id })).status).toBe(404)
    expect((await node.act('package_delete', { id: made.id }, steward)).status).toBe(200)
    const graded = {
      title: 'For review',
      owner_org: 'county',
      extras: [
        { key: 'grade', value: 'general_1' },
        { key: 'assessment', value: '{"secrecy":{"result":"not_secret"},"personal":{"result":"none"}}' },
      ],
    }
    const submitted = await write('package_create', graded, steward)
    expect(submitted.state).toBe('draft')
    // Whoever changes it now is told that it is under review.
    expect(await refused('package_patch', { id: submitted.id, notes: 'x' }, steward)).toHaveProperty(
      'message',
    )
    const unfit = { ...graded, extras: [{ key: 'assessment', value: '{"secrecy":1}' }] }
    expect(await refused('package_create', unfit, steward)).toHaveProperty('extras')
    const published = await write('package_create', { title: 'Published', owner_org: 'county', author: 'A' })
    await write('package_patch', { id: published.id, title: 'Changed by a steward', author: 'B' }, steward)
    expect(await show(published.id)).toEqual(published)
    const elsewhere = await node.act('package_create', { title: 'x', owner_org: 'other' }, steward)
    expect(elsewhere).toMatchObject({ status: 403, body: { error: { __type: 'Authorization Error' } } })
  })

  test('update replaces, patch keeps, and what is the same makes no version', async () => {
    const made = await write('package_create', {
      title: 'Wells',
      owner_org: 'county',
      notes: 'Old',
      url: 'https://example.org/wells',
      extras: [
        { key: 'sharing_type', value: 'conditional' },
        { key: 'sharing_condition', value: 'by_agreement' },
        { key: 'open_type', value: 'not_open' },
        { key: 'items', value: JSON.stringify([{ name: 'depth', dataType: 'numeric' }]) },
      ],
    })
    const patched = await write('package_patch', { id: made.id, notes: 'New' })
    expect(patched).toMatchObject({ notes: 'New', url: 'https://example.org/wells', title: 'Wells' })
    expect(patched.metadata_modified > made.metadata_modified).toBe(true)
    expect(await write('package_update', patched)).toEqual(patched)
    const updated = await write('package_update', { id: made.id, title: 'Wells', owner_org: 'county' })
    expect(updated).toMatchObject({ notes: '', url: '' })
    // Sharing is a legal statement: silence does not change it.
    expect(extra(updated, 'sharing_type')).toBe('conditional')
    expect(extra(updated, 'sharing_condition')).toBe('by_agreement')
    expect(extra(updated, 'items')).toBeUndefined()
  })

  test('names are unique and of CKAN’s form, ids too', async () => {
    const made = await write('package_create', { name: 'unique-name', title: 'A', owner_org: 'county' })
    expect(
      await refused('package_create', { name: 'unique-name', title: 'B', owner_org: 'county' }),
    ).toMatchObject({
      name: ['That URL is already in use.'],
    })
    expect(await refused('package_create', { name: 'No Spaces', title: 'B' })).toHaveProperty('name')
    expect(await refused('package_create', { id: made.id, title: 'B' })).toEqual({
      __type: 'Validation Error',
      id: ['Dataset id already exists'],
    })
    expect(await refused('package_create', { id: 'x', title: 'B' })).toHaveProperty('id')
    const renamed = await write('package_patch', { id: made.id, name: 'new-name' })
    expect(renamed.name).toBe('new-name')
    expect((await node.act('package_show', { id: 'unique-name' })).status).toBe(404)
    expect((await write('package_patch', { id: 'new-name', name: made.id })).name).toBe(made.id)
  })

  test('the catalogue’s rules refuse, field by field', async () => {
    const wrong = await refused('package_create', {
      owner_org: 'county',
      groups: [{ name: 'no-such-theme' }],
      resources: [{ url: 'not an address' }],
    })
    expect(Object.keys(wrong).sort()).toEqual(['__type', 'groups'])
    const more = await refused('package_create', {
      owner_org: 'county',
      resources: [{ url: 'not an address' }],
      extras: [{ key: 'update_cycle', value: 'never ever' }],
    })
    expect(Object.keys(more).sort()).toEqual(['__type', 'extras', 'resources', 'title'])
    expect(await refused('package_create', { title: 'x', owner_org: 'nobody' })).toHaveProperty('owner_org')
    expect(await refused('package_create', { title: 'x', extras: [{ key: 'items', value: '[' }] })).toEqual({
      __type: 'Validation Error',
      extras: ['items: this is not JSON.'],
    })
  })

  test('dates come with a package that is new or newer, never from what a client was shown', async () => {
    const given = { metadata_created: '2012-05-06T07:08:09.123456', metadata_modified: '2013-01-02T03:04:05' }
    const made = await write('package_create', { title: 'Dated', owner_org: 'county', ...given })
    expect(made).toMatchObject({ ...given, metadata_modified: '2013-01-02T03:04:05.000000' })
    const shownBack = await write('package_update', { ...made, title: 'Dated anew' })
    expect(shownBack.metadata_created).toBe(given.metadata_created)
    expect(shownBack.metadata_modified > '2020').toBe(true)
    const future = await write('package_patch', {
      id: made.id,
      title: 'x',
      metadata_modified: '2999-01-01T00:00:00',
    })
    expect(future.metadata_modified < '2999').toBe(true)
  })

  test('package_revise matches, filters and updates parts', async () => {
    const made = await write('package_create', {
      title: 'Revised',
      owner_org: 'county',
      tags: ['a', 'b'],
      resources: [
        { name: 'one', url: 'https://example.org/1' },
        { name: 'two', url: 'https://example.org/2' },
      ],
    })
    const revised = (
      (
        await node.act(
          'package_revise',
          {
            match: { id: made.id, title: 'Revised' },
            filter: ['-tags'],
            update: { notes: 'By parts' },
            update__resources__1: { description: 'the second' },
            update__resources__extend: [{ name: 'three', url: 'https://example.org/3' }],
            [`update__resources__${made.resources[0]!.id.slice(0, 36)}__name`]: 'uno',
          },
          office,
        )
      ).body.result as { package: Pack }
    ).package
    expect(revised).toMatchObject({ notes: 'By parts', tags: [] })
    expect(revised.resources.map((r) => [r.name, r.description])).toEqual([
      ['uno', ''],
      ['two', 'the second'],
      ['three', ''],
    ])
    expect(
      await refused('package_revise', { match: { id: made.id, title: 'Other' }, update: {} }),
    ).toHaveProperty('message')
  })
})

describe('resources', () => {
  test('keep their id through every change', async () => {
    const pack = await write('package_create', { title: 'With files', owner_org: 'county' })
    const one = await write('resource_create', {
      package_id: pack.id,
      url: 'https://example.org/a.csv',
      name: 'A',
    })
    const own = '3f2c1a90-9d5e-4a86-8d4b-0a1b2c3d4e5f'
    const two = await write('resource_create', {
      package_id: pack.id,
      id: own,
      url: 'https://example.org/b.csv',
    })
    expect(two.id).toBe(own)
    const moved = await write('resource_patch', { id: one.id, url: 'https://example.org/c.csv' })
    expect(moved).toMatchObject({ id: one.id, url: 'https://example.org/c.csv', name: 'A' })
    const replaced = await write('resource_update', { id: one.id, url: 'https://example.org/d.csv' })
    expect(replaced).toMatchObject({ id: one.id, url: 'https://example.org/d.csv', name: null })
    expect(await show(one.id.length ? pack.id : '')).toMatchObject({
      resources: [{ id: one.id }, { id: own }],
    })
    await write('package_resource_reorder', { id: pack.id, order: [own] })
    expect((await show(pack.id)).resources.map((r) => r.id)).toEqual([own, one.id])
    expect((await node.act('resource_show', { id: own })).body.result).toMatchObject({ position: 0 })
    await node.act('resource_delete', { id: own }, office)
    expect((await show(pack.id)).resources.map((r) => r.id)).toEqual([one.id])
    expect((await node.act('resource_show', { id: own })).status).toBe(404)
  })

  test('files are refused with what to do', async () => {
    const pack = await write('package_create', { title: 'Upload', owner_org: 'county' })
    const payload = `--form\r\ncontent-disposition: form-data; name="package_id"\r\n\r\n${pack.id}\r\n--form\r\ncontent-disposition: form-data; name="upload"; filename="a.csv"\r\n\r\na,b\r\n--form--\r\n`
    const answer = await node.app.inject({
      method: 'POST',
      url: '/api/action/resource_create',
      payload,
      headers: { authorization: office, 'content-type': 'multipart/form-data; boundary=form' },
    })
    expect([answer.statusCode, answer.json().error.upload[0]]).toEqual([409, expect.stringMatching(/url/)])
  })
})

describe('organizations and groups', () => {
  test('bodies are registered by the system administrator', async () => {
    const org = { name: 'water-board', title: 'Water board', extras: [{ key: 'tier', value: 'county' }] }
    expect((await node.act('organization_create', org, office)).status).toBe(403)
    const made = await write('organization_create', { ...org, groups: [{ name: 'county' }] }, admin)
    expect(made).toMatchObject({ name: 'water-board', groups: [{ name: 'county' }], is_organization: true })
    const patched = await write('organization_patch', { id: made.id, description: 'Of the county' }, admin)
    expect(patched).toMatchObject({ title: 'Water board', description: 'Of the county' })
    expect(await refused('organization_create', { name: 'x-y', title: 'No tier' }, admin)).toHaveProperty(
      'extras',
    )
    expect(
      await refused('organization_create', { ...org, groups: [{ name: 'none' }] }, admin),
    ).toHaveProperty('groups')
    expect(await refused('organization_delete', { id: made.id }, admin)).toHaveProperty('id')
  })

  test('groups are the themes of the profile', async () => {
    const health = (await node.act('group_show', { id: 'health' })).body.result as Loose
    expect(await write('group_create', health)).toMatchObject({ name: 'health' })
    expect(await write('group_update', health)).toMatchObject({ name: 'health' })
    expect(await refused('group_create', { name: 'mine', title: 'Mine' })).toHaveProperty('name')
    expect(await refused('group_update', { id: 'health', title: 'Other' })).toHaveProperty('title')
    expect(await refused('group_delete', { id: 'health' })).toHaveProperty('id')
  })
})

test('dumped, loaded into another node and dumped there, nothing is different', async () => {
  await node.publish([
    {
      title: 'Full entry',
      abstract: 'Two\nlines.',
      translations: { 'zh-CN': { title: '全', abstract: '二' } },
      theme: ['health', 'water'],
      keyword: ['One', '二'],
      sharingType: 'conditional',
      sharingCondition: 'by_agreement',
      openType: 'conditional',
      openCondition: 'Ask.',
      spatial: ['A', 'B'],
      temporalStart: '2001-02-03',
      issued: '2002-02-03',
      modified: '2024-03-31T08:00:00.000Z',
      landingPage: 'https://example.org/x',
      license: 'https://example.org/own-licence',
      contact: { name: 'Desk', email: 'd@example.org', phone: '1', url: 'https://example.org/desk' },
      related: [{ kind: 'source', identifier: 'urn:x', title: 'X' }],
      items: [
        { code: '1', name: 'n', dataType: 'integer', body: 'other', isKey: true, personal: true, length: 3 },
      ],
      distributions: [
        {
          title: 'Same',
          accessUrl: 'https://example.org/1',
          downloadUrl: 'https://example.org/1.csv',
          format: 'CSV',
        },
        {
          title: 'Same',
          downloadUrl: 'https://example.org/1.csv',
          license: 'x',
          issued: '2020-01-01',
          byteSize: 3,
        },
        { title: 'No address', description: 'By post', checksum: 'abc', mediaType: 'text/csv' },
      ],
      services: [
        { title: 'API', endpointUrl: 'https://example.org/api', conformsTo: 'https://example.org/std' },
      ],
    },
    { title: 'Licence by title', license: 'Creative Commons Attribution' },
  ])
  const second = await startCkanNode({ bodies: false })
  try {
    const loader = await second.tokenOf(
      'office2',
      'data_office_reviewer',
      [...editing, 'dataset:publish', 'dataset:retire'],
      'desk',
    )
    const registrar = await second.tokenOf('admin2', 'system_admin', bodies, 'desk')
    const first = await dump(node)
    expect(first.datasets.length).toBeGreaterThanOrEqual(8)
    await load(second, 'organization', first.organizations, registrar)
    await load(second, 'group', first.groups, loader)
    // The office of the second node stands above the bodies it loads for.
    await second.db.transaction().execute(async (tx) => {
      await sql`update security.organisation set parent_id = (select id from security.organisation where code = 'desk')
        where code = 'nation'`.execute(tx)
    })
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    await load(second, 'package', first.datasets, loader)
    const again = await dump(second)
    expect(again.datasets).toEqual(first.datasets)
    expect(again.groups).toEqual(first.groups)
    const without = (list: Loose[]) =>
      list.filter((o) => o.name !== 'desk').map(({ groups: _, package_count: __, ...rest }) => rest)
    expect(without(again.organizations)).toEqual(without(first.organizations))
    await load(second, 'package', first.datasets, loader)
    const { rows } = await sql<{ most: number }>`select max(version) as most from catalog.dataset`.execute(
      second.db,
    )
    expect(rows[0]!.most).toBe(2)
  } finally {
    await second.close()
  }
}, 180_000)

async function dump(from: CkanNode) {
  const every = async (list: string, one: string) => {
    const names = (await from.act(list)).body.result as string[]
    const all: Loose[] = []
    for (const id of names) all.push((await from.act(one, { id, include_datasets: false })).body.result)
    return all
  }
  return {
    organizations: await every('organization_list', 'organization_show'),
    groups: (await every('group_list', 'group_show')).map(({ package_count: _, ...rest }) => rest),
    datasets: await every('package_list', 'package_show'),
  }
}

/** As ckanapi loads: what is there is updated, the rest is made. */
async function load(into: CkanNode, thing: string, records: Loose[], token: string) {
  for (const record of records) {
    const there = await into.act(`${thing}_show`, { id: record.id })
    const action = there.status === 200 ? 'update' : 'create'
    const answer = await into.act(`${thing}_${action}`, record, token)
    expect(answer.status, `${thing}_${action} ${JSON.stringify(answer.body)}`).toBe(200)
  }
}
