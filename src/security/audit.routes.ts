import Type from 'typebox'
import { ConcordError } from '../platform/errors.ts'
import { type App, problems } from '../platform/http.ts'
import type { Db } from '../platform/postgres.ts'
import { AuditEvent, AuditVerification, auditLimits } from './audit.schema.ts'
import { listAudit } from './audit.ts'
import { verifyAuditFor } from './audit-verify.ts'
import { Cursor, decodeNumberCursor, page } from './cursor.ts'

const Time = Type.String({ format: 'date-time', maxLength: 40 })
const Word = Type.String({ minLength: 1, maxLength: 300, pattern: '^[^\\u0000]*$' })

/** The audit log, read and verified by the audit administrator. */
export function auditRoutes(app: App, { db, dataDir }: { db: Db; dataDir: string }): void {
  app.get(
    '/api/v1/audit',
    {
      config: { action: 'audit:read' },
      schema: {
        tags: ['audit'],
        operationId: 'listAuditEvents',
        summary: 'Events, newest first',
        querystring: Type.Object(
          {
            actor: Type.Optional(Word),
            objectKind: Type.Optional(Word),
            object: Type.Optional(Word),
            action: Type.Optional(Word),
            decision: Type.Optional(Type.Enum(['allow', 'deny', 'error'])),
            from: Type.Optional(Time),
            to: Type.Optional(Time),
            limit: Type.Optional(Type.Integer({ minimum: 1, maximum: auditLimits.page, default: 50 })),
            cursor: Type.Optional(Cursor),
          },
          { additionalProperties: false },
        ),
        response: {
          200: Type.Object({
            items: Type.Array(AuditEvent, { maxItems: auditLimits.page }),
            next: Type.Union([Type.String(), Type.Null()]),
          }),
          ...problems,
        },
      },
    },
    async ({ actor, query }) => {
      const limit = query.limit ?? 50
      const rows = await listAudit(db, actor, {
        before: decodeNumberCursor(query.cursor),
        limit: limit + 1,
        actorId: query.actor,
        objectKind: query.objectKind,
        objectId: query.object,
        action: query.action,
        decision: query.decision,
        from: query.from,
        to: query.to,
      })
      return page(rows, limit, (e) => e.seq)
    },
  )
  verifyRoute(app, db, dataDir)
}

function verifyRoute(app: App, db: Db, dataDir: string): void {
  // A walk over millions of events is work: one at a time.
  let running = false
  app.get(
    '/api/v1/audit/verify',
    {
      config: { action: 'audit:verify' },
      schema: {
        tags: ['audit'],
        operationId: 'verifyAudit',
        summary: 'Verify the whole chain against its links and signed checkpoints',
        response: { 200: AuditVerification, ...problems },
      },
    },
    async (request) => {
      if (running)
        throw new ConcordError('too_many_requests', 'A verification is running.', {
          more: { retryAfter: 30 },
        })
      running = true
      try {
        return await verifyAuditFor(db, request.actor, { dataDir, requestId: request.id })
      } finally {
        running = false
      }
    },
  )
}
