import { createHash } from 'node:crypto'
import { ConcordError } from '../platform/errors.ts'
import { type Db, inTransaction } from '../platform/postgres.ts'
import { addressKey } from './address.ts'
import {
  countFailures,
  deleteFailures,
  deleteLastFailure,
  insertFailure,
  lockSubject,
} from './session.queries.ts'

/** Failures older than this (s) are forgotten. */
export const failureWindowSeconds = 15 * 60
/** Failures that cost nothing: people mistype. An address may stand for a whole office. */
const freeFailures = { login: 4, address: 20 } as const
/** The delay doubles with each further failure up to this (s): one guess a minute, and the owner is not shut out for long. */
const longestDelaySeconds = 60

export interface Attempt {
  /** The attempt was right: its login starts anew, and it does not count against the address. */
  succeeded(): Promise<void>
}

/**
 * Notes an attempt before the password is looked at, so that many at once cannot all pass unseen.
 * @throws too_many_requests with `retryAfter` (s) when the login or the address failed too often just now.
 */
export async function beginAttempt(db: Db, login: string, address: string): Promise<Attempt> {
  // As hashes: people type their password into the wrong box.
  const subjects = {
    login: `login:${digest(login)}`,
    address: `address:${digest(addressKey(address))}`,
  }
  const wait = await inTransaction(db, async (tx) => {
    let longest = 0
    for (const kind of ['address', 'login'] as const) {
      await lockSubject(tx, subjects[kind])
      const { failures, since } = await countFailures(tx, subjects[kind], failureWindowSeconds)
      longest = Math.max(longest, delaySeconds(failures, freeFailures[kind]) - since)
    }
    if (longest > 0) return longest
    await insertFailure(tx, subjects.login)
    await insertFailure(tx, subjects.address)
    return 0
  })
  if (wait > 0)
    throw new ConcordError(
      'too_many_requests',
      `Too many failed attempts. Try again in ${Math.ceil(wait)} s.`,
      {
        more: { retryAfter: Math.ceil(wait) },
      },
    )
  return {
    succeeded: async () => {
      await deleteFailures(db, subjects.login)
      await deleteLastFailure(db, subjects.address)
    },
  }
}

/** Seconds to wait after so many failures. */
export function delaySeconds(failures: number, free: number): number {
  return failures <= free ? 0 : Math.min(2 ** (failures - free), longestDelaySeconds)
}

const digest = (text: string) => createHash('sha256').update(text).digest('base64url')
