/** How a person or a service manager asks this process to end. */
export interface StopSignals {
  /** Aborted at the first signal: end in good order. */
  asked: AbortSignal
  /** Aborted when it was asked for again a while later: end now, but leave nothing behind. */
  insisted: AbortSignal
  /** What a shell expects of a process that a signal ended: 128 and the signal's number. */
  readonly exitCode: number
  /** Stops listening; the next signal ends the process. */
  end(): void
}

/**
 * Within this time (ms) a repeat is the same wish: `npm start` passes on the Ctrl-C that the terminal has
 * already given to every process of the group.
 */
const sameWishMs = 1_000
const numbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const

/** Listens to Ctrl-C, to a service manager's SIGTERM and to the closing of the terminal. */
export function watchStopSignals(): StopSignals {
  const asked = new AbortController()
  const insisted = new AbortController()
  let at = 0
  let exitCode = 0
  const handlers = (Object.keys(numbers) as (keyof typeof numbers)[]).map((name) => {
    const handle = () => {
      if (!asked.signal.aborted) {
        at = Date.now()
        exitCode = 128 + numbers[name]
        asked.abort(new Error(`Stopped by ${name}.`))
      } else if (Date.now() - at > sameWishMs) insisted.abort()
    }
    process.on(name, handle)
    return [name, handle] as const
  })
  // A terminal that was closed takes no more text; that must not end the process before its children.
  const deaf = () => {}
  process.stdout.on('error', deaf)
  process.stderr.on('error', deaf)
  return {
    asked: asked.signal,
    insisted: insisted.signal,
    get exitCode() {
      return exitCode
    },
    end: () => {
      for (const [name, handle] of handlers) process.off(name, handle)
      process.stdout.off('error', deaf)
      process.stderr.off('error', deaf)
    },
  }
}

/** Settles when the signal is aborted. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
