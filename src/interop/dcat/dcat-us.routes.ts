import type { FastifyReply } from 'fastify'
import Type from 'typebox'
import { type Entry, streamEntries } from '../../catalog/index.ts'
import { type App, problems } from '../../platform/http.ts'
import type { Db } from '../../platform/postgres.ts'
import { type CatalogueOptions, linksOf, PageQuery, pageLinks } from './catalogue.routes.ts'
import type { Catalogue } from './catalogue.ts'
import { dcatUsHead, toDcatUs } from './dcat-us.ts'
import { getEntryPage, pageSize } from './entry-page.ts'
import { linkText, sendText } from './graph-answer.ts'
import { sendStream } from './stream-answer.ts'

const json = 'application/json'

/** The catalogue in DCAT-US 1.1, as one document or in pages. */
export function dcatUsRoutes(app: App, options: CatalogueOptions): void {
  const { db, catalogue } = options
  app.get(
    '/data.json',
    {
      config: { action: 'dataset:read', anyOrigin: true },
      schema: {
        tags: ['dcat'],
        operationId: 'getDataJson',
        summary: 'The catalogue as DCAT-US 1.1',
        description: `All entries in one document, sent while it is read; where it cannot be finished the connection is cut. With \`page\`, or any filter, ${pageSize} entries at a time: follow \`next\`.`,
        querystring: PageQuery,
        response: { 200: Type.Unsafe<unknown>({}), ...problems },
      },
    },
    async (request, reply) => {
      if (Object.keys(request.query).length === 0) return sendAll(reply, db, catalogue)
      const page = await getEntryPage(options, request.query)
      const links = pageLinks(`${catalogue.base}/data.json`, request.query, page)
      const text = JSON.stringify({
        ...dcatUsHead(catalogue.base),
        ...(links.next ? { next: links.next } : {}),
        dataset: page.entries.map((entry) => toDcatUs(entry, catalogue)),
      })
      return sendText(request, reply, { type: json, text, links: linksOf(links) })
    },
  )
}

function sendAll(reply: FastifyReply, db: Db, catalogue: Catalogue): FastifyReply {
  reply.header('link', linkText({ rel: 'describedby', href: dcatUsHead(catalogue.base).describedBy }))
  return sendStream(reply, `${json}; charset=utf-8`, document(streamEntries(db), catalogue))
}

async function* document(batches: AsyncIterable<Entry[]>, catalogue: Catalogue): AsyncGenerator<string> {
  yield `${JSON.stringify(dcatUsHead(catalogue.base)).slice(0, -1)},"dataset":[`
  let comma = ''
  for await (const entries of batches)
    for (const entry of entries) {
      yield `${comma}\n${JSON.stringify(toDcatUs(entry, catalogue))}`
      comma = ','
    }
  yield '\n]}\n'
}
