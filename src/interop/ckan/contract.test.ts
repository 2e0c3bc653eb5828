import { existsSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CkanNode, startCkanNode } from '../../../test/support/ckan-node.ts'
import type { Loose } from './resource.ts'

// What scripts and harvesters of CKAN rely on, line by line (interop.md, contract tests at every release).

let node: CkanNode
/** May publish what comes from elsewhere; may write drafts only. */
let office: string
let steward: string
const total = 24

beforeAll(async () => {
  node = await startCkanNode()
  const editing = ['dataset:create', 'dataset:update', 'dataset:read-draft']
  office = await node.tokenOf('office', 'data_office_reviewer', [
    ...editing,
    'dataset:publish',
    'dataset:retire',
  ])
  steward = await node.tokenOf('steward', 'steward', editing, 'county')
  await node.publish(
    Array.from({ length: total }, (_, i) => ({
      body: i % 3 === 0 ? 'other' : 'county',
      title: `${i % 2 ? 'Water' : 'School'} register ${i}`,
      keyword: ['Economy', ...(i % 4 ? [] : ['open "quoted" data']), `tag ${i % 5}`],
      theme: i % 6 === 0 ? ['health', 'water'] : ['education'],
      license: i % 5 === 0 ? 'http://www.opendefinition.org/licenses/cc-by' : 'cc-by',
      distributions: [
        {
          title: 'Table',
          format: i % 2 ? 'CSV' : 'XLSX',
          downloadUrl: `https://example.org/${i}.csv`,
          byteSize: 10 + i,
        },
        { title: 'Page', accessUrl: `https://example.org/${i}` },
      ],
      services: i % 7 ? [] : [{ title: 'API', endpointUrl: `https://example.org/api/${i}` }],
      contact: { name: 'Desk', email: 'desk@example.org', phone: '12' },
    })),
  )
  await node.found(total)
}, 120_000)
afterAll(() => node?.close())

interface Search {
  count: number
  sort: string
  results: Loose[]
  facets: Record<string, Record<string, number>>
  search_facets: Record<
    string,
    { title: string; items: { name: string; display_name: string; count: number }[] }
  >
}
const search = async (params: Loose): Promise<Search> => {
  const { status, body } = await node.act('package_search', params)
  expect(status, JSON.stringify(body)).toBe(200)
  return body.result
}
const count = async (params: Loose) => (await search({ rows: 0, ...params })).count
const help = (name: string) => expect.stringMatching(new RegExp(`/api/3/action/help_show\\?name=${name}$`))

