import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ConcordError } from '../platform/errors.ts'
import type { App } from '../platform/http.ts'
import type { Db } from '../platform/postgres.ts'
import { canonicalJson } from './canonical-json.ts'
import { claimKey, keepAnswer, releaseKey, selectAnswer } from './idempotency.queries.ts'

/** What a write answers. A body of null is none; others go out as `JSON.stringify` writes them. */
interface WrittenAnswer {
  status: number
  body: unknown
  headers: Record<string, string>
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The key this request holds, until its answer is kept. */
    idempotencyKey: string | null
    /**
     * Keeps the answer of a write in the write's own transaction, so that a process that ends after the commit has
     * done both or neither. Does nothing for a request without a key. @throws idempotency_conflict
     */
    keepAnswer(tx: Db, answer: WrittenAnswer): Promise<void>
  }
  interface FastifyContextConfig {
    /** False: answers of this route are never kept, because they hold a secret. */
    idempotency?: boolean
  }
}

const keyPattern = /^[\x21-\x7e]{1,128}$/
/** How long a repeated request waits for the first one (ms), and how often it looks. */
const waitMs = 10_000
const lookEveryMs = 100
/** After this time (s) a request without an answer is taken for dead: the limit of a request (platform/http.ts). */
const staleSeconds = 120
/** Answers larger than this (characters) are not kept; they come from reads. */
const maxAnswer = 1_000_000
const keptHeaders = ['content-type', 'etag', 'location']
const unsafe = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])

/**
 * Gives `Idempotency-Key` its meaning on every write with a JSON body: the same key with the same request gets the
 * answer of the first, with another request `idempotency_conflict`; while the first is at work the second waits.
 * The answer is kept when it is sent, unless the route kept it in its transaction (`request.keepAnswer`): a route whose
 * repeat would write twice must. Keys belong to a person and live for a day. Failures of ours are not kept, so that a repeat tries again.
 */
export function addIdempotency(app: App, db: Db): void {
  app.decorateRequest('idempotencyKey', null)
  app.decorateRequest('keepAnswer', keepInTransaction)
  app.addHook('preHandler', async (request, reply) => {
    const key = request.headers['idempotency-key']
    if (key === undefined || !unsafe.has(request.method) || request.actor.uid === null) return
    if (request.routeOptions.config.idempotency === false) return
    // A streamed body has not been read: its route says itself what a repeat means.
    if (request.body === undefined && request.headers['content-type'] !== undefined) return
    if (typeof key !== 'string' || !keyPattern.test(key))
      throw new ConcordError('invalid_request', 'An Idempotency-Key has 1 to 128 visible ASCII characters.')
    const hash = createHash('sha256')
      .update(`${request.method} ${request.url}\n${request.headers['if-match'] ?? ''}\n`)
      .update(request.body === undefined ? '' : canonicalJson(request.body))
      .digest()
    return claim(db, request, reply, key, hash)
  })
  app.addHook('onSend', async (request, reply, payload) => {
    const key = request.idempotencyKey
    if (key === null) return payload
    request.idempotencyKey = null
    const body = payload == null ? '' : payload
    const keep =
      typeof body === 'string' &&
      body.length <= maxAnswer &&
      reply.statusCode < 500 &&
      reply.statusCode !== 429
    if (!keep) await releaseKey(db, request.actor.uid!, key)
    else
      await keepAnswer(db, request.actor.uid!, key, {
        status: reply.statusCode,
        body,
        headers: Object.fromEntries(
          keptHeaders.flatMap((name) => {
            const value = reply.getHeader(name)
            return value === undefined ? [] : [[name, String(value)]]
          }),
        ),
      })
    return payload
  })
}

async function keepInTransaction(this: FastifyRequest, tx: Db, answer: WrittenAnswer): Promise<void> {
  const key = this.idempotencyKey
  if (key === null) return
  const kept = await keepAnswer(tx, this.actor.uid!, key, {
    status: answer.status,
    body: answer.body === null ? '' : JSON.stringify(answer.body),
    headers: {
      ...answer.headers,
      ...(answer.body === null ? {} : { 'content-type': 'application/json; charset=utf-8' }),
    },
  })
  // The claim was taken for dead and its successor was faster: undoing this write leaves one.
  if (!kept)
    throw new ConcordError('idempotency_conflict', 'Another request with this Idempotency-Key was faster.', {
      more: { retryAfter: 1 },
    })
}

async function claim(db: Db, request: FastifyRequest, reply: FastifyReply, key: string, hash: Buffer) {
  const actor = request.actor.uid!
  const until = Date.now() + waitMs
  for (;;) {
    if (await claimKey(db, actor, key, hash, staleSeconds)) {
      request.idempotencyKey = key
      return undefined
    }
    const kept = await selectAnswer(db, actor, key)
    // Released between the two looks: the key is free again.
    if (!kept) continue
    if (!kept.requestHash.equals(hash))
      throw new ConcordError(
        'idempotency_conflict',
        'This Idempotency-Key came with another request before. Use a new key for a new request.',
      )
    if (kept.status !== null) {
      reply.code(kept.status).headers(kept.headers ?? {})
      reply.header('idempotency-replayed', 'true').serializer((body: unknown) => String(body))
      return reply.send(kept.answer?.body || undefined)
    }
    if (Date.now() > until)
      throw new ConcordError('idempotency_conflict', 'The first request with this key is still at work.', {
        more: { retryAfter: 5 },
      })
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
  }
}
