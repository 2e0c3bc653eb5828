import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'

/** Characters of a piece that is handed on: small enough to hold several, large enough to be worth a write. */
const pieceLength = 64 * 1024

/** Gathers small pieces of text, so that a socket is not written to for each of them. */
export async function* inPieces(parts: AsyncIterable<string>): AsyncGenerator<string> {
  let piece = ''
  for await (const part of parts) {
    piece += part
    if (piece.length < pieceLength) continue
    yield piece
    piece = ''
  }
  if (piece) yield piece
}

/**
 * Sends a text while it is being made. It is made no faster than the reader takes it; where making it fails, the connection
 * is cut, so that the reader sees an error and never takes a part for the whole.
 */
export function sendStream(reply: FastifyReply, type: string, parts: AsyncIterable<string>): FastifyReply {
  return reply.type(type).send(Readable.from(inPieces(parts), { objectMode: false, encoding: 'utf8' }))
}
