import { Readable } from 'node:stream'
import Type from 'typebox'
import { contextOf } from '../catalog/index.ts'
import { type App, problems } from '../platform/http.ts'
import type { Db } from '../platform/postgres.ts'
import type { Profile } from '../platform/profile.ts'
import { checksOf, rulesOf } from './check.ts'
import {
  Coverage,
  CoverageRanking,
  CoverageRules,
  CoverageTarget,
  CoverageTrend,
  EntryScore,
  ExportQuery,
  PlaceQuery,
  RankingQuery,
  TargetInput,
  TrendQuery,
} from './coverage.schema.ts'
import { getCoverage, getRanking, getTrend } from './coverage.ts'
import { exportLines } from './coverage-export.ts'
import { getEntryScore, wordsOf } from './entry-score.ts'
import { ratioIds, ratioTexts } from './ratio.ts'
import { declareTarget, withdrawTarget } from './target.ts'

interface Options {
  db: Db
  profile: Profile
}

const tags = ['coverage']
const BodyParams = Type.Object({ code: Type.String({ pattern: '^[A-Za-z0-9._-]{1,64}$' }) })
const UidParams = Type.Object({ uid: Type.String({ format: 'uuid' }) })

/** Ratios, trends and scores: public, as the figures of every page are. */
export function coverageRoutes(app: App, options: Options): void {
  for (const schema of [CoverageTarget, Coverage, CoverageTrend, CoverageRanking, CoverageRules, EntryScore])
    app.addSchema(schema)
  placeRoutes(app, options)
  listRoutes(app, options)
  targetRoutes(app, options)
  app.get(
    '/api/v1/datasets/:uid/score',
    {
      config: { action: 'dataset:read' },
      schema: {
        tags,
        operationId: 'getEntryScore',
        summary: 'The quality score of an entry: every check, and what to do where it fails',
        params: UidParams,
        response: { 200: Type.Unsafe<EntryScore>(Type.Ref('EntryScore')), ...problems },
      },
    },
    (request) =>
      getEntryScore(options.db, contextOf(request, options.profile), options.profile, request.params.uid),
  )
}

function placeRoutes(app: App, { db, profile }: Options): void {
  app.get(
    '/api/v1/coverage',
    {
      config: { action: 'figure:read' },
      schema: {
        tags,
        operationId: 'getCoverage',
        summary: 'Ratios and quality of the nation, a tier, a territory or a body as counted last',
        querystring: PlaceQuery,
        response: { 200: Type.Unsafe<Coverage>(Type.Ref('Coverage')), ...problems },
      },
    },
    (request) => getCoverage(db, profile, request.query),
  )
  app.get(
    '/api/v1/coverage/trend',
    {
      config: { action: 'figure:read' },
      schema: {
        tags,
        operationId: 'getCoverageTrend',
        summary: 'The same over time: days of the last quarter, months before',
        querystring: TrendQuery,
        response: { 200: Type.Unsafe<CoverageTrend>(Type.Ref('CoverageTrend')), ...problems },
      },
    },
    (request) => getTrend(db, profile, request.query),
  )
  app.get(
    '/api/v1/coverage/rules',
    {
      config: { action: 'figure:read' },
      schema: {
        tags,
        operationId: 'getCoverageRules',
        summary: 'How every ratio and every check is counted, with its points',
        response: { 200: Type.Unsafe<Record<string, unknown>>(Type.Ref('CoverageRules')), ...problems },
      },
    },
    async () => ({
      rules: rulesOf(profile),
      evidence: profile.coverage.evidence,
      ratios: ratioIds.map((id) => ({ id, text: { en: ratioTexts[id][0], 'zh-CN': ratioTexts[id][1] } })),
      checks: checksOf(profile)
        .filter((c) => c.points > 0)
        .map(({ bit: _, ...check }) => ({ ...check, ...wordsOf(check.id) })),
    }),
  )
}

function listRoutes(app: App, { db }: Options): void {
  app.get(
    '/api/v1/coverage/ranking',
    {
      config: { action: 'figure:read' },
      schema: {
        tags,
        operationId: 'getCoverageRanking',
        summary: 'Bodies, territories or tiers in the order of a ratio; what is not measured comes last',
        querystring: RankingQuery,
        response: { 200: Type.Unsafe<CoverageRanking>(Type.Ref('CoverageRanking')), ...problems },
      },
    },
    (request) => getRanking(db, request.query),
  )
  app.get(
    '/api/v1/coverage/ranking.csv',
    {
      config: { action: 'figure:read' },
      schema: {
        tags,
        operationId: 'exportCoverageRanking',
        summary: 'The whole ranking as CSV, with numerators, denominators, time and rules',
        querystring: ExportQuery,
        response: { 200: { content: { 'text/csv': { schema: Type.String() } } }, ...problems },
      },
    },
    async (request, reply) => {
      reply.type('text/csv; charset=utf-8')
      reply.header('content-disposition', 'attachment; filename="coverage.csv"')
      return reply.send(Readable.from(exportLines(db, request.query as ExportQuery)))
    },
  )
}

function targetRoutes(app: App, { db, profile }: Options): void {
  app.put(
    '/api/v1/coverage/targets/:code',
    {
      config: { action: 'coverage:declare' },
      schema: {
        tags,
        operationId: 'declareCoverageTarget',
        summary: 'Declare how many data resources a body has to catalogue, with the basis',
        params: BodyParams,
        body: TargetInput,
        response: { 200: Type.Unsafe<CoverageTarget>(Type.Ref('CoverageTarget')), ...problems },
      },
    },
    (request) => declareTarget(db, contextOf(request, profile), request.params.code, request.body),
  )
  app.delete(
    '/api/v1/coverage/targets/:code',
    {
      config: { action: 'coverage:declare' },
      schema: {
        tags,
        operationId: 'withdrawCoverageTarget',
        summary: 'Take the declared number of a body back: its share of catalogued resources is not measured',
        params: BodyParams,
        response: { 204: Type.Null(), ...problems },
      },
    },
    async (request, reply) => {
      await withdrawTarget(db, contextOf(request, profile), request.params.code)
      reply.code(204)
      return null
    },
  )
}
