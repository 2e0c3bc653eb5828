import Type from 'typebox'
import { type App, problems } from '../platform/http.ts'
import type { Db } from '../platform/postgres.ts'
import type { Profile } from '../platform/profile.ts'
import { contextOf } from './context.ts'
import { UidParams } from './dataset.routes.ts'
import { Dataset } from './dataset.schema.ts'
import { getDataset } from './dataset-read.ts'
import { basedOn, etagOf, plainAnswer, ref } from './route-schemas.ts'
import { RestoreRequest, VersionDiff, Versions, VersionsQuery } from './version.schema.ts'
import { diffVersions, listVersions, restoreVersion } from './version.ts'
import { writeOnce } from './write-once.ts'

const tags = ['versions']
const VersionNumber = Type.Integer({ minimum: 1, maximum: 2_147_483_647 })

/** The history of entries: who changed what, when and why; compare and restore. */
export function versionRoutes(app: App, { db, profile }: { db: Db; profile: Profile }): void {
  app.get(
    '/api/v1/datasets/:uid/versions',
    {
      config: { action: 'dataset:read' },
      ...plainAnswer,
      schema: {
        tags,
        operationId: 'listVersions',
        summary: 'Versions of an entry, newest first, page by page',
        params: UidParams,
        querystring: VersionsQuery,
        response: { 200: ref(Versions), ...problems },
      },
    },
    (request) => listVersions(db, contextOf(request, profile), request.params.uid, request.query),
  )
  app.get(
    '/api/v1/datasets/:uid/versions/:version',
    {
      config: { action: 'dataset:read' },
      ...plainAnswer,
      schema: {
        tags,
        operationId: 'getVersion',
        summary: 'The content of one version',
        params: Type.Object({ ...UidParams.properties, version: VersionNumber }),
        response: { 200: ref(Dataset), ...problems },
      },
    },
    async (request, reply) => {
      const { uid, version } = request.params
      const dataset = await getDataset(db, contextOf(request, profile), uid, version)
      reply.header('etag', etagOf(dataset.latestVersion))
      return dataset
    },
  )
  app.get(
    '/api/v1/datasets/:uid/diff',
    {
      config: { action: 'dataset:read' },
      ...plainAnswer,
      schema: {
        tags,
        operationId: 'diffVersions',
        summary: 'What changed from one version to another',
        params: UidParams,
        querystring: Type.Object({ from: VersionNumber, to: VersionNumber }, { additionalProperties: false }),
        response: { 200: ref(VersionDiff), ...problems },
      },
    },
    (request) => {
      const { from, to } = request.query
      return diffVersions(db, contextOf(request, profile), request.params.uid, from, to)
    },
  )
  restoreRoute(app, { db, profile })
}

function restoreRoute(app: App, { db, profile }: { db: Db; profile: Profile }): void {
  app.post(
    '/api/v1/datasets/:uid/restore',
    {
      config: { action: 'dataset:restore' },
      ...plainAnswer,
      schema: {
        tags,
        operationId: 'restoreVersion',
        summary: 'Save the content of an earlier version as a new draft',
        params: UidParams,
        body: RestoreRequest,
        response: { 200: ref(Dataset), ...problems },
      },
    },
    async (request, reply) => {
      const ctx = contextOf(request, profile)
      const { version, reason } = request.body
      const options = { basedOn: basedOn(request.headers['if-match']), reason: reason ?? undefined }
      const { uid } = request.params
      return writeOnce(db, ctx, request, reply, (tx) => restoreVersion(tx, ctx, uid, version, options))
    },
  )
}
