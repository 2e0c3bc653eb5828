import Type from 'typebox'
import { type App, problems } from '../platform/http.ts'
import type { Db } from '../platform/postgres.ts'
import type { Profile } from '../platform/profile.ts'
import { contextOf } from './context.ts'
import { Dataset } from './dataset.schema.ts'
import { checkDataset, createDataset, saveDataset } from './dataset.ts'
import { DatasetList, ListQuery } from './dataset-list.schema.ts'
import { getDataset, listDatasets, listItems } from './dataset-read.ts'
import {
  AnyDatasetCheck,
  AnyDatasetWrite,
  DatasetCheck,
  DatasetCheckResult,
  DatasetWrite,
  ItemPage,
  ItemPageQuery,
  StateChange,
} from './dataset-request.schema.ts'
import { discardDraft, removeDataset, retireDataset } from './dataset-state.ts'
import { basedOn, basedOnRequired, contentRoute, etagOf, plainAnswer, ref } from './route-schemas.ts'
import type { UseCounter } from './use.ts'
import { removeOnce, writeOnce } from './write-once.ts'

const tags = ['catalogue']
export const UidParams = Type.Object({ uid: Type.String({ format: 'uuid' }) })
const VersionNumber = Type.Integer({ minimum: 1, maximum: 2_147_483_647 })

/** Entries: read by everybody, written by the bodies they belong to. */
export function datasetRoutes(
  app: App,
  { db, profile, use }: { db: Db; profile: Profile; use: UseCounter },
): void {
  app.get(
    '/api/v1/datasets',
    {
      config: { action: 'dataset:read' },
      ...plainAnswer,
      schema: {
        tags,
        operationId: 'listDatasets',
        summary: 'Entries, page by page',
        querystring: ListQuery,
        response: { 200: ref(DatasetList), ...problems },
      },
    },
    (request) => listDatasets(db, contextOf(request, profile), request.query),
  )
  app.get(
    '/api/v1/datasets/:uid',
    {
      config: { action: 'dataset:read', anyOrigin: true },
      ...plainAnswer,
      schema: {
        tags,
        operationId: 'getDataset',
        summary: 'An entry: its published content, or the version asked for',
        params: UidParams,
        querystring: Type.Object({ version: Type.Optional(VersionNumber) }, { additionalProperties: false }),
        response: { 200: ref(Dataset), ...problems },
      },
    },
    async (request, reply) => {
      const { uid } = request.params
      const dataset = await getDataset(db, contextOf(request, profile), uid, request.query.version)
      reply.header('etag', etagOf(dataset.latestVersion))
      if (dataset.state === 'published' && request.query.version === undefined) use.count(uid)
      return dataset
    },
  )
  app.get(
    '/api/v1/datasets/:uid/items',
    {
      config: { action: 'dataset:read' },
      ...plainAnswer,
      schema: {
        tags,
        operationId: 'listDatasetItems',
        summary: 'Information items of an entry, page by page',
        params: UidParams,
        querystring: ItemPageQuery,
        response: { 200: ref(ItemPage), ...problems },
      },
    },
    (request) => {
      const { after = 0, limit = 100, version } = request.query
      return listItems(db, contextOf(request, profile), request.params.uid, { after, limit, version })
    },
  )
  datasetWriteRoutes(app, { db, profile })
  datasetStateRoutes(app, { db, profile })
}

function datasetWriteRoutes(app: App, { db, profile }: { db: Db; profile: Profile }): void {
  app.post(
    '/api/v1/datasets',
    {
      config: { action: 'dataset:create' },
      ...contentRoute(AnyDatasetWrite),
      ...plainAnswer,
      schema: {
        tags,
        operationId: 'createDataset',
        summary: "Make a draft; without a body it is your organisation's",
        body: ref(DatasetWrite),
        response: { 201: ref(Dataset), ...problems },
      },
    },
    async (request, reply) => {
      const ctx = contextOf(request, profile)
      const { content, reason } = request.body
      return writeOnce(db, ctx, request, reply, (tx) => createDataset(tx, ctx, content, reason ?? undefined))
    },
  )
  app.put(
    '/api/v1/datasets/:uid',
    {
      config: { action: 'dataset:update' },
      ...contentRoute(AnyDatasetWrite),
      ...plainAnswer,
      schema: {
        tags,
        operationId: 'saveDataset',
        summary: 'Save a new version; If-Match says which one it is based on',
        params: UidParams,
        body: ref(DatasetWrite),
        response: { 200: ref(Dataset), ...problems },
      },
    },
    async (request, reply) => {
      const ctx = contextOf(request, profile)
      const options = {
        basedOn: basedOnRequired(request.headers['if-match']),
        reason: request.body.reason ?? undefined,
      }
      const { uid } = request.params
      const { content } = request.body
      return writeOnce(db, ctx, request, reply, (tx) => saveDataset(tx, ctx, uid, content, options))
    },
  )
  app.post(
    '/api/v1/datasets/validate',
    {
      config: { action: 'dataset:create' },
      ...contentRoute(AnyDatasetCheck),
      ...plainAnswer,
      schema: {
        tags,
        operationId: 'validateDataset',
        summary: 'Every fault of a content, without saving it',
        body: ref(DatasetCheck),
        response: { 200: ref(DatasetCheckResult), ...problems },
      },
    },
    (request) =>
      checkDataset(db, contextOf(request, profile), request.body.content, request.body.uid ?? undefined),
  )
}

/** Steps of an entry's life; each makes a version, so that who, when and why are kept. */
const steps = [
  [
    'retire',
    'dataset:retire',
    'retireDataset',
    'Take an entry out of search at once, without review; its address stays',
    retireDataset,
  ],
  ['discard-draft', 'dataset:update', 'discardDraft', 'Give up the draft of a published entry', discardDraft],
] as const

function datasetStateRoutes(app: App, { db, profile }: { db: Db; profile: Profile }): void {
  for (const [name, action, operationId, summary, step] of steps)
    app.post(
      `/api/v1/datasets/:uid/${name}`,
      {
        config: { action },
        ...plainAnswer,
        schema: {
          tags,
          operationId,
          summary,
          params: UidParams,
          body: StateChange,
          response: { 200: ref(Dataset), ...problems },
        },
      },
      async (request, reply) => {
        const ctx = contextOf(request, profile)
        const { uid } = request.params as { uid: string }
        const options = {
          basedOn: basedOn(request.headers['if-match']),
          reason: request.body?.reason ?? undefined,
        }
        return writeOnce(db, ctx, request, reply, (tx) => step(tx, ctx, uid, options))
      },
    )
  app.delete(
    '/api/v1/datasets/:uid',
    {
      config: { action: 'dataset:update' },
      schema: {
        tags,
        operationId: 'removeDataset',
        summary: 'Remove a draft that was never published',
        params: UidParams,
        response: { 204: Type.Null(), ...problems },
      },
    },
    async (request, reply) => {
      const options = { basedOn: basedOn(request.headers['if-match']) }
      const ctx = contextOf(request, profile)
      return removeOnce(db, request, reply, (tx) => removeDataset(tx, ctx, request.params.uid, options))
    },
  )
}
