import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Db, inTransaction } from '../platform/postgres.ts'
import type { CatalogContext } from './context.ts'
import type { Dataset } from './dataset.schema.ts'
import type { Changed } from './dataset.ts'
import { getDataset } from './dataset-read.ts'
import { etagOf } from './route-schemas.ts'

/**
 * Does a write and reads the entry it leaves in one transaction, with the answer kept there under the request's
 * `Idempotency-Key`: a repeat after a crash gets it and writes nothing.
 */
export async function writeOnce(
  db: Db,
  ctx: CatalogContext,
  request: FastifyRequest,
  reply: FastifyReply,
  work: (tx: Db) => Promise<Changed>,
): Promise<Dataset> {
  const { status, headers, body } = await inTransaction(db, async (tx) => {
    const { uid, version, isNew } = await work(tx)
    const answer = {
      status: isNew ? 201 : 200,
      headers: { etag: etagOf(version), ...(isNew ? { location: `/api/v1/datasets/${uid}` } : {}) },
      body: await getDataset(tx, ctx, uid, version),
    }
    await request.keepAnswer(tx, answer)
    return answer
  })
  reply.code(status).headers(headers)
  return body
}

/** The same for a write that leaves nothing to show. */
export async function removeOnce(
  db: Db,
  request: FastifyRequest,
  reply: FastifyReply,
  work: (tx: Db) => Promise<void>,
): Promise<null> {
  await inTransaction(db, async (tx) => {
    await work(tx)
    await request.keepAnswer(tx, { status: 204, headers: {}, body: null })
  })
  reply.code(204)
  return null
}