describe('errors', () => {
  test.each([
    ['package_create', { title: '' }, 409, 'Validation Error'],
    ['package_show', { id: 'no-such-thing' }, 404, 'Not Found Error'],
    ['datastore_search', { resource_id: '5b1c9b3e-2b1f-4f36-9d3a-2f6d1f5d9f00' }, 404, 'Not Found Error'],
    ['datastore_info', { id: 'x' }, 404, 'Not Found Error'],
    ['package_search', { fq: '{!xjoin}x' }, 400, 'Search Query Error'],
    ['package_search', { q: 'title:(' }, 400, 'Search Query Error'],
    ['package_search', { fq: 'no_such_field:1' }, 400, 'Search Query Error'],
    ['package_search', { no_such_parameter: 1 }, 400, 'Search Query Error'],
    ['package_search', { sort: 'nonsense upwards' }, 400, 'Search Query Error'],
    ['package_search', { rows: 'many' }, 409, 'Validation Error'],
  ])('%s %j is %i %s', async (name, params, status, type) => {
    const answer = await node.act(name, params, office)
    expect(answer.status).toBe(status)
    expect(Object.keys(answer.body).sort()).toEqual(['error', 'help', 'success'])
    expect(answer.body).toMatchObject({ help: help(name), success: false, error: { __type: type } })
    if (type === 'Validation Error')
      for (const [field, messages] of Object.entries(answer.body.error))
        if (field !== '__type') expect(messages).toEqual(expect.arrayContaining([expect.any(String)]))
  })

  test('say what CKAN says', async () => {
    expect((await node.act('package_show', { id: 'x' })).body.error.message).toBe('Not found')
    expect((await node.act('package_create', { title: 'x' })).body.error.message).toMatch(/^Access denied: /)
    expect((await node.act('package_show', {})).body.error).toEqual({
      __type: 'Validation Error',
      id: ['Missing value'],
    })
    expect((await node.act('package_search', { foo: 1, bar: 2 })).body.error.message).toBe(
      `Search Query is invalid: "Invalid search parameters: ['foo', 'bar']"`,
    )
  })

  test('of requests that no action could take are bare texts', async () => {
    const bare = async (answer: { status: number; body: unknown }) => {
      expect(answer.status).toBe(400)
      expect(answer.body).toEqual(expect.stringMatching(/^Bad request - /))
    }
    await bare(await node.act('no_such_action'))
    await bare(await node.get('/api/3/action/no_such_action'))
    for (const payload of ['{"id":', '[1]', '"x"', 'null']) {
      const headers = { 'content-type': 'application/json' }
      const answer = await node.app.inject({
        method: 'POST',
        url: '/api/3/action/package_show',
        payload,
        headers,
      })
      await bare({ status: answer.statusCode, body: answer.json() })
    }
  })

  test('a refusal is 403 for the public and for a token that is none', async () => {
    for (const token of [undefined, 'concord_none', 'anything'])
      expect(await node.act('package_create', { title: 'x' }, token)).toMatchObject({
        status: 403,
        body: { success: false, error: { __type: 'Authorization Error' } },
      })
  })
})

describe('transport', () => {
  test('GET of an action that writes is refused, whoever asks', async () => {
    const answer = await node.get('/api/3/action/package_create?title=x', { authorization: office })
    expect(answer.status).toBe(400)
    expect(answer.body).toBe(
      'Bad request - JSON Error: Invalid request. Please use POST method for your request',
    )
  })

  test('both path families, with and without slash, GET and POST, JSON and forms answer without redirect', async () => {
    const [{ id }] = (await search({ rows: 1 })).results as [{ id: string }]
    const bodies = [
      ['application/json', JSON.stringify({ id })],
      ['application/x-www-form-urlencoded', `id=${id}`],
      ['application/x-www-form-urlencoded', JSON.stringify({ id })],
      [
        'multipart/form-data; boundary=formBoundary',
        `--formBoundary\r\ncontent-disposition: form-data; name="id"\r\n\r\n${id}\r\n--formBoundary--\r\n`,
      ],
    ] as const
    for (const path of ['/api/action/package_show', '/api/3/action/package_show'])
      for (const url of [path, `${path}/`]) {
        expect((await node.get(`${url}?id=${id}&include_tracking=true`)).body).toMatchObject({
          success: true,
        })
        for (const [type, payload] of bodies) {
          const answer = await node.app.inject({
            method: 'POST',
            url,
            payload,
            headers: { 'content-type': type },
          })
          expect([answer.statusCode, answer.json().result?.id], `${url} ${type} ${answer.body}`).toEqual([
            200,
            id,
          ])
        }
      }
    expect((await node.get('/api/3')).body).toEqual({ version: 3 })
    expect((await node.get('/api/')).body).toEqual({ version: 3 })
  })

  test('a key given twice is a list', async () => {
    const twice = await node.get('/api/3/action/package_search?facet.field=tags&facet.field=groups&rows=0')
    expect(Object.keys((twice.body.result as Search).search_facets)).toEqual(['tags', 'groups'])
    const both = await node.get('/api/3/action/package_search?fq=organization:other&fq=title:water&rows=0')
    expect((both.body.result as Search).count).toBe(4)
  })

  test('callback makes a script of it and drops the identity', async () => {
    const script = await node.get('/api/3/action/user_show?callback=my.fn', { authorization: office })
    expect(script.status).toBe(404)
    const status = await node.app.inject({ url: '/api/3/action/site_read?callback=my.fn' })
    expect(status.headers['content-type']).toMatch(/^application\/javascript/)
    expect(status.body).toMatch(/^my\.fn\(\{.*\}\);$/)
    const evil = await node.get('/api/3/action/site_read?callback=alert(1)//')
    expect([evil.status, typeof evil.body]).toEqual([400, 'string'])
    const posted = await node.act('package_create', { title: 'x', callback: 'f' }, office)
    expect(posted.status).toBe(403)
    expect((await node.act('user_show', {}, office)).body.result).toMatchObject({ fullname: 'office' })
  })

  test('unknown keys of reads are ignored', async () => {
    const [{ id }] = (await search({ rows: 1 })).results as [{ id: string }]
    const more = { include_datasets: false, include_password_hash: true, include_users: true, anything: [1] }
    expect((await node.act('package_show', { id, ...more })).status).toBe(200)
    expect((await node.act('organization_show', { id: 'county', ...more })).status).toBe(200)
  })
})

