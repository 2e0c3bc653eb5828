import { createHash } from 'node:crypto'
import type { AuditRow } from './audit.queries.ts'
import { canonicalJson } from './canonical-json.ts'

/** What the first event links to. */
export const genesis = Buffer.alloc(32)

/** Members that are hashed, in the words of the stored row; `v` is the version of this form. */
function body(e: AuditRow) {
  return {
    v: 1,
    seq: e.seq,
    at: e.at,
    requestId: e.requestId,
    actorKind: e.actorKind,
    actorId: e.actorId,
    organisationId: e.organisationId,
    action: e.action,
    objectKind: e.objectKind,
    objectId: e.objectId,
    decision: e.decision,
    detail: e.detail,
  }
}

/** SHA-256 over the hash of the event before, then the canonical JSON (RFC 8785) of this one. */
export function hashEvent(event: AuditRow, previousHash: Buffer): Buffer {
  return createHash('sha256')
    .update(previousHash)
    .update(canonicalJson(body(event)))
    .digest()
}
