import type { Logger } from '../platform/log.ts'
import { startChild } from '../platform/supervise.ts'
import type { FeedNames } from './feed.ts'
import type { SegmentEntry } from './manifest.ts'

/** One piece of building, done in a process of its own. */
export interface BuildJob {
  number: number
  databaseUrl: string
  names: FeedNames
  folder: string
  generation: number
  /** Name of the segment of a list, prefix of the segments of a range. */
  name: string
  maxDocuments: number
  /** `toId` not included. */
  range?: { fromId: number; toId: number }
  ids?: number[]
}

export interface BuildReport {
  job: number
  segments?: SegmentEntry[]
  error?: string
}

/** A job whose process died is tried again this often. */
const attempts = 3

/**
 * Works jobs in child processes, `concurrency` at a time; a process that dies is started again and its job with it.
 * @throws when a job fails for a reason of its own, or its process died `attempts` times.
 */
export async function runBuilds(
  jobs: BuildJob[],
  options: {
    concurrency: number
    log: Pick<Logger, 'info' | 'warn' | 'error'>
    onDone?: (job: BuildJob, segments: SegmentEntry[]) => void
  },
): Promise<void> {
  const waiting = [...jobs]
  const lanes = Array.from({ length: Math.min(options.concurrency, jobs.length) }, (_, i) =>
    runLane(i, waiting, options),
  )
  await Promise.all(lanes)
}

function runLane(lane: number, waiting: BuildJob[], options: Parameters<typeof runBuilds>[1]): Promise<void> {
  return new Promise((resolve, reject) => {
    let present: BuildJob | undefined
    let tries = 0
    const end = (error?: Error) => {
      // Other lanes find nothing left to do.
      if (error) waiting.length = 0
      void child.stop().then(() => (error ? reject(error) : resolve()))
    }
    const next = () => {
      present = waiting.shift()
      tries = 0
      if (!present) return end()
      send()
    }
    const send = () => {
      if (++tries > attempts)
        return end(new Error(`Building ${present!.name} failed ${attempts} times; see the log.`))
      child.send(present)
    }
    const child = startChild({
      name: `search builder ${lane + 1}`,
      module: new URL('./builder-process.ts', import.meta.url),
      log: options.log,
      onReady: () => (present ? send() : setImmediate(next)),
      onMessage: (message) => {
        const report = message as BuildReport
        if (!present || report.job !== present.number) return
        if (report.error) return end(new Error(`Building ${present.name} failed: ${report.error}`))
        options.onDone?.(present, report.segments!)
        next()
      },
    })
    child.ready.catch(reject)
  })
}
