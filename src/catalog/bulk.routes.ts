import type { ServerResponse } from 'node:http'
import Type from 'typebox'
import { type App, problems } from '../platform/http.ts'
import type { Db } from '../platform/postgres.ts'
import type { Profile } from '../platform/profile.ts'
import { BulkOutcome, BulkQuery, BulkSummary } from './bulk.schema.ts'
import { upsertLines } from './bulk.ts'
import { contextOf } from './context.ts'
import { openSpool } from './report-spool.ts'

/** Media types of JSON Lines; it has no registered one. */
const lineTypes = ['application/x-ndjson', 'application/jsonl', 'application/x-jsonlines', 'text/plain']

/** The body is a stream and is checked line by line. */
const lines = Type.Any({ description: 'One {"sourceId"?, "content"} a line.' })

/** Waits until more can be written, or nobody reads any more. */
const room = (out: ServerResponse) =>
  new Promise<void>((resolve) => {
    const done = () => {
      out.off('drain', done).off('close', done)
      resolve()
    }
    out.on('drain', done).on('close', done)
  })

/**
 * Sends the report while the work goes on, and lets the work go on while nobody reads: otherwise a caller who sends
 * everything first would wait for us as we wait for it.
 */
async function sendReport(
  report: AsyncIterable<BulkOutcome | BulkSummary>,
  out: ServerResponse,
  onError: (error: unknown) => void,
): Promise<void> {
  const spool = openSpool()
  const work = async () => {
    try {
      for await (const line of report) {
        if (out.destroyed) return
        await spool.write(`${JSON.stringify(line)}\n`)
      }
    } catch (error) {
      onError(error)
    } finally {
      spool.end()
    }
  }
  const working = work()
  try {
    for await (const chunk of spool.read()) {
      if (out.destroyed) return
      if (!out.write(chunk)) await room(out)
    }
  } catch (error) {
    onError(error)
  } finally {
    if (out.destroyed) await spool.close()
    await working
    await spool.close()
    out.end()
  }
}

/** Entries in bulk: lines in, a report line for each out, while they are written. */
export function bulkRoutes(app: App, { db, profile }: { db: Db; profile: Profile }): void {
  app.register(async (instance) => {
    const scope = instance as unknown as App
    scope.removeAllContentTypeParsers()
    // The body is read as it comes; nothing keeps it.
    scope.addContentTypeParser(lineTypes, (_request, _payload, done) => done(null))
    scope.post(
      '/api/v1/datasets/bulk',
      {
        config: { action: 'dataset:import', idempotency: false },
        schema: {
          tags: ['catalogue'],
          operationId: 'bulkUpsertDatasets',
          summary:
            'Add and change many entries: JSON Lines of {sourceId?, content} in, a report line for each out',
          description:
            'Known records are recognised by source and sourceId; an unchanged line is not written again. The report may be read while the lines are sent or after. The last line holds `summary`; a report without it was broken off, and everything can be sent again.',
          body: { content: Object.fromEntries(lineTypes.map((type) => [type, { schema: lines }])) },
          querystring: BulkQuery,
          response: {
            200: {
              description: 'A line for each line, then {summary}.',
              content: { 'application/x-ndjson': { schema: Type.Union([BulkOutcome, BulkSummary]) } },
            },
            ...problems,
          },
        },
      },
      async (request, reply) => {
        const ctx = contextOf(request, profile)
        const report = upsertLines(db, ctx, request.raw, request.query)
        reply.hijack()
        const out = reply.raw
        out.writeHead(200, {
          'content-type': 'application/x-ndjson; charset=utf-8',
          'x-request-id': request.id,
        })
        await sendReport(report, out, (error) => request.log.error({ err: error }, 'bulk upsert broke off'))
      },
    )
  })
}