describe('package_search', () => {
  test('answers in CKAN’s shape', async () => {
    const { status, body } = await node.act('package_search', { rows: 2 })
    expect(status).toBe(200)
    expect(Object.keys(body.result).sort()).toEqual(['count', 'facets', 'results', 'search_facets', 'sort'])
    const found: Search = body.result
    expect(found).toMatchObject({
      count: total,
      sort: 'score desc, metadata_modified desc',
      facets: {},
      search_facets: {},
    })
    expect(found.results[0]).toMatchObject({
      state: 'active',
      type: 'dataset',
      private: false,
      license_id: 'cc-by',
      isopen: true,
      maintainer: 'Desk',
      metadata_created: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/),
      metadata_modified: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/),
      organization: { is_organization: true, type: 'organization' },
      relationships_as_subject: [],
    })
  })

  test.each([
    ['organization:other', 8],
    ['-organization:other', 16],
    ['NOT organization:other', 16],
    ['(organization:other OR organization:county)', total],
    ['organization:(other county)', 0],
    ['+organization:county +title:water', 8],
    ['tags:economy', total],
    ['tags:Economy', total],
    ['tags:"open \\"quoted\\" data"', 6],
    ['tags:"tag 1" OR tags:"tag 2"', 10],
    ['tags:econ*', total],
    ['res_format:CSV', 12],
    ['res_format:csv', 12],
    ['groups:health', 4],
    ['license_id:cc-by', total],
    ['metadata_modified:[2015-10-23T14:51:13.282361Z TO *]', total],
    ['metadata_modified:[* TO 2015-10-23T14:51:13.282361Z]', 0],
    ['metadata_modified:[NOW-1DAY TO NOW+1DAY]', total],
    ['metadata_modified:{* TO NOW/YEAR-10YEARS}', 0],
    ['title:water', 12],
    ['title:(water OR school) AND -tags:"tag 0"', 19],
    ['"water register"', 12],
    ['title:"register water"', 0],
    ['state:active AND capacity:public', total],
    ['state:deleted', 0],
    ['dataset_type:dataset -title:nothing', total],
    ['*:*', total],
    ['sharing_type:unconditional', total],
    ['update_cycle:daily', 0],
  ])('fq %s', async (fq, expected) => {
    expect(await count({ fq })).toBe(expected)
    expect(await count({ fq_list: [fq] })).toBe(expected)
    expect(await count({ q: fq.includes(':') ? fq : `"water register"` })).toBe(expected)
  })

  test('filters narrow each other however they are given', async () => {
    const both = { fq: 'organization:county', fq_list: '["title:water"]' }
    expect(await count(both)).toBe(8)
    expect(await count({ fq: ['organization:county', 'title:water'] })).toBe(8)
    expect(await count({ q: 'water', fq: 'organization:county' })).toBe(8)
    expect(await count({ q: 'nothingofthekind' })).toBe(0)
    expect(await count({ q: '!!!' })).toBe(0)
    for (const q of ['', '*', '*:*', '""']) expect(await count({ q })).toBe(total)
  })

  test('ids and names are sought whole', async () => {
    const [{ id }] = (await search({ rows: 1 })).results as [{ id: string }]
    expect(await count({ fq: `id:${id}` })).toBe(1)
    expect(await count({ q: `name:"${id}" OR name:unknown` })).toBe(1)
    expect(await count({ fq: `owner_org:${node.bodies.other!.uid}` })).toBe(8)
  })

  test('facets come in both forms, the items by falling display name', async () => {
    const fields = ['organization', 'groups', 'tags', 'res_format', 'license_id', 'sharing_type']
    const found = await search({ 'facet.field': JSON.stringify(fields), rows: 0 })
    expect(Object.keys(found.facets)).toEqual(fields)
    expect(found.facets).toMatchObject({
      organization: { county: 16, other: 8 },
      tags: { Economy: total },
      res_format: { CSV: 12, XLSX: 12 },
      license_id: { 'cc-by': total },
    })
    for (const field of fields) {
      const { title, items } = found.search_facets[field]!
      expect(title).toBe(field)
      expect(Object.fromEntries(items.map((i) => [i.name, i.count]))).toEqual(found.facets[field])
      const shown = items.map((i) => i.display_name)
      expect(shown).toEqual([...shown].sort().reverse())
    }
    expect(found.search_facets.organization!.items[0]).toMatchObject({
      name: 'other',
      display_name: 'Body other',
    })
  })

  test('facets count what the filters leave; limit, mincount and facet are heeded', async () => {
    const of = async (params: Loose) =>
      (await search({ 'facet.field': ['tags'], rows: 0, ...params })).facets.tags
    expect(await of({ fq: 'organization:other tags:"tag 0"' })).toEqual({
      Economy: 2,
      'tag 0': 2,
      'open "quoted" data': 1,
    })
    expect(Object.keys((await of({ 'facet.limit': -1 }))!)).toHaveLength(7)
    expect(Object.keys((await of({ 'facet.limit': 2 }))!)).toHaveLength(2)
    expect(await of({ 'facet.limit': 0 })).toEqual({})
    expect(Object.keys((await of({ 'facet.mincount': 6 }))!).sort()).toEqual([
      'Economy',
      'open "quoted" data',
    ])
    expect(await of({ facet: 'false' })).toBeUndefined()
  })

  test('rows above 1000 are cut, not refused', async () => {
    expect((await search({ rows: 5_000 })).results).toHaveLength(total)
    const { body } = await node.act('datastore_search', { resource_id: '_table_metadata', limit: 100_000 })
    expect(body.result).toMatchObject({ limit: 32_000, records: [] })
  })

  test.each([
    'id asc',
    'id desc',
    'metadata_modified desc',
    'metadata_modified asc',
    'title_string asc',
    'title_string desc',
  ])('a walk by %s meets every package once, in that order', async (sort) => {
    const walked: Loose[] = []
    for (let start = 0; ; start += 7) {
      const { results } = await search({ sort, rows: 7, start })
      walked.push(...results)
      if (results.length === 0) break
    }
    expect(new Set(walked.map((p) => p.id)).size).toBe(total)
    const [field, direction] = sort.split(' ') as [string, string]
    const values = walked.map((p) => String(p[field === 'title_string' ? 'title' : field]))
    const order = new Intl.Collator('en').compare
    const sorted = [...values].sort(field === 'id' ? undefined : order)
    expect(values).toEqual(direction === 'desc' ? sorted.reverse() : sorted)
  })

  test('a harvest by time of change misses nothing and gives nothing older', async () => {
    const changed = (await search({ rows: total })).results.map((p) => String(p.metadata_modified)).sort()
    for (const since of new Set(changed)) {
      const fq = `metadata_modified:[${since}Z TO *]`
      expect(await count({ fq, sort: 'id asc' }), since).toBe(changed.filter((c) => c >= since).length)
    }
  })

  test('fl leaves the members asked for', async () => {
    const { results } = await search({ fl: 'id,title', rows: 1 })
    expect(Object.keys(results[0]!).sort()).toEqual(['id', 'title'])
  })

  test('drafts are shown to those who may see them and ask', async () => {
    const made = await node.act('package_create', { title: 'Hidden water draft', private: true }, steward)
    expect(made.body.result).toMatchObject({ state: 'draft', private: true })
    const { id } = made.body.result as { id: string }
    const hidden = { q: 'hidden', include_drafts: true }
    expect(((await node.act('package_search', hidden)).body.result as Search).count).toBe(0)
    const seen: Search = (await node.act('package_search', hidden, steward)).body.result
    expect([seen.count, seen.results.map((r) => r.id)]).toEqual([1, [id]])
    expect((await node.act('package_show', { id })).status).toBe(404)
    expect((await node.act('package_show', { id }, steward)).status).toBe(200)
    expect((await node.act('package_list', { include_private: true }, steward)).body.result).toContain(id)
    expect((await node.act('package_list', { include_private: true })).body.result).not.toContain(id)
    await node.act('package_delete', { id }, steward)
    expect((await node.act('package_show', { id }, steward)).status).toBe(404)
  })
})

