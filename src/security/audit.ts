import { ConcordError } from '../platform/errors.ts'
import type { Db } from '../platform/postgres.ts'
import type { Actor } from './actor.ts'
import { type AuditFilter, insertIntake, selectEvents, selectNames } from './audit.queries.ts'
import { canonicalJson } from './canonical-json.ts'
import { authorize } from './policy.ts'

export interface AuditInput {
  actor: Actor
  /** A registered action, or `noun:verb` of something that is not asked for permission (`session:expired`). */
  action: string
  objectKind?: string
  /** The object's uid or code, as people know it. */
  objectId?: string
  /** The body the object belongs to. */
  organisationId?: number | null
  decision: 'allow' | 'deny' | 'error'
  requestId?: string
  /** Small facts: counts, names of changed members. No content, no secrets. */
  detail?: Record<string, unknown>
}

/** Characters of an event's detail: it is a note, not a copy. Longer ones are replaced by their size. */
const maxDetail = 8_000

/**
 * Writes an audit event with the change it tells of: in the caller's transaction, so that both are there or
 * neither. A bulk operation writes one event with counts. The sequencer puts it into
 * the chain within a second. It is not woken by NOTIFY: that lock would make all commits of a node wait in line.
 */
export async function audit(db: Db, event: AuditInput): Promise<void> {
  const detail = canonicalJson(event.detail ?? {})
  await insertIntake(db, {
    requestId: event.requestId ?? null,
    actorKind: event.actor.kind,
    actorId: event.actor.uid ?? (event.actor.kind === 'system' ? event.actor.name : null),
    organisationId: event.organisationId ?? null,
    action: event.action,
    objectKind: event.objectKind ?? null,
    objectId: event.objectId ?? null,
    decision: event.decision,
    detail: detail.length > maxDetail ? canonicalJson({ detailCharacters: detail.length }) : detail,
  })
}

/** Events, newest first, with the present names of the people; `before` is the last seq of the page before. */
export async function listAudit(db: Db, actor: Actor, filter: AuditFilter) {
  authorize(actor, 'audit:read', { kind: 'audit' })
  const rows = await selectEvents(db, {
    ...filter,
    from: time('from', filter.from),
    to: time('to', filter.to),
  })
  const names = await selectNames(
    db,
    rows.flatMap((r) => (r.actorKind !== 'system' && r.actorId !== null ? [r.actorId] : [])),
  )
  return rows.map((r) => ({
    ...r,
    actorKind: r.actorKind as Actor['kind'],
    decision: r.decision as AuditInput['decision'],
    actorName: r.actorKind === 'system' ? r.actorId : (names.get(r.actorId ?? '') ?? null),
    detail: JSON.parse(r.detail) as Record<string, unknown>,
    hash: r.hash.toString('hex'),
  }))
}

/** A time that PostgreSQL reads too: the form of a date allows seconds and years that do not exist. */
function time(name: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const date = new Date(text)
  if (Number.isNaN(date.getTime()) || date.getUTCFullYear() < 1 || date.getUTCFullYear() > 9999)
    throw new ConcordError('invalid_request', `${name} is not a time.`, {
      faults: [{ path: `querystring/${name}`, rule: 'time', message: 'is not a time' }],
    })
  return date.toISOString()
}
