import type { Db } from '../platform/postgres.ts'
import { codeList, type Profile } from '../platform/profile.ts'
import { listOrganisations } from '../security/index.ts'
import { readItemName } from './item-name.ts'
import { readWords } from './item-words.ts'
import { baseDatabases, tiersInOrder } from './profile-ranks.ts'
import {
  collectHolders,
  collectNames,
  indexReport,
  insertKeyedNames,
  joinElements,
  noteProblem,
  noteRunning,
  prepareConnection,
  releaseConnection,
  selectRawNames,
  swapReport,
  takeReportLock,
  writeDuplicates,
} from './report-build.queries.ts'

/** Names read for their keys at a time: 20 ms of a process that also answers requests. */
const namesAtOnce = 2_000

/**
 * Makes the report of all duplicates anew and swaps it in; readers see the old one until then. Where another process
 * is at it already, nothing is done.
 * @returns whether a report was made
 */
export function buildReport(db: Db, profile: Profile): Promise<boolean> {
  return db.connection().execute(async (held) => {
    const connection = held as Db
    if (!(await takeReportLock(connection))) return false
    try {
      await build(db, connection, profile)
      return true
    } catch (error) {
      await noteProblem(db, (error as Error).message.slice(0, 500)).catch(() => {})
      throw error
    } finally {
      await releaseConnection(connection)
    }
  })
}

async function build(db: Db, connection: Db, profile: Profile): Promise<void> {
  const began = Date.now()
  const asOf = new Date(began).toISOString()
  await noteRunning(db, asOf)
  await prepareConnection(connection)
  const [types, themes] = [codesOf(profile, 'dataType'), codesOf(profile, 'theme')]
  const count = await collectNames(connection, { themes, bases: baseDatabases(profile) })
  await keyNames(connection, profile, count)
  await joinElements(connection)
  await collectHolders(connection, { types })
  const tiers = tiersInOrder(profile)
  const bodies = (await listOrganisations(db)).map((o) => ({ id: o.id, tier: tiers.indexOf(o.tier) }))
  await writeDuplicates(connection, { bodies, types, themes })
  await indexReport(connection)
  await connection.transaction().execute((tx) => swapReport(tx as Db, asOf, (Date.now() - began) / 1000))
}

const codesOf = (profile: Profile, list: string) => [...codeList(profile, list).keys()]

/** What each distinct name says, worked out here because synonyms and folding are not SQL's. */
async function keyNames(connection: Db, profile: Profile, count: number): Promise<void> {
  const words = readWords(profile.synonyms)
  for (let from = 1; from <= count; from += namesAtOnce) {
    const rows = await selectRawNames(connection, from, from + namesAtOnce - 1)
    await insertKeyedNames(
      connection,
      rows.map(({ id, name }) => {
        const { key, base } = readItemName(name, words)
        return { id, key, base }
      }),
    )
  }
}
