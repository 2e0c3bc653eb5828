/**
 * One statement at a time, fairly: clients take turns, whatever the number of statements each has waiting, so a bulk
 * reader with hundreds of them delays another client's page by one statement at most.
 */
export interface FairQueue {
  /**
   * Waits for the turn; the result gives it back and must be called once.
   * @throws QueueBusy when too many wait or it waited too long; the signal's reason when the client left.
   */
  enter(client: string, signal: AbortSignal): Promise<() => void>
  readonly waiting: number
  readonly running: number
}

export class QueueBusy extends Error {}

interface Waiting {
  go: () => void
}

export function fairQueue(limits: { length: number; waitMs: number }): FairQueue {
  // Map keeps insertion order: the first key is the client whose turn is next.
  const clients = new Map<string, Waiting[]>()
  let waiting = 0
  let running = 0

  const next = () => {
    const first = clients.entries().next()
    if (running > 0 || first.done) return
    const [client, list] = first.value
    const entry = list.shift()!
    clients.delete(client)
    if (list.length > 0) clients.set(client, list)
    waiting--
    running++
    entry.go()
  }
  const leave = (client: string, entry: Waiting) => {
    const list = clients.get(client)
    const at = list?.indexOf(entry) ?? -1
    if (!list || at < 0) return
    list.splice(at, 1)
    if (list.length === 0) clients.delete(client)
    waiting--
  }

  return {
    enter: (client, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason)
        if (waiting >= limits.length) return reject(new QueueBusy(`${waiting} statements are waiting`))
        const giveUp = (error: unknown) => {
          leave(client, entry)
          settle()
          reject(error)
        }
        const onAbort = () => giveUp(signal.reason)
        const timer = setTimeout(() => giveUp(new QueueBusy(`waited ${limits.waitMs} ms`)), limits.waitMs)
        const settle = () => {
          clearTimeout(timer)
          signal.removeEventListener('abort', onAbort)
        }
        const entry: Waiting = {
          go: () => {
            settle()
            let given = false
            resolve(() => {
              if (given) return
              given = true
              running--
              next()
            })
          },
        }
        signal.addEventListener('abort', onAbort, { once: true })
        const list = clients.get(client)
        if (list) list.push(entry)
        else clients.set(client, [entry])
        waiting++
        next()
      }),
    get waiting() {
      return waiting
    },
    get running() {
      return running
    },
  }
}
