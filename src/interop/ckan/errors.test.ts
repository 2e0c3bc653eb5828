import portal from '@portaljs/ckan-api-client-js'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type CatalogApp, createCatalogApp } from '../../../test/support/catalog-app.ts'
import { ConcordError } from '../../platform/errors.ts'
import { loadProfile } from '../../platform/profile.ts'
import type { IndexAnswer } from '../../search/index.ts'
import { ckanRoutes } from './ckan.routes.ts'
import { pythonText, toCkanError } from './errors.ts'

// What clients are told when something fails behind the door.

let s: CatalogApp
let search: () => Promise<IndexAnswer>
beforeAll(async () => {
  const port = { search: () => search(), suggest: () => Promise.reject(new Error('not asked')) }
  s = await createCatalogApp((app, db) =>
    ckanRoutes(app, { db, profile: loadProfile('neutral'), publicUrl: 'http://localhost', port }),
  )
})
afterAll(() => s?.close())

const ask = async () => {
  const answer = await s.app.inject({ url: '/api/3/action/package_search' })
  return { status: answer.statusCode, ...answer.json() }
}

test('a search that failed is a Search Error', async () => {
  search = () => Promise.reject(new Error("it's broken"))
  expect(await ask()).toEqual({
    status: 409,
    help: 'http://localhost/api/3/action/help_show?name=package_search',
    success: false,
    error: { __type: 'Search Error', message: `Search error: "it's broken"` },
  })
})

test('a search that cannot be asked is a Search Connection Error, with when to come again', async () => {
  search = () =>
    Promise.reject(new ConcordError('unavailable', 'Search does not answer.', { more: { retryAfter: 2 } }))
  const answer = await s.app.inject({ url: '/api/action/package_search' })
  expect(answer.statusCode).toBe(500)
  expect(answer.headers['retry-after']).toBe('2')
  expect(answer.json().error).toEqual({
    __type: 'Search Connection Error',
    message: 'Search does not answer.',
  })
})

test('what is our fault is told in one neutral sentence', async () => {
  search = () => Promise.resolve(undefined as never)
  expect(await ask()).toMatchObject({
    status: 500,
    error: { __type: 'Internal Server Error', message: 'Internal Server Error' },
  })
})

test('data that contradicts what is kept is an Integrity Error', () => {
  const violation = Object.assign(new Error('duplicate key'), { code: '23505' })
  expect(toCkanError(violation)).toMatchObject({ status: 400, type: 'Integrity Error' })
})

test('texts are quoted as Python does', () => {
  expect([`a`, `it's`, `"it's"`, 'a\\b'].map(pythonText)).toEqual([`'a'`, `"it's"`, `'"it\\'s"'`, `'a\\\\b'`])
})

describe('the client of PortalJS', () => {
  // Bundlers and Node do not agree on what a CommonJS module's default is.
  const CkanRequest =
    (portal as Partial<typeof portal>).default ?? (portal as unknown as typeof portal.default)
  let ckanUrl: string
  beforeAll(async () => {
    search = () => Promise.resolve({ hits: [], total: 0, estimated: false, relaxed: false, facets: {} })
    ckanUrl = await s.app.listen({ port: 0, host: '127.0.0.1' })
    // It says on the console what it throws.
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
  })
  afterAll(() => vi.restoreAllMocks())

  test('gets what its own test expects', async () => {
    const get = (action: string) =>
      CkanRequest.get<{ success: boolean; result: unknown }>(action, { ckanUrl })
    expect(await get('status_show')).toMatchObject({ success: true })
    await expect(get('package_show?id=1')).rejects.toMatchObject({
      name: 'CkanRequestError',
      message: 'Not found',
    })
    await expect(get('inexistent_endpoint?id=1')).rejects.toMatchObject({
      message: 'An unknown error happened',
    })
    const json = { name: 'test' }
    await expect(CkanRequest.post('organization_create', { ckanUrl, json })).rejects.toMatchObject({
      message: expect.stringMatching(/^Access denied/),
    })
  })

  test.each([
    'package_list',
    'current_package_list_with_resources',
    'package_search?q=x&facet.field=["organization"]&rows=0',
    'group_list?all_fields=true&offset=0&limit=25',
    'organization_list?all_fields=true&offset=0&limit=25',
    'organization_show?id=county&include_datasets=true',
    'group_show?id=health',
    'tag_list?all_fields=true',
    'recently_changed_packages_activity_list',
    'organization_activity_list?id=county',
  ])('gets %s', async (action) => {
    expect(await CkanRequest.get(action, { ckanUrl })).toMatchObject({ success: true })
  })

  test('is told of what is not there', async () => {
    for (const action of [
      'datastore_search?resource_id=x',
      'resource_show?id=x',
      'user_show?id=x',
      'package_activity_list?id=x',
    ])
      await expect(CkanRequest.get(action, { ckanUrl })).rejects.toMatchObject({
        error: { __type: 'Not Found Error' },
      })
  })
})
