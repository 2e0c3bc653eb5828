import type { Logger } from './log.ts'
import { outboxChannel } from './outbox.ts'
import type { Postgres } from './postgres.ts'

/** Pause before a lost connection is opened again (ms). */
const reconnectMs = 1_000

/**
 * Calls `wake` whenever news were committed to the outbox, on a connection of its own that is opened again when it is
 * lost. News may be missed meanwhile, so look from time to time without being woken too.
 * @returns what ends it.
 */
export function listenOutbox(
  pool: Postgres['pool'],
  log: Pick<Logger, 'warn'>,
  wake: () => void,
): () => Promise<void> {
  let ended = false
  let timer: NodeJS.Timeout | undefined
  let leave: (() => void) | undefined
  const open = async () => {
    const client = await pool.connect().catch((error) => {
      log.warn({ err: error }, 'cannot listen to the outbox')
      if (!ended) timer = setTimeout(open, reconnectMs)
    })
    if (!client) return
    let over = false
    /** Once for each connection: one that breaks while it is told to listen reports that in two ways. */
    const end = (error?: Error) => {
      if (over) return
      over = true
      leave = undefined
      client.release(error ?? true)
      if (ended) return
      if (error) log.warn({ err: error }, 'listening to the outbox was interrupted')
      timer = setTimeout(open, reconnectMs)
    }
    leave = end
    client.on('notification', wake)
    client.on('error', end)
    if (ended) return end()
    await client.query(`listen ${outboxChannel}`).then(wake, end)
  }
  void open()
  return async () => {
    ended = true
    clearTimeout(timer)
    leave?.()
  }
}
