import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import Type, { type TSchema } from 'typebox'

/** Seconds that a copy may be used before it is asked whether it is still right. */
const freshSeconds = 60

/** For the description of a route: an answer in one of several forms, JSON or text. */
export const answerIn = (types: readonly string[]) => {
  const schemaOf = (type: string): TSchema =>
    /json/.test(type) ? Type.Object({}, { additionalProperties: true }) : Type.String()
  return { content: Object.fromEntries(types.map((type) => [type, { schema: schemaOf(type) }])) }
}

export interface Answer {
  type: string
  text: string
  /** Newest change of what is told (ISO 8601). */
  modified?: string
  /** Addresses of other forms and pages, for the Link header. */
  links?: { href: string; rel: string; type?: string }[]
  status?: number
}

/**
 * Sends a text with its ETag, or 304 where the reader has it. Whether a copy is right is told by the ETag alone: a page
 * also changes when an entry leaves it, which no date of the rest shows.
 */
export function sendText(request: FastifyRequest, reply: FastifyReply, answer: Answer): FastifyReply {
  const { type, text, modified, links = [], status = 200 } = answer
  const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`
  reply.header('etag', etag).header('cache-control', `public, max-age=${freshSeconds}`)
  if (modified) reply.header('last-modified', new Date(modified).toUTCString())
  if (links.length > 0) reply.header('link', links.map(linkText).join(', '))
  if (status === 200 && holds(request.headers['if-none-match'], etag)) return reply.code(304).send()
  return reply.code(status).type(`${type}; charset=utf-8`).send(text)
}

export const linkText = ({ href, rel, type }: { href: string; rel: string; type?: string }): string =>
  `<${href}>; rel="${rel}"${type ? `; type="${type}"` : ''}`

const holds = (header: string | undefined, etag: string) =>
  header?.split(',').some((one) => ['*', etag].includes(one.trim().replace(/^W\//, ''))) ?? false
