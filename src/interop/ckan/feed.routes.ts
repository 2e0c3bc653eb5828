import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from '../../platform/http.ts'
import type { Ckan } from './action.ts'
import { ckanProblems } from './ckan.schema.ts'
import { notFound } from './errors.ts'
import { searchPackages } from './package-search.ts'
import { natural } from './params.ts'
import type { Loose } from './resource.ts'
import { tagFilter } from './tag-actions.ts'

/** Atom feeds of packages, the newest change first. */

/** Packages of one page, as CKAN's default. */
const pageSize = 20

interface Feed {
  title: string
  /** Filter of package_search. */
  filter?: string
  /** Further parameters of package_search, from the address. */
  params?: Loose
}

export function feedRoutes(app: App, ckan: Ckan): void {
  const serve = (url: string, feedOf: (ref: string, query: Loose) => Promise<Feed>) =>
    app.get(
      url,
      {
        config: { action: 'search:read', bareToken: true },
        schema: { hide: true, response: { ...ckanProblems } },
      },
      async (request: FastifyRequest, reply) => {
        const ref = (request.params as { file?: string }).file?.replace(/\.atom$/, '') ?? ''
        return send(ckan, request, reply, await feedOf(ref, request.query as Loose))
      },
    )
  serve('/feeds/dataset.atom', async () => ({ title: 'Recently changed datasets' }))
  serve('/feeds/custom.atom', async (_, { page: __, ...params }) => ({ title: 'Chosen datasets', params }))
  serve('/feeds/organization/:file', async (ref) => {
    const found = (await ckan.packages.organizations()).find(ref)
    if (!found) throw notFound(ref.slice(0, 100))
    return { title: found.name, filter: `organization:"${found.code}"` }
  })
  serve('/feeds/group/:file', async (ref) => {
    const found = ckan.packages.groups.find(ref)
    if (!found) throw notFound(ref.slice(0, 100))
    return { title: found.title, filter: `groups:"${found.name}"` }
  })
  serve('/feeds/tag/:file', async (ref) => ({ title: ref, filter: tagFilter(ref) }))
}

async function send(
  ckan: Ckan,
  request: FastifyRequest,
  reply: FastifyReply,
  { title, filter, params = {} }: Feed,
): Promise<FastifyReply> {
  const page = Math.max(1, natural(request.query as Loose, 'page') ?? 1)
  const found = await searchPackages(ckan, {
    ...params,
    ...(filter ? { fq: filter } : {}),
    sort: 'metadata_modified desc',
    rows: pageSize,
    start: (page - 1) * pageSize,
  })
  const packs = found.results.map((text) => JSON.parse(text) as Loose)
  const address = (n: number) => {
    const url = new URL(request.url, ckan.publicUrl)
    url.searchParams.set('page', String(n))
    return url.href
  }
  const last = Math.max(1, Math.ceil(found.count / pageSize))
  const links: [string, string][] = [
    ['self', address(page)],
    ['first', address(1)],
    ['last', address(last)],
    ...(page > 1 ? [['previous', address(page - 1)] as [string, string]] : []),
    ...(page < last ? [['next', address(page + 1)] as [string, string]] : []),
  ]
  const updated = String(packs[0]?.metadata_modified ?? ckan.now().toISOString().slice(0, 23))
  const head = [
    `<title>${escaped(`Concord: ${title}`)}</title>`,
    `<id>${escaped(address(1))}</id>`,
    `<updated>${updated}Z</updated>`,
    ...links.map(([rel, href]) => `<link rel="${rel}" href="${escaped(href)}"/>`),
  ]
  return reply
    .type('application/atom+xml; charset=utf-8')
    .send(
      `<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n${[...head, ...packs.map((p) => entry(ckan, p))].join('\n')}\n</feed>\n`,
    )
}

const entry = ({ publicUrl }: Ckan, pack: Loose): string => {
  const { name } = pack.organization as { title: string; name: string }
  const address = `${publicUrl}/dataset/${pack.id}`
  const tags = (pack.tags as { name: string }[]).map((t) => `<category term="${escaped(t.name)}"/>`)
  return [
    '<entry>',
    `<title>${escaped(String(pack.title))}</title>`,
    `<id>${address}</id>`,
    `<link rel="alternate" href="${address}"/>`,
    `<link rel="enclosure" type="application/json" href="${publicUrl}/api/3/action/package_show?id=${pack.id}"/>`,
    `<author><name>${escaped((pack.organization as { title: string }).title)}</name><uri>${escaped(`${publicUrl}/api/3/action/organization_show?id=${name}`)}</uri></author>`,
    `<published>${pack.metadata_created}Z</published>`,
    `<updated>${pack.metadata_modified}Z</updated>`,
    `<summary>${escaped(String(pack.notes))}</summary>`,
    ...tags,
    '</entry>',
  ].join('')
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}
const escaped = (text: string) => text.replaceAll(/[&<>"']/g, (c) => entities[c]!)
