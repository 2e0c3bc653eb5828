import { setTimeout as sleep } from 'node:timers/promises'

/** Waits. @throws the reason of the signal as soon as it is aborted */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => signal.throwIfAborted())
}

/** When each host may be asked next (ms since 1970). Of the whole process: two runs together are no faster than one. */
const nextTurn = new Map<string, number>()
/** Hosts remembered; those whose turn has come say nothing. */
const rememberedHosts = 1_000

/** Waits until the host may be asked again, and takes the turn. */
export async function takeTurn(host: string, everyMs: number, signal: AbortSignal): Promise<void> {
  const now = Date.now()
  const turn = Math.max(now, nextTurn.get(host) ?? 0)
  nextTurn.set(host, turn + everyMs)
  if (nextTurn.size > rememberedHosts) for (const [name, at] of nextTurn) if (at <= now) nextTurn.delete(name)
  if (turn > now) await pause(turn - now, signal)
}

/** Nobody asks the host for so long: it said so. */
export function holdOff(host: string, ms: number): void {
  nextTurn.set(host, Math.max(nextTurn.get(host) ?? 0, Date.now() + ms))
}

/** Half to the whole of the doubled wait, so that many clients do not come back together. */
export const backoff = (firstMs: number, attempt: number): number =>
  firstMs * 2 ** (attempt - 1) * (0.5 + Math.random() / 2)

/** Milliseconds that a Retry-After header asks for: seconds or a date. */
export function retryAfter(header: string | undefined, now = Date.now()): number | undefined {
  if (!header) return undefined
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1_000
  const at = Date.parse(header)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}
