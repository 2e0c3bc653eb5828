import { type ChildProcess, fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { ImportSummary } from '../../src/harvest/index.ts'
import type { TestDatabase } from './database.ts'

/** A process at work: `ended` rejects when it fails by itself, with what it said. */
export interface Worker {
  child: ChildProcess
  ended: Promise<unknown>
  summary(): ImportSummary | undefined
}

export function startWorker(...args: string[]): Worker {
  const program = fileURLToPath(new URL('./import-process.ts', import.meta.url))
  const child = fork(program, args, {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let summary: ImportSummary | undefined
  child.on('message', (m) => {
    summary = m as ImportSummary
  })
  let said = ''
  child.stderr!.on('data', (d) => {
    said += d
  })
  const ended = once(child, 'close').then(([code]) => {
    if (code !== 0 && code !== null) throw new Error(`the import ended with ${code}: ${said}`)
  })
  // Heard when it is awaited.
  ended.catch(() => {})
  return { child, ended, summary: () => summary }
}

/** Random numbers from 0 to 1 that a seed repeats (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** When a process is killed. */
export interface Moment {
  /** Positions it settles first: a busy machine kills no earlier in the work than an idle one. */
  after: number
  /** Then so much later, in the middle of the next batch. */
  delayMs: number
  /** Killed here in any case, so that work is left for the kills to come. */
  before: number
}

/** Kills a worker at a moment of its work. @returns the position it had settled. @throws when it ended before */
export async function killAtWork(database: TestDatabase, worker: Worker, moment: Moment): Promise<number> {
  const place = async () => {
    const { rows } = await database.pool.query(
      'select coalesce(max(position), 0) as position, coalesce(max(epoch), 0) as epoch from harvest.import_run',
    )
    return rows[0] as { position: number; epoch: number }
  }
  const gone = () => worker.child.exitCode !== null || worker.child.signalCode !== null
  const start = await place()
  while (!gone() && (await place()).epoch === start.epoch) await sleep(5)
  let { position } = await place()
  const far = () => position >= moment.before
  while (!gone() && !far() && position < start.position + moment.after) {
    await sleep(5)
    position = (await place()).position
  }
  const end = performance.now() + moment.delayMs
  while (!gone() && !far() && performance.now() < end) {
    await sleep(Math.min(5, Math.max(0, end - performance.now())))
    position = (await place()).position
  }
  if (gone() || !worker.child.kill('SIGKILL')) throw new Error('the import ended before it could be killed')
  await worker.ended
  return position
}

/** What an import left, without the ids and times that no two databases share. */
const contents: Record<string, string> = {
  entries: `select (to_jsonb(d) - '{id,uid,created_at,published_at,changed_at}'::text[])::text
    from catalog.dataset d order by source_id`,
  items: `select d.source_id || ' ' || (to_jsonb(i) - 'dataset_id')::text
    from catalog.item i left join catalog.dataset d on d.id = i.dataset_id order by d.source_id, i.ordinal`,
  distributions: `select d.source_id || ' ' || f.value::text
    from catalog.dataset d, jsonb_array_elements(d.distributions) with ordinality as f(value, place) order by d.source_id, f.place`,
  codes: `select c.code || ' ' || d.source_id
    from catalog.resource_code c left join catalog.dataset d on d.id = c.dataset_id order by c.code`,
  versions: `select d.source_id || ' ' || d.version || ' ' || d.latest_version || ' ' ||
      (select count(*) from catalog.dataset_version v where v.dataset_id = d.id)
    from catalog.dataset d order by d.source_id`,
  events: `select coalesce(d.source_id, 'no entry') from platform.outbox o, jsonb_array_elements(o.payload -> 'ids') as e(n)
    left join catalog.dataset d on d.id = e.n::int where o.topic = 'catalog.dataset' order by 1`,
  figures: `select organisation_id || ' ' || scope || ' ' || value || ' ' || sum(entries) || ' ' || sum(items)
    from (select * from catalog.figure union all select * from catalog.figure_change) f
    where scope <> 'hour' group by organisation_id, scope, value order by 1`,
  report: `select position || ' ' || place || ' ' || outcome || ' ' || coalesce(source_id, '') || ' ' ||
      coalesce(faults::text, '') || ' ' || coalesce(excerpt, '') from harvest.import_record order by run_id, position`,
}

/** Number and digest of everything an import left: two imports left the same when these are equal. */
export async function digestOf(database: TestDatabase) {
  const found: Record<string, { rows: number; digest: string }> = {}
  const client = await database.pool.connect()
  try {
    // Tables just filled have no statistics, and the machine may be busy.
    await client.query('set statement_timeout = 0')
    await client.query('analyze catalog.dataset, catalog.item, catalog.resource_code, platform.outbox')
    for (const [name, text] of Object.entries(contents)) {
      const { rows } = await client.query({ text, rowMode: 'array' })
      const hash = createHash('sha256')
      for (const [row] of rows) hash.update(`${row}\n`)
      found[name] = { rows: rows.length, digest: hash.digest('hex').slice(0, 16) }
    }
  } finally {
    client.release(true)
  }
  return found
}
