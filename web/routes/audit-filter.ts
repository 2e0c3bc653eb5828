import type { AuditFilter } from '../security/api.ts'
import { day, type Raw, text } from './plain-search.ts'

/** The filter of the log in an address; what is none is left out. */
export const readAuditFilter = (raw: Raw): AuditFilter => ({
  decision: text(raw.decision),
  action: text(raw.action),
  actor: text(raw.actor),
  object: text(raw.object),
  from: day(raw.from),
  to: day(raw.to),
})
