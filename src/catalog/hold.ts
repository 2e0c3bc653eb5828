import { ConcordError } from '../platform/errors.ts'
import type { Db } from '../platform/postgres.ts'
import { deleteHold, type Hold, selectHold, upsertHold } from './hold.queries.ts'

export type { Hold } from './hold.queries.ts'

/** What a change wants of an entry: to save its draft, or anything else. */
export interface Wish {
  saves: boolean
  /** The capability that decided, where the change is its decision. */
  holder?: string
}

/**
 * Refuses a change of an entry that somebody else decides about. A change made in the name of a holder needs the hold,
 * so that nobody publishes by calling themselves one.
 * @throws held with `link`, `heldBy`, `heldSince`; conflict
 */
export async function guardHold(tx: Db, datasetId: number, { saves, holder }: Wish): Promise<void> {
  const hold = await selectHold(tx, datasetId)
  if (holder !== undefined) {
    if (hold?.holder !== holder)
      throw new ConcordError('conflict', 'Nothing is being decided about this entry.')
  } else if (hold && !(saves && hold.open)) throw heldError(hold)
}

const heldError = (hold: Hold) =>
  new ConcordError(
    'held',
    `${hold.by} submitted this entry for review${hold.open ? ' and it was returned' : ''}; withdraw it first, at ${hold.link}.`,
    { more: { link: hold.link, heldBy: hold.by, heldSince: hold.at } },
  )

/** Holds an entry, or changes what its holder allows. Call it in the transaction that locked the entry. */
export const holdDataset = (tx: Db, datasetId: number, hold: Hold): Promise<void> =>
  upsertHold(tx, datasetId, hold)

export const releaseDataset = (tx: Db, datasetId: number, holder: string): Promise<void> =>
  deleteHold(tx, datasetId, holder)
