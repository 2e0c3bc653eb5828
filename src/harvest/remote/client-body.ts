import type { IncomingMessage } from 'node:http'
import { pipeline, Readable, type Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib'
import { failed } from './failure.ts'
import type { RemoteLimits } from './limits.ts'

export interface BodyOptions {
  /** For messages. */
  address: string
  limits: RemoteLimits
  /** Bytes taken at most, as sent and unpacked. */
  most: number
  /** Hears of bytes as they were sent. */
  onWire(bytes: number): void
}

/**
 * The body of an answer, unpacked. Nothing of it is held here. Files that are packed themselves come out unpacked too, so
 * that there is one place that measures how much comes out.
 * @throws RemoteFailure when it stalls, breaks off, or is larger than it may be
 */
export async function* readBody(answer: IncomingMessage, options: BodyOptions): AsyncGenerator<Buffer> {
  const wire = { bytes: 0 }
  const sent = measured(answer, wire, options)
  try {
    const first = await sent.next()
    if (first.done) return
    const all = prepend(first.value, sent)
    const decoder = decoderOf(answer.headers['content-encoding'], first.value, options.address)
    if (!decoder) return yield* all
    pipeline(Readable.from(all), decoder, () => {})
    yield* unpacked(decoder, wire, options)
  } catch (cause) {
    throw explain(cause, options.address)
  } finally {
    answer.destroy()
  }
}

async function* prepend(first: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield first
  yield* rest
}

/** The bytes as sent, while they come fast enough and are not too many. */
async function* measured(
  answer: IncomingMessage,
  wire: { bytes: number },
  options: BodyOptions,
): AsyncGenerator<Buffer> {
  const { limits, address } = options
  const stop = (rule: string, message: string) =>
    answer.destroy(failed(address, rule, message, { transient: true, remedy: slowRemedy }))
  const stalled = () => stop('stalled', `sent nothing for ${limits.idleMs / 1_000} s`)
  let idle = setTimeout(stalled, limits.idleMs)
  let before = 0
  const slow = setInterval(() => {
    if (wire.bytes - before < limits.slowBytes)
      stop('too_slow', `sent ${wire.bytes - before} bytes in ${limits.slowMs / 1_000} s`)
    before = wire.bytes
  }, limits.slowMs)
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      clearTimeout(idle)
      idle = setTimeout(stalled, limits.idleMs)
      wire.bytes += chunk.length
      options.onWire(chunk.length)
      if (wire.bytes > options.most) throw tooLarge(options, 'sends')
      yield chunk
    }
  } finally {
    clearTimeout(idle)
    clearInterval(slow)
  }
}

const slowRemedy =
  'Ask the operator of the source; the run goes on from the last page when it is started again.'

async function* unpacked(
  decoder: Transform,
  wire: { bytes: number },
  options: BodyOptions,
): AsyncGenerator<Buffer> {
  const { limits } = options
  let out = 0
  for await (const chunk of decoder as AsyncIterable<Buffer>) {
    out += chunk.length
    if (out > options.most) throw tooLarge(options, 'unpacks to')
    if (out > limits.ratioFrom && out > wire.bytes * limits.ratio)
      throw failed(
        options.address,
        'packed_too_tightly',
        `unpacks to more than ${limits.ratio} times of what was sent`,
      )
    yield chunk
  }
}

const tooLarge = ({ address, most }: BodyOptions, verb: string) =>
  failed(address, 'response_too_large', `${verb} more than ${Math.floor(most / 1024 / 1024)} MB`, {
    remedy: 'Ask the source to serve smaller pages.',
  })

/** What unpacks the body: as the header says, else by the first bytes for files that are packed themselves. */
function decoderOf(encoding: string | undefined, first: Buffer, address: string): Transform | undefined {
  const name = encoding?.trim().toLowerCase() ?? ''
  const isGzip = first[0] === 0x1f && first[1] === 0x8b
  if (name === 'gzip' || name === 'x-gzip') return createGunzip()
  if (name === 'br') return createBrotliDecompress()
  // Servers send deflate with and without the zlib header; its first half byte is 8.
  if (name === 'deflate') return (first[0]! & 0x0f) === 8 ? createInflate() : createInflateRaw()
  if (name === '' || name === 'identity') return isGzip ? createGunzip() : undefined
  throw failed(address, 'content_encoding', `is packed with ${name.slice(0, 40)}, which was not asked for`)
}

function explain(cause: unknown, address: string): unknown {
  const code = (cause as NodeJS.ErrnoException).code ?? ''
  if (code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'Z_BUF_ERROR')
    return failed(address, 'cut_off', 'breaks off before its end', { transient: true, cause })
  if (code.startsWith('HPE_'))
    return failed(address, 'http', `is no valid HTTP (${code})`, { transient: true, cause })
  if (/^(Z_|ERR__|ERR_BROTLI|ERR_PADDING)/.test(code))
    return failed(address, 'packing_damaged', `cannot be unpacked (${code})`, { transient: true, cause })
  return cause
}
