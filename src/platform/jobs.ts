import { parseCrontab, type Runner, run, type Task, Logger as WorkerLogger } from 'graphile-worker'
import type pg from 'pg'
import type { Logger } from './log.ts'
import type { Db } from './postgres.ts'

/** Jobs one process works at a time: they are short or mostly wait for the database. */
const concurrency = 4
const schema = 'job'

export interface Job {
  /** `noun-verb`, unique. */
  name: string
  /** Crontab time (UTC), when it runs by itself. */
  cron?: string
  work(payload: unknown, db: Db): Promise<void>
}

/** Starts working the queue; failed jobs are tried again with growing pauses. Stop waits for what runs. */
export async function startJobs(options: {
  pool: pg.Pool
  db: Db
  jobs: Job[]
  log: Logger
}): Promise<{ stop(): Promise<void> }> {
  const { jobs, log } = options
  const taskList: Record<string, Task> = {}
  for (const job of jobs) {
    taskList[job.name] = async (payload) => {
      const started = performance.now()
      try {
        await job.work(payload, options.db)
        log.debug({ job: job.name, ms: Math.round(performance.now() - started) }, 'job done')
      } catch (error) {
        log.error({ job: job.name, err: error }, 'job failed')
        throw error
      }
    }
  }
  const crontab = jobs.flatMap((j) => (j.cron ? [`${j.cron} ${j.name}`] : [])).join('\n')
  const runner: Runner = await run({
    pgPool: options.pool,
    schema,
    taskList,
    concurrency,
    parsedCronItems: parseCrontab(crontab),
    noHandleSignals: true,
    pollInterval: 5_000,
    logger: quietLogger(log),
  })
  return { stop: () => runner.stop() }
}

/** The worker's own chatter goes to our log, one level lower than it thinks. */
function quietLogger(log: Logger): WorkerLogger {
  return new WorkerLogger(() => (level, message) => {
    if (level === 'error') log.error(message)
    else if (level === 'warning') log.warn(message)
    else log.debug(message)
  })
}
