import type { Db } from '../platform/postgres.ts'
import type { Profile } from '../platform/profile.ts'
import {
  type Conformity,
  type LinkAnswer,
  type LinksToAsk,
  selectLinksToAsk,
  upsertConformity,
  upsertLinkAnswers,
} from './observation.queries.ts'
import { refreshScores } from './score.ts'

/** What cannot be seen in an entry itself: whether its addresses answer, whether it conforms to DCAT-AP. */

/**
 * Asks an address, politely and guarded. True: it answers; false: it does not; undefined: it may not be asked from
 * here, so nothing is known.
 */
export type AskAddress = (address: string, signal: AbortSignal) => Promise<boolean | undefined>

/** Entries of one run, of which there are six an hour: slow on purpose, nobody waits for it. */
const entriesPerRun = 300
/** Entries asked about at once; the asker keeps its pace with each host. */
const atOnce = 8
/** A run ends after this time (ms), whatever is left: before the next one begins. */
const runMs = 8 * 60_000
/** An address that did not answer is asked again after this time (ms). */
const againMs = 7 * 86_400_000
/** Hosts of which none answers, from which on the fault is taken to be ours: nothing is noted then. */
const hostsDown = 3

/** Asks the addresses of entries that changed. @returns entries asked about */
export async function askLinks(db: Db, profile: Profile, ask: AskAddress, now = new Date()): Promise<number> {
  const due = await selectLinksToAsk(db, entriesPerRun, now)
  const signal = AbortSignal.timeout(runMs)
  const waiting = [...due]
  const answers: LinkAnswer[] = []
  const work = async () => {
    for (let entry = waiting.shift(); entry && !signal.aborted; entry = waiting.shift()) {
      const answer = await askEntry(entry, ask, signal, now)
      if (answer) answers.push(answer)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  if (answers.length === 0 || isOffline(due, answers)) return 0
  await upsertLinkAnswers(db, answers, now)
  await refreshScores(
    db,
    profile,
    answers.map((a) => a.id),
  )
  return answers.length
}

/** Undefined where the run ended meanwhile: what was not asked is not noted. */
async function askEntry(
  { id, links, access, download }: LinksToAsk,
  ask: AskAddress,
  signal: AbortSignal,
  now: Date,
): Promise<LinkAnswer | undefined> {
  const known = new Map<string, boolean | undefined>()
  for (const address of new Set([...access, ...download])) {
    known.set(address, await ask(address, signal))
    if (signal.aborted) return undefined
  }
  const all = (addresses: string[]): boolean | null => {
    const told = addresses.map((a) => known.get(a)).filter((ok) => ok !== undefined)
    return told.length === 0 ? null : told.every(Boolean)
  }
  const accessOk = all(access.length > 0 ? access : download)
  const downloadOk = all(download)
  const failed = accessOk === false || downloadOk === false
  return {
    id,
    links,
    accessOk,
    downloadOk,
    againAt: failed ? new Date(now.getTime() + againMs).toISOString() : null,
  }
}

/** True when several hosts were asked and none answered: then this node has no way out, and they are not to blame. */
function isOffline(due: LinksToAsk[], answers: LinkAnswer[]): boolean {
  if (answers.some((a) => a.accessOk || a.downloadOk)) return false
  const failing = new Set(
    answers.filter((a) => a.accessOk === false || a.downloadOk === false).map((a) => a.id),
  )
  const hosts = due
    .filter((entry) => failing.has(entry.id))
    .flatMap((entry) => [...entry.access, ...entry.download])
    .filter((address) => URL.canParse(address))
    .map((address) => new URL(address).host)
  return new Set(hosts).size >= hostsDown
}

/** Notes whether these versions conform to DCAT-AP, for whoever checks them, and scores their entries anew. */
export async function noteConformity(db: Db, profile: Profile, results: Conformity[]): Promise<void> {
  if (results.length === 0) return
  await upsertConformity(db, results)
  await refreshScores(
    db,
    profile,
    results.map((r) => r.id),
  )
}
