import Type from 'typebox'
import { type App, problems } from '../../platform/http.ts'
import {
  decideRemovals,
  getHarvestRun,
  listHarvestRuns,
  resumeHarvest,
  startHarvest,
  stopHarvest,
} from './runs.ts'
import type { SourceRouteOptions } from './source.routes.ts'
import type { HarvestRun } from './source.schema.ts'

const tags = ['sources']
const RunRef = Type.Unsafe<HarvestRun>(Type.Ref('HarvestRun'))
const Params = Type.Object({ uid: Type.String({ format: 'uuid' }) })
const Next = Type.Union([Type.String(), Type.Null()])

/** Runs of sources: start, progress, stop, resume, and the word of a person about removals. */
export function harvestRunRoutes(app: App, options: SourceRouteOptions): void {
  startRoutes(app, options)
  runRoutes(app, options)
}

function startRoutes(app: App, { db, runner }: SourceRouteOptions): void {
  app.post(
    '/api/v1/sources/:uid/run',
    {
      config: { action: 'source:run' },
      schema: {
        tags,
        operationId: 'startHarvest',
        summary: 'Harvest a source now; gives the run that is there when it is at work already',
        params: Params,
        querystring: Type.Object(
          {
            full: Type.Optional(
              Type.Boolean({ description: 'Compare everything, also where asking for changes would do' }),
            ),
          },
          { additionalProperties: false },
        ),
        response: { 202: RunRef, ...problems },
      },
    },
    async ({ actor, params, query, id }, reply) => {
      const run = await startHarvest(db, actor, params.uid, { full: query.full, requestId: id })
      runner.wake()
      reply.code(202)
      return run
    },
  )
  app.get(
    '/api/v1/sources/:uid/runs',
    {
      config: { action: 'source:read' },
      schema: {
        tags,
        operationId: 'listHarvestRuns',
        summary: 'Runs of a source, newest first',
        params: Params,
        querystring: Type.Object({
          cursor: Type.Optional(Type.String({ pattern: '^\\d{1,9}$' })),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
        }),
        response: { 200: Type.Object({ items: Type.Array(RunRef), next: Next }), ...problems },
      },
    },
    async ({ actor, params, query }) => {
      const before = query.cursor === undefined ? undefined : Number(query.cursor)
      const { items, next } = await listHarvestRuns(db, actor, params.uid, { before, limit: query.limit })
      return { items, next: next === null ? null : String(next) }
    },
  )
}

function runRoutes(app: App, { db, runner }: SourceRouteOptions): void {
  app.get(
    '/api/v1/harvest-runs/:uid',
    {
      config: { action: 'source:read' },
      schema: {
        tags,
        operationId: 'getHarvestRun',
        summary: 'A run with its progress; its records are those of the import of the same uid',
        params: Params,
        response: { 200: RunRef, ...problems },
      },
    },
    ({ actor, params }) => getHarvestRun(db, actor, params.uid),
  )
  for (const [verb, summary, work] of [
    ['stop', 'Stop a run at once; it can go on later', stopHarvest],
    ['resume', 'Let a run that stopped or failed go on where it was', resumeHarvest],
  ] as const)
    app.post(
      `/api/v1/harvest-runs/:uid/${verb}`,
      {
        config: { action: 'source:run' },
        schema: {
          tags,
          operationId: `${verb}Harvest`,
          summary,
          params: Params,
          response: { 200: RunRef, ...problems },
        },
      },
      async ({ actor, params, id }) => {
        const run = await work(db, actor, (params as { uid: string }).uid, id)
        runner.wake()
        return run
      },
    )
  app.post(
    '/api/v1/harvest-runs/:uid/decide',
    {
      config: { action: 'source:decide' },
      schema: {
        tags,
        operationId: 'decideRemovals',
        summary: 'Approve or refuse what a run would remove',
        params: Params,
        body: Type.Object({ approve: Type.Boolean() }, { additionalProperties: false }),
        response: { 200: RunRef, ...problems },
      },
    },
    async ({ actor, params, body, id }) => {
      const run = await decideRemovals(db, actor, params.uid, body.approve, id)
      runner.wake()
      return run
    },
  )
}