describe('lists', () => {
  test('package_list gives sorted names, whole or in pages', async () => {
    const { body } = await node.act('package_list')
    const names: string[] = body.result
    expect(names).toEqual([...names].sort())
    expect(names).toHaveLength(total)
    expect((await node.act('package_list', { limit: 5, offset: 3 })).body.result).toEqual(names.slice(3, 8))
    expect((await node.act('package_list', { offset: total - 1 })).body.result).toEqual(names.slice(-1))
  })

  test('current_package_list_with_resources gives all packages whole, or pages', async () => {
    const all: Loose[] = (await node.act('current_package_list_with_resources')).body.result
    expect(new Set(all.map((p) => p.id)).size).toBe(total)
    const page: Loose[] = (await node.act('current_package_list_with_resources', { limit: 3, offset: 1 }))
      .body.result
    expect(page).toHaveLength(3)
    expect(all).toContainEqual(page[0])
  })

  test('organizations, groups, tags, licences', async () => {
    expect((await node.act('organization_list')).body.result).toEqual(['nation', 'county', 'other'])
    const named = await node.act('organization_list', { sort: 'name desc', limit: 1, all_fields: true })
    expect(named.body.result).toMatchObject([{ name: 'other', package_count: 8, title: 'Body other' }])
    const shown = await node.act('organization_show', { id: node.bodies.county!.uid, include_datasets: true })
    expect(shown.body.result).toMatchObject({
      name: 'county',
      groups: [{ name: 'nation' }],
      package_count: 16,
    })
    expect((shown.body.result as { packages: unknown[] }).packages).toHaveLength(10)
    const group = await node.act('group_show', { id: 'health' })
    expect(group.body.result).toMatchObject({ name: 'health', package_count: 4, is_organization: false })
    expect((await node.act('group_package_show', { id: 'health' })).body.result).toHaveLength(4)
    const tags: Loose[] = (await node.act('tag_list', { all_fields: true })).body.result
    expect(tags).toHaveLength(7)
    expect((await node.act('tag_show', { id: tags[0]!.id })).body.result).toEqual(tags[0])
    expect((await node.act('tag_search', { query: 'tag' })).body.result).toMatchObject({ count: 5 })
    expect((await node.act('tag_autocomplete', { query: 'eco' })).body.result).toEqual(['Economy'])
    expect((await node.act('license_list')).body.result).toContainEqual(
      expect.objectContaining({ id: 'cc-by' }),
    )
    expect((await node.act('help_show', { name: 'package_show' })).body.result).toEqual(expect.any(String))
    expect((await node.act('organization_autocomplete', { q: 'count' })).body.result).toMatchObject([
      { name: 'county' },
    ])
  })

  test('proposals for input fields', async () => {
    const proposed = await node.get('/api/2/util/dataset/autocomplete?incomplete=water&limit=3')
    expect(proposed.body).toMatchObject({ ResultSet: { Result: [{ match_field: 'title' }, {}, {}] } })
    const tags = await node.get('/api/2/util/tag/autocomplete?incomplete=econ')
    expect(tags.body).toEqual({ ResultSet: { Result: [{ Name: 'Economy' }] } })
    const formats = await node.get('/api/2/util/resource/format_autocomplete?incomplete=cs')
    expect(formats.body).toEqual({ ResultSet: { Result: [{ Format: 'csv' }] } })
  })

  test('resources are found by id and by format', async () => {
    const [{ resources }] = (await search({ rows: 1 })).results as [{ resources: Loose[] }]
    for (const resource of resources)
      expect((await node.act('resource_show', { id: resource.id })).body.result).toEqual(resource)
    expect((await node.act('resource_search', { query: 'format:CSV' })).body.result).toMatchObject({
      count: 12,
    })
    expect((await node.act('resource_view_list', { id: resources[0]!.id })).body.result).toEqual([])
  })

  test('Atom feeds', async () => {
    const feed = async (path: string) => {
      const answer = await node.app.inject({ url: `/feeds/${path}` })
      expect(answer.headers['content-type']).toMatch(/^application\/atom\+xml/)
      return answer.body
    }
    const first = await feed('dataset.atom')
    expect(first.match(/<entry>/g)).toHaveLength(20)
    expect(first).toMatch(/<link rel="next" href="[^"]*page=2"\/>/)
    expect((await feed('dataset.atom?page=2')).match(/<entry>/g)).toHaveLength(total - 20)
    expect((await feed('organization/other.atom')).match(/<entry>/g)).toHaveLength(8)
    expect((await feed('group/health.atom')).match(/<entry>/g)).toHaveLength(4)
    expect((await feed('tag/tag%201.atom')).match(/<entry>/g)).toHaveLength(5)
    expect((await feed('custom.atom?q=title:water')).match(/<entry>/g)).toHaveLength(12)
    expect((await node.get('/feeds/group/none.atom')).status).toBe(404)
  })
})

