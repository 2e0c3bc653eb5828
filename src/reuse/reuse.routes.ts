import { Readable } from 'node:stream'
import Type from 'typebox'
import { addSchemas, contextOf, ref } from '../catalog/index.ts'
import { csvCell } from '../platform/csv.ts'
import { type App, problems } from '../platform/http.ts'
import type { ReuseContext } from './context.ts'
import { DecisionRequest, EntryReuse } from './decision.schema.ts'
import { decide, getEntryReuse } from './decision.ts'
import {
  BodiesQuery,
  type Duplicate,
  DuplicateBodies,
  Duplicates,
  DuplicatesQuery,
  ExportQuery,
  ItemParams,
  Report,
} from './duplicate.schema.ts'
import { exportDuplicates, getDuplicate, listDuplicates, requestReport } from './duplicate.ts'
import { BodySummary, SimilarAnswer, SimilarRequest, uuid } from './reuse.schema.ts'
import { similarOf } from './similar.ts'

const tags = ['reuse']
const UidParams = Type.Object({ uid: uuid })

/** Who already holds an item, decisions about it, and the report of all duplicates. */
export function reuseRoutes(app: App, ctx: ReuseContext): void {
  addSchemas(app, [BodySummary, SimilarAnswer, EntryReuse, Duplicates, DuplicateBodies])
  app.post(
    '/api/v1/reuse/similar',
    {
      // A question that is too long for an address: it changes nothing.
      config: { action: 'reuse:read', idempotency: false },
      schema: {
        tags,
        operationId: 'findSimilarItems',
        summary: 'Who already holds items like these, why, and the source proposed for each',
        body: SimilarRequest,
        response: { 200: ref(SimilarAnswer), ...problems },
      },
    },
    (request) => similarOf(ctx, contextOf(request, ctx.profile), request.body),
  )
  decisionRoutes(app, ctx)
  reportRoutes(app, ctx)
}

function decisionRoutes(app: App, ctx: ReuseContext): void {
  app.get(
    '/api/v1/datasets/:uid/reuse',
    {
      config: { action: 'reuse:read' },
      schema: {
        tags,
        operationId: 'getEntryReuse',
        summary: 'Items of an entry that others hold already, and what was decided about them',
        params: UidParams,
        response: { 200: ref(EntryReuse), ...problems },
      },
    },
    (request) => getEntryReuse(ctx, contextOf(request, ctx.profile), request.params.uid),
  )
  app.put(
    '/api/v1/datasets/:uid/reuse',
    {
      config: { action: 'reuse:decide' },
      schema: {
        tags,
        operationId: 'decideReuse',
        summary:
          'Decide about items that others hold already: reuse the source, or collect for a stated reason',
        params: UidParams,
        body: DecisionRequest,
        response: { 204: Type.Null(), ...problems },
      },
    },
    async (request, reply) => {
      await decide(ctx, contextOf(request, ctx.profile), request.params.uid, request.body)
      reply.code(204)
      return null
    },
  )
}

function reportRoutes(app: App, ctx: ReuseContext): void {
  app.get(
    '/api/v1/reuse/duplicates',
    {
      config: { action: 'reuse:read' },
      schema: {
        tags,
        operationId: 'listDuplicates',
        summary: 'Items that several bodies hold, with the body proposed as the source of each',
        querystring: DuplicatesQuery,
        response: { 200: ref(Duplicates), ...problems },
      },
    },
    (request) => listDuplicates(ctx, request.query),
  )
  app.get(
    '/api/v1/reuse/duplicates/:item',
    {
      config: { action: 'reuse:read' },
      schema: {
        tags,
        operationId: 'getDuplicate',
        summary: 'The bodies that hold an item',
        params: ItemParams,
        querystring: BodiesQuery,
        response: { 200: ref(DuplicateBodies), ...problems },
      },
    },
    (request) => getDuplicate(ctx, request.params.item, request.query),
  )
  app.post(
    '/api/v1/reuse/duplicates/run',
    {
      config: { action: 'reuse:run' },
      schema: {
        tags,
        operationId: 'runDuplicates',
        summary: 'Make the report of duplicates now',
        response: { 202: Report, ...problems },
      },
    },
    async (request, reply) => {
      reply.code(202)
      return requestReport(ctx, request.actor, request.id)
    },
  )
  app.get(
    '/api/v1/reuse/duplicates.csv',
    {
      config: { action: 'reuse:read' },
      schema: {
        tags,
        operationId: 'exportDuplicates',
        summary: 'The report of duplicates as CSV',
        querystring: ExportQuery,
        response: { 200: { content: { 'text/csv': { schema: Type.String() } } }, ...problems },
      },
    },
    async (request, reply) => {
      reply.type('text/csv; charset=utf-8')
      reply.header('content-disposition', 'attachment; filename="duplicates.csv"')
      return reply.send(Readable.from(csvLines(exportDuplicates(ctx, request.query as ExportQuery))))
    },
  )
}

const csvColumns = [
  'item',
  'dataElement',
  'bodies',
  'entries',
  'types',
  'themes',
  'sourceBody',
  'sourceBodyName',
  'sourceReason',
  'sourceEntry',
]

async function* csvLines(pages: AsyncIterable<Duplicate[]>): AsyncGenerator<string> {
  yield `\ufeff${csvColumns.join(',')}\r\n`
  for await (const page of pages)
    yield page
      .map(({ source, ...d }) => [
        d.name,
        d.dataElement,
        d.bodies,
        d.entries,
        d.types.join(' '),
        d.themes.join(' '),
        source.body.code,
        source.body.name,
        source.reason,
        source.uid,
      ])
      .map((cells) => `${cells.map(csvCell).join(',')}\r\n`)
      .join('')
}
