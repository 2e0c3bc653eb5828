import Type from 'typebox'
import { ConcordError } from '../../platform/errors.ts'
import { type App, problems } from '../../platform/http.ts'
import { ImportPreview } from '../import.schema.ts'
import { removeSource } from './delete.ts'
import { getSource, listSources } from './list.ts'
import { originOf } from './origin.ts'
import { testSource } from './preview.ts'
import type { HarvestNode, HarvestRunner } from './runner.ts'
import {
  type DatasetOrigin,
  type HarvestRun,
  type Source,
  SourceChange,
  type SourceInput,
  SourceQuery,
} from './source.schema.ts'
import { changeSource, createSource } from './source.ts'

const tags = ['sources']
const ref = <T>(name: string) => Type.Unsafe<T>(Type.Ref(name))
const SourceRef = ref<Source>('Source')
const RunRef = ref<HarvestRun>('HarvestRun')
const Params = Type.Object({ uid: Type.String({ format: 'uuid' }) })
const Next = Type.Union([Type.String(), Type.Null()])

export type SourceRouteOptions = HarvestNode & { runner: HarvestRunner }

const etagOf = (version: number) => `"v${version}"`

/** @throws etag_required, invalid_request */
function basedOn(header: string | undefined): number {
  if (header === undefined)
    throw new ConcordError('etag_required', 'Send If-Match with the ETag of the source you changed.')
  const version = /^\s*(?:W\/)?"v(\d{1,9})"\s*$/.exec(header)?.[1]
  if (version === undefined)
    throw new ConcordError('invalid_request', 'If-Match does not hold an ETag of a source, such as "v3".')
  return Number(version)
}

/** Sources: what is harvested, from where, when; and the portals that could be. */
export function sourceRoutes(app: App, node: SourceRouteOptions): void {
  readRoutes(app, node)
  writeRoutes(app, node)
}

function readRoutes(app: App, { db }: SourceRouteOptions): void {
  app.get(
    '/api/v1/sources',
    {
      config: { action: 'source:read' },
      schema: {
        tags,
        operationId: 'listSources',
        summary: 'Sources of the own body and below, problems first; or the registry of portals',
        querystring: SourceQuery,
        response: { 200: Type.Object({ items: Type.Array(SourceRef), next: Next }), ...problems },
      },
    },
    async ({ actor, query }) => {
      const { cursor, ...filter } = query
      const { items, next } = await listSources(db, actor, { ...filter, cursor: fromCursor(cursor) })
      return { items, next: next && toCursor(next) }
    },
  )
  app.get(
    '/api/v1/sources/:uid',
    {
      config: { action: 'source:read' },
      schema: {
        tags,
        operationId: 'getSource',
        summary: 'A source with its newest run',
        params: Params,
        response: { 200: SourceRef, ...problems },
      },
    },
    async ({ actor, params }, reply) => {
      const source = await getSource(db, actor, params.uid)
      reply.header('etag', etagOf(source.version))
      return source
    },
  )
  app.get(
    '/api/v1/datasets/:uid/origin',
    {
      config: { action: 'dataset:read' },
      schema: {
        tags,
        operationId: 'getDatasetOrigin',
        summary: 'The source an entry comes from, and others that hold it too',
        params: Params,
        response: { 200: ref<DatasetOrigin>('DatasetOrigin'), ...problems },
      },
    },
    ({ params }) => originOf(db, params.uid),
  )
}

function writeRoutes(app: App, node: SourceRouteOptions): void {
  app.post(
    '/api/v1/sources',
    {
      config: { action: 'source:create' },
      schema: {
        tags,
        operationId: 'createSource',
        summary: 'Register a source; nothing is read yet',
        body: ref<SourceInput>('SourceInput'),
        response: { 201: SourceRef, ...problems },
      },
    },
    async ({ actor, body, id }, reply) => {
      const source = await createSource(node, actor, body, id)
      reply
        .code(201)
        .header('etag', etagOf(source.version))
        .header('location', `/api/v1/sources/${source.uid}`)
      return source
    },
  )
  app.put(
    '/api/v1/sources/:uid',
    {
      config: { action: 'source:update' },
      schema: {
        tags,
        operationId: 'changeSource',
        summary: 'Change a source (If-Match); a portal of the registry becomes one of your body',
        params: Params,
        body: ref<SourceChange>('SourceChange'),
        response: { 200: SourceRef, ...problems },
      },
    },
    async ({ actor, params, body, headers, id }, reply) => {
      const source = await changeSource(node, actor, params.uid, basedOn(headers['if-match']), body, id)
      reply.header('etag', etagOf(source.version))
      return source
    },
  )
  app.delete(
    '/api/v1/sources/:uid',
    {
      config: { action: 'source:delete' },
      schema: {
        tags,
        operationId: 'removeSource',
        summary: 'Remove a source: its entries stay, or are retired in a run of their own',
        params: Params,
        querystring: Type.Object(
          { entries: Type.Enum(['keep', 'retire'], { description: 'What becomes of what it brought' }) },
          { additionalProperties: false },
        ),
        response: { 202: RunRef, 204: Type.Null(), ...problems },
      },
    },
    async ({ actor, params, query, id }, reply) => {
      const run = await removeSource(node.db, actor, params.uid, query.entries, id)
      if (!run) return reply.code(204).send(null)
      node.runner.wake()
      return reply.code(202).send(run)
    },
  )
  app.post(
    '/api/v1/sources/test',
    {
      config: { action: 'source:create', idempotency: false },
      schema: {
        tags,
        operationId: 'testSource',
        summary: 'Read the first records of a source and show what they would become; nothing is written',
        body: Type.Object(
          {
            uid: Type.Optional(
              Type.String({ format: 'uuid', description: 'Of a source that is kept: its token is used.' }),
            ),
            ...Type.Pick(SourceChange, ['kind', 'url', 'filter', 'mapping', 'body', 'limits', 'token'])
              .properties,
          },
          { additionalProperties: false },
        ),
        response: {
          200: Type.Object({
            ...ImportPreview.properties,
            total: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]),
          }),
          ...problems,
        },
      },
    },
    ({ actor, body: { uid, ...tested } }) => testSource(node, actor, tested, uid),
  )
}

const toCursor = (at: { attention: number; name: string }) =>
  Buffer.from(`${at.attention} ${at.name}`).toString('base64url')
function fromCursor(cursor: string | undefined) {
  if (cursor === undefined) return undefined
  const found = /^(\d) ([\w.-]{1,100})$/.exec(Buffer.from(cursor, 'base64url').toString())
  if (found) return { attention: Number(found[1]), name: found[2]! }
  throw new ConcordError('invalid_cursor', 'This cursor was not made here; begin again without it.')
}
