import type { FastifyReply, FastifyRequest } from 'fastify'
import Type, { type Static } from 'typebox'
import { type App, problems } from '../../platform/http.ts'
import type { Db } from '../../platform/postgres.ts'
import type { SearchPort } from '../../search/index.ts'
import { facetNames, SearchQuery } from '../../search/search.schema.ts'
import type { Catalogue } from './catalogue.ts'
import { cataloguePageQuads, type PageLinks } from './catalogue-graph.ts'
import { type EntryPage, getEntryPage, pageSize } from './entry-page.ts'
import { answerIn, sendText } from './graph-answer.ts'
import { negotiate } from './negotiate.ts'
import { type GraphEnding, graphEndings, graphFormats, serialise } from './serialise.ts'

const facets = Object.fromEntries(
  facetNames.map((name) => [name, SearchQuery.properties[name]]),
) as unknown as Pick<typeof SearchQuery.properties, (typeof facetNames)[number]>

export const PageQuery = Type.Object(
  {
    page: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
    after: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9_-]{1,40}$',
        description: 'As the address of the next page has it.',
      }),
    ),
    modified_since: Type.Optional(
      Type.String({
        anyOf: [{ format: 'date-time' }, { format: 'date' }],
        description:
          'Entries changed at or after this moment. The index behind it follows within two seconds.',
      }),
    ),
    q: SearchQuery.properties.q,
    ...facets,
    profiles: Type.Optional(
      Type.String({ maxLength: 200, description: 'Taken and passed over: there is one, DCAT-AP 3.' }),
    ),
  },
  { additionalProperties: false },
)
export type PageQuery = Static<typeof PageQuery>

export interface CatalogueOptions {
  db: Db
  catalogue: Catalogue
  search: SearchPort
}

/** Forms of `/catalog`: RDF first, because whoever asks there without saying for what is a program. */
const forms = [...new Set(Object.values(graphFormats)), 'text/html'] as const

/** The whole catalogue as DCAT-AP 3, a page at a time. */
export function catalogueRoutes(app: App, options: CatalogueOptions): void {
  const schema = {
    tags: ['dcat'],
    description: `${pageSize} entries a page with their number in all; follow hydra:next. A page that cannot be made whole is an error.`,
    querystring: PageQuery,
  }
  for (const ending of graphEndings)
    app.get(
      `/catalog.${ending}`,
      {
        config: { action: 'dataset:read', anyOrigin: true },
        schema: {
          ...schema,
          operationId: `getCatalogue_${ending}`,
          summary: `The catalogue as ${graphFormats[ending]}`,
          response: { 200: answerIn([graphFormats[ending]]), ...problems },
        },
      },
      (request, reply) => sendPage(request, reply, options, ending, request.query),
    )
  app.get(
    '/catalog',
    {
      config: { action: 'dataset:read', anyOrigin: true },
      schema: {
        ...schema,
        operationId: 'getCatalogue',
        summary: 'The catalogue in the form asked for',
        response: { 200: answerIn(forms), ...problems },
      },
    },
    async (request, reply) => {
      reply.header('vary', 'Accept')
      const form = negotiate(request.headers.accept, forms)
      if (form === 'text/html') return reply.redirect('/', 303)
      const ending = graphEndings.find((one) => graphFormats[one] === form)!
      return sendPage(request, reply, options, ending, request.query)
    },
  )
}

async function sendPage(
  request: FastifyRequest,
  reply: FastifyReply,
  options: CatalogueOptions,
  ending: GraphEnding,
  query: PageQuery,
): Promise<FastifyReply> {
  const { catalogue } = options
  const page = await getEntryPage(options, query)
  const links = pageLinks(`${catalogue.base}/catalog.${ending}`, query, page)
  const type = graphFormats[ending]
  const others = (['ttl', 'jsonld', 'rdf', 'nt'] as const).filter((one) => one !== ending)
  return sendText(request, reply, {
    type,
    text: serialise(cataloguePageQuads(catalogue, page, links), type, catalogue.base),
    modified: page.entries
      .map((entry) => entry.changedAt)
      .sort()
      .at(-1),
    links: [
      ...linksOf(links),
      ...others.map((one) => ({
        rel: 'alternate',
        type: graphFormats[one],
        href: links.self.replace(`/catalog.${ending}`, `/catalog.${one}`),
      })),
    ],
  })
}

/** For the Link header, in the names of RFC 8288. */
export const linksOf = ({ first, last, previous, next }: PageLinks) =>
  Object.entries({ first, last, prev: previous, next }).flatMap(([rel, href]) =>
    href ? [{ rel, href }] : [],
  )

/** Addresses of the pages around one: the same filters, the number, and for the next one the place. */
export function pageLinks(address: string, query: PageQuery, { page, pages, next }: EntryPage): PageLinks {
  const to = (number: number, after?: string) => {
    const params = new URLSearchParams()
    for (const [name, value] of Object.entries(query))
      if (name !== 'page' && name !== 'after')
        for (const one of [value].flat()) params.append(name, String(one))
    params.set('page', String(number))
    if (after !== undefined) params.set('after', after)
    return `${address}?${params}`
  }
  return {
    self: to(page),
    first: to(1),
    last: to(pages),
    ...(page > 1 ? { previous: to(page - 1) } : {}),
    ...(next ? { next: to(page + 1, next) } : {}),
  }
}
