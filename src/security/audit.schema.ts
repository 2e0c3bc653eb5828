import Type, { type TSchema } from 'typebox'

const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

export const auditLimits = { page: 200 } as const

export const AuditEvent = Type.Object(
  {
    seq: Type.Integer({ minimum: 1 }),
    at: Type.String({ format: 'date-time' }),
    requestId: Nullable(Type.String()),
    actorKind: Type.Enum(['anonymous', 'person', 'token', 'system']),
    actorId: Nullable(Type.String({ description: "A person's uid, or the program's part." })),
    actorName: Nullable(Type.String()),
    action: Type.String(),
    objectKind: Nullable(Type.String()),
    objectId: Nullable(Type.String()),
    decision: Type.Enum(['allow', 'deny', 'error']),
    detail: Type.Record(Type.String(), Type.Unknown()),
    hash: Type.String({ description: 'SHA-256, hex, over the hash before and this event.' }),
  },
  { $id: 'AuditEvent' },
)

export const AuditVerification = Type.Object(
  {
    ok: Type.Boolean(),
    events: Type.Integer(),
    lastSeq: Type.Integer(),
    lastHash: Type.String(),
    waiting: Type.Integer({ description: 'Written, but not yet in the chain.' }),
    checkpoints: Type.Integer(),
    lastCheckpointSeq: Type.Integer(),
    lastCheckpointAt: Nullable(Type.String()),
    restores: Type.Array(
      Type.Object({
        after: Type.Integer({ description: 'The last signed event that was still there.' }),
        until: Type.Integer({ description: 'The last event that had been signed.' }),
        at: Type.String(),
        reason: Type.String(),
      }),
      { maxItems: 100, description: 'Restored backups that were accepted.' },
    ),
    problems: Type.Array(
      Type.Object({
        kind: Type.Enum([
          'changed',
          'removed',
          'inserted',
          'reordered',
          'truncated',
          'rewritten',
          'checkpoint',
        ]),
        seq: Type.Integer(),
        message: Type.String(),
      }),
      { maxItems: 100 },
    ),
    limits: Type.Array(Type.String(), { maxItems: 10 }),
  },
  { $id: 'AuditVerification' },
)
