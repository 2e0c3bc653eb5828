import type { FastifyRequest } from 'fastify'
import type { App } from '../../platform/http.ts'
import type { Action } from '../../security/index.ts'
import type { Ckan } from './action.ts'
import {
  autocompleteFormats,
  autocompleteNamed,
  autocompletePackages,
  autocompleteTags,
} from './autocomplete.ts'
import { ckanProblems } from './ckan.schema.ts'
import { natural, text } from './params.ts'
import type { Loose } from './resource.ts'

/** What CKAN serves beside its actions: the version, and proposals for input fields. */

const hidden = { hide: true, response: { ...ckanProblems } }

export function utilRoutes(app: App, ckan: Ckan): void {
  for (const url of ['/api', '/api/', '/api/3', '/api/3/'])
    app.get(url, { config: { action: 'dataset:read', bareToken: true }, schema: hidden }, async (_, reply) =>
      reply.send({ version: 3 }),
    )
  const serve = (path: string, action: Action, answer: (query: Loose) => Promise<unknown>) => {
    for (const prefix of ['/api/2/util', '/api/util'])
      for (const end of ['', '/'])
        app.get(
          `${prefix}/${path}${end}`,
          { config: { action, bareToken: true }, schema: hidden },
          async (request: FastifyRequest, reply) => reply.send(await answer(request.query as Loose)),
        )
  }
  const resultSet = (list: unknown[]) => ({ ResultSet: { Result: list } })
  serve('dataset/autocomplete', 'search:read', async (query) =>
    resultSet(
      await autocompletePackages(ckan, text(query, 'incomplete') ?? '', natural(query, 'limit') ?? 10),
    ),
  )
  serve('tag/autocomplete', 'search:read', async (query) => {
    const names = await autocompleteTags(
      ckan.counts,
      text(query, 'incomplete') ?? '',
      natural(query, 'limit') ?? 10,
    )
    return resultSet(names.map((Name) => ({ Name })))
  })
  serve('resource/format_autocomplete', 'search:read', async (query) => {
    const wanted = text(query, 'incomplete') ?? ''
    const formats = wanted === '' ? [] : await autocompleteFormats(ckan, wanted, natural(query, 'limit') ?? 5)
    return resultSet(formats.map((Format) => ({ Format })))
  })
  serve('organization/autocomplete', 'organisation:read', async (query) =>
    autocompleteNamed(
      (await ckan.packages.organizations()).list.map((o) => ({ id: o.uid, name: o.code, title: o.name })),
      text(query, 'q') ?? text(query, 'incomplete') ?? '',
      natural(query, 'limit') ?? 20,
    ),
  )
  serve('group/autocomplete', 'organisation:read', async (query) =>
    autocompleteNamed(
      ckan.packages.groups.list.map(({ id, name, title }) => ({ id, name, title })),
      text(query, 'q') ?? text(query, 'incomplete') ?? '',
      natural(query, 'limit') ?? 20,
    ),
  )
  serve('user/autocomplete', 'organisation:read', async () => [])
}
