import Type from 'typebox'
import { type App, problems } from '../platform/http.ts'
import type { Db } from '../platform/postgres.ts'
import { Cursor, decodeNumberCursor, decodeTextCursor, page } from './cursor.ts'
import {
  Division,
  Organisation,
  OrganisationInput,
  OrganisationPage,
  OrganisationPatch,
  OrganisationTreeNode,
  organisationLimits,
} from './organisation.schema.ts'
import {
  createOrganisation,
  getOrganisationPage,
  listDivisions,
  listOrganisations,
  organisationTree,
  updateOrganisation,
} from './organisation.ts'

const Limit = Type.Integer({ minimum: 1, maximum: organisationLimits.page, default: 50 })
const Key = Type.Object({
  uid: Type.String({ minLength: 1, maxLength: 64, description: 'Uid or code of the body.' }),
})
const Next = Type.Union([Type.String(), Type.Null()])

interface Options {
  db: Db
  tiers: ReadonlySet<string> | undefined
}

/** Bodies and territories: read by everybody, changed by the system administrator. */
export function organisationRoutes(app: App, options: Options): void {
  listRoutes(app, options.db)
  readRoutes(app, options.db)
  changeRoutes(app, options)
  divisionRoutes(app, options.db)
}

function listRoutes(app: App, db: Db): void {
  app.get(
    '/api/v1/organisations',
    {
      config: { action: 'organisation:read' },
      schema: {
        tags: ['organisations'],
        operationId: 'listOrganisations',
        summary: 'Bodies, page by page',
        querystring: Type.Object(
          {
            q: Type.Optional(Type.String({ minLength: 1, maxLength: organisationLimits.query })),
            tier: Type.Optional(Type.String({ maxLength: 64 })),
            division: Type.Optional(Type.String({ maxLength: 20 })),
            limit: Type.Optional(Limit),
            cursor: Type.Optional(Cursor),
          },
          { additionalProperties: false },
        ),
        response: {
          200: Type.Object({
            items: Type.Array(Organisation, { maxItems: organisationLimits.page }),
            next: Next,
          }),
          ...problems,
        },
      },
    },
    async ({ query }) => {
      const limit = query.limit ?? 50
      const rows = await listOrganisations(db, {
        after: decodeNumberCursor(query.cursor),
        limit: limit + 1,
        q: clean(query.q),
        tier: clean(query.tier),
        divisionCode: clean(query.division),
      })
      return page(rows, limit, (o) => o.id)
    },
  )
}

function readRoutes(app: App, db: Db): void {
  app.get(
    '/api/v1/organisations/tree',
    {
      config: { action: 'organisation:read' },
      schema: {
        tags: ['organisations'],
        operationId: 'getOrganisationTree',
        summary: 'All bodies with the body above each',
        response: {
          200: Type.Object({
            items: Type.Array(OrganisationTreeNode, { maxItems: organisationLimits.tree }),
          }),
          ...problems,
        },
      },
    },
    async () => ({ items: await organisationTree(db) }),
  )
  app.get(
    '/api/v1/organisations/:uid',
    {
      config: { action: 'organisation:read' },
      schema: {
        tags: ['organisations'],
        operationId: 'getOrganisation',
        summary: 'A body with the bodies above it',
        params: Key,
        response: { 200: OrganisationPage, ...problems },
      },
    },
    async ({ params }) => getOrganisationPage(db, params.uid),
  )
}

function changeRoutes(app: App, { db, tiers }: Options): void {
  app.post(
    '/api/v1/organisations',
    {
      config: { action: 'organisation:create' },
      schema: {
        tags: ['organisations'],
        operationId: 'createOrganisation',
        summary: 'Register a body',
        body: OrganisationInput,
        response: { 201: Organisation, ...problems },
      },
    },
    async (request, reply) => {
      reply.code(201)
      return createOrganisation(db, request.actor, request.body, { requestId: request.id, tiers })
    },
  )
  app.patch(
    '/api/v1/organisations/:uid',
    {
      config: { action: 'organisation:update' },
      schema: {
        tags: ['organisations'],
        operationId: 'updateOrganisation',
        summary: 'Change a body; what is not given stays',
        params: Key,
        body: OrganisationPatch,
        response: { 200: Organisation, ...problems },
      },
    },
    async (request) =>
      updateOrganisation(db, request.actor, request.params.uid, request.body, {
        requestId: request.id,
        tiers,
      }),
  )
}

function divisionRoutes(app: App, db: Db): void {
  app.get(
    '/api/v1/divisions',
    {
      config: { action: 'organisation:read' },
      schema: {
        tags: ['organisations'],
        operationId: 'listDivisions',
        summary: 'Territories in the order of their codes',
        querystring: Type.Object(
          {
            parent: Type.Optional(Type.String({ maxLength: 20 })),
            tier: Type.Optional(Type.String({ maxLength: 64 })),
            limit: Type.Optional(Limit),
            cursor: Type.Optional(Cursor),
          },
          { additionalProperties: false },
        ),
        response: {
          200: Type.Object({
            items: Type.Array(Division, { maxItems: organisationLimits.page }),
            next: Next,
          }),
          ...problems,
        },
      },
    },
    async ({ query }) => {
      const limit = query.limit ?? 50
      const rows = await listDivisions(db, {
        after: decodeTextCursor(query.cursor),
        limit: limit + 1,
        parentCode: clean(query.parent),
        tier: clean(query.tier),
      })
      return page(rows, limit, (d) => d.code)
    },
  )
}

/** PostgreSQL's text has no NUL; nothing that is searched for has one either. */
const clean = (text: string | undefined) => text?.replaceAll('\u0000', '')
