import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { BadRequest, type CkanError } from './errors.ts'

/** JSON that is written already. */
export class Json {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** A JSON array whose elements are written as they come, in batches of JSON texts. */
export class JsonStream {
  readonly batches: AsyncIterable<string[]>
  constructor(batches: AsyncIterable<string[]>) {
    this.batches = batches
  }
}

/** Where an answer's `help` points at. */
export const helpUrl = (publicUrl: string, action: string) =>
  `${publicUrl}/api/3/action/help_show?name=${encodeURIComponent(action)}`

const jsonType = 'application/json; charset=utf-8'

/** Names a function may have: a page that asks this way must not make us write its code. */
const callbackForm = /^[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)*$/
const maxCallback = 100
export const isCallback = (text: unknown): text is string =>
  typeof text === 'string' && text.length <= maxCallback && callbackForm.test(text)

/** Sends a success; with `callback` as a script that calls it. */
export function sendResult(
  reply: FastifyReply,
  { help, result, callback }: { help: string; result: unknown; callback: string | undefined },
): FastifyReply {
  const head = `{"help": ${JSON.stringify(help)}, "success": true, "result": `
  if (result instanceof JsonStream) return sendStream(reply, head, result)
  const text = result instanceof Json ? result.text : JSON.stringify(result ?? null)
  const body = `${head}${text}}`
  if (callback === undefined) return reply.type(jsonType).send(body)
  return reply
    .type('application/javascript; charset=utf-8')
    .header('x-content-type-options', 'nosniff')
    .send(`${callback}(${scriptSafe(body)});`)
}

/** JSON may hold two characters that end a line of a script. */
const scriptSafe = (json: string) => json.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')

/**
 * What fails on the way cuts the connection: the reader sees that the list is not whole. The stream is pulled, so that
 * nobody reads ahead of a slow client.
 */
function sendStream(reply: FastifyReply, head: string, { batches }: JsonStream): FastifyReply {
  async function* pieces() {
    yield `${head}[`
    let first = true
    for await (const batch of batches) {
      if (batch.length === 0) continue
      yield `${first ? '' : ','}${batch.join(',')}`
      first = false
    }
    yield ']}'
  }
  return reply.type(jsonType).send(Readable.from(pieces(), { objectMode: false }))
}

/** Sends a failure: most are objects, what is no request for an action is a bare text. */
export function sendFailure(reply: FastifyReply, help: string, error: CkanError | BadRequest): FastifyReply {
  if (error instanceof BadRequest)
    return reply
      .code(400)
      .type(jsonType)
      .send(JSON.stringify(`Bad request - ${error.message}`))
  const body = { help, success: false, error: { ...error.members, __type: error.type } }
  return reply.code(error.status).type(jsonType).send(JSON.stringify(body))
}
