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
  const again = () => {
    leave = undefined
    if (!ended) timer = setTimeout(open, reconnectMs)
  }
  const open = async () => {
    try {
      const client = await pool.connect()
      let released = false
      const release = (error?: Error) => {
        if (released) return
        released = true
        client.release(error ?? true)
      }
      client.on('notification', wake)
      client.on('error', (error) => {
        log.warn({ err: error }, 'listening to the outbox was interrupted')
        release(error)
        again()
      })
      leave = () => release()
      if (ended) return leave()
      await client.query(`listen ${outboxChannel}`)
      wake()
    } catch (error) {
      log.warn({ err: error }, 'cannot listen to the outbox')
      leave?.()
      again()
    }
  }
  void open()
  return async () => {
    ended = true
    clearTimeout(timer)
    leave?.()
  }
}
