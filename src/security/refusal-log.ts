import type { Logger } from '../platform/log.ts'
import type { Db } from '../platform/postgres.ts'
import { anonymous } from './actor.ts'
import { addressKey } from './address.ts'
import { type AuditInput, audit } from './audit.ts'

/**
 * Refusals in the audit log. Those of a known person are each an event. The public's are many and prove little, and
 * the log can never be trimmed: so of one address some are kept whole in a minute, and the rest is counted.
 */
export interface RefusalLog {
  note(event: AuditInput, address: string): Promise<void>
  /** Writes what was counted. */
  flush(): Promise<void>
}

const windowMs = 60_000
/** Refusals of one address, and of the public altogether, that are kept whole in a minute. */
const wholeOfAddress = 20
const wholeOfAll = 200
/** Addresses counted by themselves in a minute; what is beyond is counted together. */
const countedAddresses = 100

interface Count {
  seen: number
  /** Not kept whole. */
  left: number
}

/** Starts a log; it writes its counts once a minute. */
export function startRefusalLog(db: Db, log: Pick<Logger, 'error'>): RefusalLog & { stop(): Promise<void> } {
  let counts = new Map<string, Count>()
  let whole = 0
  /** Of addresses that have no count of their own. */
  let others = 0

  const countOf = (key: string): Count | undefined => {
    const known = counts.get(key)
    if (known || counts.size >= countedAddresses) return known
    const fresh = { seen: 0, left: 0 }
    counts.set(key, fresh)
    return fresh
  }
  const flush = async () => {
    const sums = [...counts].flatMap(([address, { left }]) => (left > 0 ? [{ address, count: left }] : []))
    if (others > 0) sums.push({ address: 'others', count: others })
    counts = new Map()
    whole = 0
    others = 0
    for (const { address, count } of sums)
      await audit(db, {
        actor: anonymous,
        action: 'request:refuse',
        objectKind: 'address',
        objectId: address,
        decision: 'deny',
        detail: { count, seconds: windowMs / 1000 },
      })
  }
  const timer = setInterval(
    () => void flush().catch((error) => log.error({ err: error }, 'refusals could not be audited')),
    windowMs,
  )
  timer.unref()
  return {
    async note(event, address) {
      if (event.actor.kind !== 'anonymous') return audit(db, event)
      const count = countOf(addressKey(address))
      if (!count) {
        others++
        return
      }
      count.seen++
      if (count.seen > wholeOfAddress || whole >= wholeOfAll) {
        count.left++
        return
      }
      whole++
      await audit(db, event)
    },
    flush,
    async stop() {
      clearInterval(timer)
      await flush()
    },
  }
}
