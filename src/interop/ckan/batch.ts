/**
 * Answers single questions with one look for all that come within one turn of the event loop: of 32 callers who ask
 * for a package at once, one statement asks.
 */
export function batched<T extends object>(
  look: (keys: string[]) => Promise<T[]>,
  keyOf: (found: T) => string,
): (key: string) => Promise<T | undefined> {
  let waiting: Map<string, Promise<T | undefined>> | undefined
  let answers: Promise<Map<string, T>>
  return (key) => {
    if (!waiting) {
      const batch = new Map<string, Promise<T | undefined>>()
      waiting = batch
      answers = new Promise<void>((resolve) => setImmediate(resolve)).then(async () => {
        waiting = undefined
        return new Map((await look([...batch.keys()])).map((found) => [keyOf(found), found]))
      })
    }
    const all = answers
    let answer = waiting.get(key)
    if (!answer) {
      answer = all.then((found) => found.get(key))
      waiting.set(key, answer)
    }
    return answer
  }
}
