import { setTimeout as sleep } from 'node:timers/promises'
import { type Catalogue, generatedSource, toContent } from './catalogue-rows.ts'
import { benchLogin, type GeneratedNode } from './generate.ts'
import type { HttpClient } from './http-client.ts'
import { say } from './result.ts'

/** Changes entries through the API at a steady rate, whether or not the answers keep up. */

/** Changes of one request: a department sends what it has changed, not entry by entry. */
const perRequest = 10
/**
 * Requests without an answer at most: at 200 changes a second each then has 400 ms. A node further behind does not
 * keep up, and more of them would only take its database connections from the searches.
 */
const maxInFlight = 8
const reportMs = 10_000

export interface Sample {
  /** A word that only this change has. */
  word: string
  /** When the change was due by the rate wanted, by `performance.now()`: a node that falls behind is not spared. */
  dueAt: number
  /** When the answer came; undefined where the change was not taken. */
  written: Promise<number | undefined>
}

export interface WriterOptions {
  /** Changes a second. */
  rate: number
  durationMs: number
  sampleOneIn: number
  onSample(sample: Sample): void
}

export interface WriterCounts {
  changed: number
  refused: number
  requests: number
  perRequest: number
  maxInFlight: number
  /** Times a request was due but had to wait for an answer. */
  held: number
  /** From the first request to the last answer. */
  seconds: number
  answerMs: number[]
}

/** Letters only, so that it is one word in every language; the run's own beginning keeps runs apart. */
function words(): () => string {
  const letters = (n: number, size: number) =>
    Array.from({ length: size }, (_, i) => String.fromCharCode(97 + (Math.floor(n / 26 ** i) % 26))).join('')
  const start = `q${letters(Math.floor(Date.now() / 1000), 7)}`
  let n = 0
  return () => `${start}${letters(n++, 5)}x`
}

export async function signIn(client: HttpClient): Promise<Record<string, string>> {
  const { status, headers, body } = await client.send('POST', '/api/v1/session', {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(benchLogin),
  })
  if (status !== 200) throw new Error(`The bench's steward cannot sign in: ${body.toString('utf8')}`)
  const cookie = headers['set-cookie']!.map((c) => c.split(';')[0]!).join('; ')
  const { csrfToken } = JSON.parse(body.toString('utf8')) as { csrfToken: string }
  return { cookie, 'x-csrf-token': csrfToken, 'content-type': 'application/x-ndjson' }
}

/** A prime: steps of it reach every entry before one comes again, so that no change hides the one before. */
const stride = 611_953

/** Records of one request: entries spread over the catalogue, each with a word of its own in the title. */
function nextLines(catalogue: Catalogue, entries: number, from: number, word: () => string) {
  const lines: string[] = []
  const added: string[] = []
  for (let i = 0; i < perRequest; i++) {
    const id = 1 + ((from + i * stride) % entries)
    const entry = catalogue.corpus.entry(id)
    const mark = word()
    const content = { ...toContent(catalogue, entry), title: `${entry.title} ${mark}` }
    lines.push(JSON.stringify({ sourceId: entry.code, content }))
    added.push(mark)
  }
  return { body: `${lines.join('\n')}\n`, words: added }
}

/** A writer, signed in as the bench's steward. */
export async function createWriter(generated: GeneratedNode, client: HttpClient, options: WriterOptions) {
  const headers = await signIn(client)
  const { catalogue, entries } = generated
  const path = `/api/v1/datasets/bulk?source=${generatedSource}&publish=true`
  const counts = { changed: 0, refused: 0 }
  const answerMs: number[] = []
  const word = words()
  let place = Math.floor(Date.now() / 1000)
  let sampled = 0

  const refuse = (count: number, why: string): undefined => {
    if (counts.refused === 0) say(`refused: ${why.slice(0, 300)}`)
    counts.refused += count
  }
  const send = async (dueAt: number) => {
    const { body, words: marks } = nextLines(catalogue, entries, place, word)
    place += perRequest * stride
    const answer = client.send('POST', path, { headers, body })
    const written = answer.then(
      ({ status, body: report, ms }) => {
        const lines = report.toString('utf8').trim().split('\n')
        const done = status === 200 ? lines.filter((l) => /"outcome":"(added|changed)"/.test(l)).length : 0
        counts.changed += done
        if (done < perRequest)
          refuse(perRequest - done, `${status} ${lines.find((l) => l.includes('rejected')) ?? lines[0]}`)
        answerMs.push(ms)
        return done === perRequest ? performance.now() : undefined
      },
      (error) => refuse(perRequest, (error as Error).message),
    )
    for (const mark of marks)
      if (sampled++ % options.sampleOneIn === 0) options.onSample({ word: mark, dueAt, written })
    await written
  }

  return {
    /** Writes for the time wanted; failed requests are counted as refused. */
    async run(): Promise<WriterCounts> {
      const everyMs = (perRequest / options.rate) * 1000
      const started = performance.now()
      const { sent, held } = await steadily(send, everyMs, Math.round(options.durationMs / everyMs), (ms) =>
        say(`${counts.changed} changes, ${Math.round((counts.changed / ms) * 1000)}/s`),
      )
      const seconds = Math.max(options.durationMs, performance.now() - started) / 1000
      return { ...counts, requests: sent, perRequest, maxInFlight, held, answerMs, seconds }
    },
  }
}

/**
 * Does something `times` times, once in `everyMs`, without waiting for the one before; what is due while
 * `maxInFlight` are open is done late, not left out.
 */
async function steadily(
  work: (dueAt: number) => Promise<void>,
  everyMs: number,
  times: number,
  report: (elapsedMs: number) => void,
): Promise<{ sent: number; held: number }> {
  const started = performance.now()
  const open = new Set<Promise<unknown>>()
  let held = 0
  let told = started
  for (let i = 0; i < times; i++) {
    const dueAt = started + i * everyMs
    const wait = dueAt - performance.now()
    if (wait > 0) await sleep(wait)
    if (open.size >= maxInFlight) held++
    while (open.size >= maxInFlight) await Promise.race(open)
    const one: Promise<unknown> = work(dueAt).finally(() => open.delete(one))
    open.add(one)
    if (performance.now() - told < reportMs) continue
    told = performance.now()
    report(told - started)
  }
  await Promise.all(open)
  return { sent: times, held }
}
