import Type from 'typebox'
import { type App, problems } from '../platform/http.ts'
import type { Db } from '../platform/postgres.ts'
import { Cursor, decodeNumberCursor, page } from './cursor.ts'
import { PasswordInput, Person, PersonInput, PersonPatch, personLimits, Role } from './person.schema.ts'
import { createPerson, getPerson, listPeople, updatePerson } from './person.ts'
import { grantRole, revokeRole, setPassword, setPersonDisabled } from './person-access.ts'

const Key = Type.Object({ uid: Type.String({ format: 'uuid' }) })
const RoleKey = Type.Object({ uid: Type.String({ format: 'uuid' }), role: Role })
const tags = ['people']

/** Accounts and roles. The system administrator makes accounts, the security administrator grants roles. */
export function personRoutes(app: App, { db }: { db: Db }): void {
  app.get(
    '/api/v1/people',
    {
      config: { action: 'person:read' },
      schema: {
        tags,
        operationId: 'listPeople',
        summary: 'Accounts, page by page',
        querystring: Type.Object(
          {
            q: Type.Optional(Type.String({ minLength: 1, maxLength: 100, pattern: '^[^\\u0000]*$' })),
            role: Type.Optional(Role),
            organisation: Type.Optional(
              Type.String({ format: 'uuid', description: 'Uid of a body; those below count too.' }),
            ),
            limit: Type.Optional(Type.Integer({ minimum: 1, maximum: personLimits.page, default: 50 })),
            cursor: Type.Optional(Cursor),
          },
          { additionalProperties: false },
        ),
        response: {
          200: Type.Object({
            items: Type.Array(Person, { maxItems: personLimits.page }),
            next: Type.Union([Type.String(), Type.Null()]),
          }),
          ...problems,
        },
      },
    },
    async ({ actor, query }) => {
      const limit = query.limit ?? 50
      const rows = await listPeople(db, actor, {
        after: decodeNumberCursor(query.cursor),
        limit: limit + 1,
        q: query.q,
        role: query.role,
        organisationUid: query.organisation,
      })
      return page(rows, limit, (p) => p.id)
    },
  )
  accountRoutes(app, db)
  accessRoutes(app, db)
  roleRoutes(app, db)
}

/** Making, reading and changing one account. */
function accountRoutes(app: App, db: Db): void {
  app.post(
    '/api/v1/people',
    {
      config: { action: 'person:create', idempotency: false },
      schema: {
        tags,
        operationId: 'createPerson',
        summary: 'Make an account; it has no role yet',
        body: PersonInput,
        response: { 201: Person, ...problems },
      },
    },
    async (request, reply) => {
      reply.code(201)
      return createPerson(db, request.actor, request.body, { requestId: request.id })
    },
  )
  app.get(
    '/api/v1/people/:uid',
    {
      config: { action: 'person:read' },
      schema: {
        tags,
        operationId: 'getPerson',
        summary: 'One account',
        params: Key,
        response: { 200: Person, ...problems },
      },
    },
    async ({ actor, params }) => getPerson(db, actor, params.uid),
  )
  app.patch(
    '/api/v1/people/:uid',
    {
      config: { action: 'person:update' },
      schema: {
        tags,
        operationId: 'updatePerson',
        summary: 'Change an account; what is not given stays',
        params: Key,
        body: PersonPatch,
        response: { 200: Person, ...problems },
      },
    },
    async (request) =>
      updatePerson(db, request.actor, request.params.uid, request.body, { requestId: request.id }),
  )
}

/** What changes how, and whether, somebody gets in. */
function accessRoutes(app: App, db: Db): void {
  app.put(
    '/api/v1/people/:uid/disabled',
    {
      config: { action: 'person:disable' },
      schema: {
        tags,
        operationId: 'setPersonDisabled',
        summary: 'Lock an account and end its sessions and tokens, or let it in again',
        params: Key,
        body: Type.Object({ disabled: Type.Boolean() }, { additionalProperties: false }),
        response: { 200: Person, ...problems },
      },
    },
    async (request) =>
      setPersonDisabled(db, request.actor, request.params.uid, request.body.disabled, {
        requestId: request.id,
      }),
  )
  app.put(
    '/api/v1/people/:uid/password',
    {
      config: { action: 'password:set', idempotency: false },
      schema: {
        tags,
        operationId: 'setPassword',
        summary: 'Set the own password, or as system administrator that of another; other sessions end',
        params: Key,
        body: PasswordInput,
        response: { 204: Type.Null(), ...problems },
      },
    },
    async (request, reply) => {
      await setPassword(db, request.actor, request.params.uid, request.body, {
        requestId: request.id,
        address: request.ip,
        keepSession: request.signedIn?.tokenHash,
      })
      return reply.code(204).send(null)
    },
  )
}

/** What somebody may do. */
function roleRoutes(app: App, db: Db): void {
  app.put(
    '/api/v1/people/:uid/roles/:role',
    {
      config: { action: 'role:grant' },
      schema: {
        tags,
        operationId: 'grantRole',
        summary: 'Grant a role',
        params: RoleKey,
        response: { 204: Type.Null(), ...problems },
      },
    },
    async (request, reply) => {
      const { uid, role } = request.params
      await grantRole(db, request.actor, uid, role, { requestId: request.id })
      return reply.code(204).send(null)
    },
  )
  app.delete(
    '/api/v1/people/:uid/roles/:role',
    {
      config: { action: 'role:grant' },
      schema: {
        tags,
        operationId: 'revokeRole',
        summary: 'Take a role back',
        params: RoleKey,
        response: { 204: Type.Null(), ...problems },
      },
    },
    async (request, reply) => {
      const { uid, role } = request.params
      await revokeRole(db, request.actor, uid, role, { requestId: request.id })
      return reply.code(204).send(null)
    },
  )
}
