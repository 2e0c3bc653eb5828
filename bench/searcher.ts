import { setTimeout as sleep } from 'node:timers/promises'
import type { Corpus } from './corpus.ts'
import type { HttpClient } from './http-client.ts'
import { queryMix, searchPath } from './query-mix.ts'

/** Somebody who searches all the time while something else is measured. */

export interface Searcher {
  /** Times (ms) since the last call of this. */
  times(): number[]
  /** What went wrong, with how often. */
  readonly errors: ReadonlyMap<string, number>
  stop(): Promise<void>
}

/**
 * Asks for page and facets, no request twice, one after the other.
 * @param pauseMs between an answer and the next request.
 */
export function startSearcher(
  client: HttpClient,
  corpus: Corpus,
  entries: number,
  { seed, pauseMs = 0 }: { seed: number; pauseMs?: number },
): Searcher {
  const mix = queryMix(corpus, entries, seed)
  const errors = new Map<string, number>()
  let times: number[] = []
  let stopped = false
  const note = (problem: string) => errors.set(problem, (errors.get(problem) ?? 0) + 1)
  const work = async () => {
    while (!stopped) {
      const { q, filters } = mix.next().value!
      try {
        const { status, ms } = await client.send('GET', searchPath(q, { facets: true, filters }))
        times.push(ms)
        if (status !== 200) note(String(status))
      } catch (error) {
        note((error as Error).message)
      }
      if (pauseMs > 0) await sleep(pauseMs)
    }
  }
  const done = work()
  return {
    times: () => {
      const taken = times
      times = []
      return taken
    },
    errors,
    stop: async () => {
      stopped = true
      await done
    },
  }
}

export const sum = (counts: Iterable<number>): number => [...counts].reduce((a, b) => a + b, 0)
