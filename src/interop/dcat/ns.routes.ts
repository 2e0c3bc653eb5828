import type { FastifyReply, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { type App, problems } from '../../platform/http.ts'
import type { Catalogue } from './catalogue.ts'
import { answerIn, sendText } from './graph-answer.ts'
import { contextOf } from './jsonld-writer.ts'
import { negotiate } from './negotiate.ts'
import { vocabularyPage, vocabularyQuads } from './ns.ts'
import { type GraphEnding, graphFormats, prefixesOf, serialise } from './serialise.ts'

const endings = ['ttl', 'jsonld', 'rdf', 'nt'] as const
const forms = ['text/html', ...endings.map((ending) => graphFormats[ending])] as const

/** What the terms of our graphs mean, and where the addresses in them lead. */
export function vocabularyRoutes(app: App, catalogue: Catalogue): void {
  const config = { action: 'public:read', anyOrigin: true }
  const send = (request: FastifyRequest, reply: FastifyReply, ending: GraphEnding) =>
    sendText(request, reply, {
      type: graphFormats[ending],
      text: serialise(vocabularyQuads(catalogue), graphFormats[ending], catalogue.base),
    })
  app.get(
    '/ns',
    {
      config,
      schema: {
        tags: ['dcat'],
        operationId: 'getVocabulary',
        summary: 'The terms of this catalogue beyond DCAT, as a page or a graph',
        response: { 200: answerIn(forms), ...problems },
      },
    },
    async (request, reply) => {
      reply.header('vary', 'Accept')
      const form = negotiate(request.headers.accept, forms)
      if (form === 'text/html')
        return sendText(request, reply, { type: form, text: vocabularyPage(catalogue) })
      return send(request, reply, endings.find((ending) => graphFormats[ending] === form)!)
    },
  )
  for (const ending of endings)
    app.get(
      `/ns.${ending}`,
      { config, schema: { hide: true, response: { 200: answerIn([graphFormats[ending]]), ...problems } } },
      (request, reply) => send(request, reply, ending),
    )
  app.get(
    '/ns/context.jsonld',
    {
      config,
      schema: {
        tags: ['dcat'],
        operationId: 'getJsonLdContext',
        summary: 'The context of our JSON-LD; it stands in every document too',
        response: { 200: answerIn([graphFormats.jsonld]), ...problems },
      },
    },
    (request, reply) =>
      sendText(request, reply, {
        type: graphFormats.jsonld,
        text: JSON.stringify({ '@context': contextOf(prefixesOf(catalogue.base)) }),
      }),
  )
  divisionRoute(app)
}

/** Territories are named in graphs by addresses of ours; whoever follows one finds what is told of it. */
function divisionRoute(app: App): void {
  app.get(
    '/division/:code',
    {
      config: { action: 'public:read' },
      schema: {
        hide: true,
        params: Type.Object({ code: Type.String({ minLength: 1, maxLength: 64 }) }),
        response: { 303: Type.Null(), ...problems },
      },
    },
    async (request, reply) =>
      reply.redirect(`/search?region=${encodeURIComponent(request.params.code)}`, 303),
  )
}
