import { openPostgres } from '../platform/postgres.ts'
import { attachToParent } from '../platform/supervise.ts'
import type { BuildJob, BuildReport } from './builder.ts'
import { buildFromIds, buildFromRange, feedContext } from './feed.ts'
import { segmentPath } from './manifest.ts'

/** A process that builds segments: one job after the other, as its parent sends them. */

const parent = attachToParent({
  onMessage: (message) => {
    const job = message as BuildJob
    work(job).then(
      (segments) => parent.send({ job: job.number, segments } satisfies BuildReport),
      (error) => parent.send({ job: job.number, error: (error as Error).message } satisfies BuildReport),
    )
  },
})

async function work(job: BuildJob) {
  const postgres = openPostgres(job.databaseUrl, { max: 2, applicationName: 'concord search builder' })
  try {
    const context = feedContext(job.names)
    const pathOf = (name: string) => segmentPath(job.folder, job.generation, name).replace(/\.segment$/, '')
    if (job.ids) return [await buildFromIds(postgres.db, context, pathOf(job.name), job.name, job.ids)]
    const { fromId, toId } = job.range!
    return await buildFromRange(postgres.pool, context, pathOf, job.name, fromId, toId, job.maxDocuments)
  } finally {
    await postgres.close()
  }
}

parent.ready()