const shared = process.env.CONCORD_SHARED_DATA ?? '../shared/data'
const exported = `${shared}/real/ckan-export.json`
/** Members that the search index of 2012 added, and one that left CKAN since. */
const ofTheIndex = [
  'entity_type',
  'site_id',
  'indexed_ts',
  'index_id',
  'revision_id',
  'ckan_url',
  'download_url',
]

test.skipIf(!existsSync(exported))(
  'a real export of 2012 has no member that our packages lack, and can be loaded',
  async () => {
    const real = JSON.parse(readFileSync(exported, 'utf8')) as { count: number; results: Loose[] }
    const [ours] = (await search({ rows: 1 })).results
    const members = new Set(
      real.results.flatMap((p) => Object.keys(p)).filter((k) => !ofTheIndex.includes(k)),
    )
    const lacking = [...members].filter(
      (k) =>
        !(k in ours!) && !/^(res_|extras_|capacity|data_dict|relation|title_string|license$|text$)/.test(k),
    )
    expect(lacking).toEqual([])
    const before = await count({})
    for (const pack of real.results.slice(0, 12)) {
      const { groups: _, ...rest } = pack
      const made = await node.act('package_create', { ...rest, owner_org: 'county' }, office)
      expect(made.status, JSON.stringify(made.body)).toBe(200)
      expect(made.body.result).toMatchObject({
        id: pack.id,
        name: pack.name,
        title: pack.title,
        state: 'active',
      })
      const extras = new Map(
        (made.body.result as { extras: { key: string; value: string }[] }).extras.map((e) => [
          e.key,
          e.value,
        ]),
      )
      for (const [key, value] of Object.entries((pack.extras ?? {}) as Loose))
        expect(extras.get(key)).toBe(String(value))
    }
    await node.found(before + 12)
  },
)
