import { randomUUID, timingSafeEqual } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { deliveryOf, fail, send } from './engine-answer.ts'
import { clickHouseError, refuse } from './engine-errors.ts'
import * as limits from './engine-limits.ts'
import { type FairQueue, QueueBusy } from './engine-queue.ts'
import { type EngineRequest, readRequest, tabular } from './engine-request.ts'
import type { EngineSession } from './engine-session.ts'
import { composeInsert, composeSelect, type Statement } from './engine-sql.ts'

export interface EngineServerOptions {
  session: EngineSession
  queue: FairQueue
  /** Every request but `/ping` must carry it, as X-ClickHouse-Key or the password of basic authentication. */
  secret: string
  /** Members of `/health`. */
  health: () => Record<string, unknown>
  /** Called when the engine is beyond repair: the process should end and be started again. */
  onWedged: (why: string) => void
}

/** The ClickHouse HTTP interface over one chDB session: `/ping`, `/health`, and statements at `/`. */
export function createEngineServer(options: EngineServerOptions): Server {
  const server = createServer(
    { keepAliveTimeout: limits.keepAliveMs, headersTimeout: 20_000, requestTimeout: limits.maxUploadMs },
    (req, res) => {
      const url = addressOf(req)
      // Before anything else, and without a word of what was sent: `//` alone is an address that cannot be read.
      if (!url) return void res.writeHead(400).end('This address cannot be read.\n')
      if (url.pathname === '/ping') return void res.end('Ok.\n')
      if (!isAllowed(req, options.secret))
        return fail(res, refuse(516, 'AUTHENTICATION_FAILED', 'Authentication failed'))
      if (url.pathname === '/health') {
        return void res.setHeader('Content-Type', 'application/json').end(JSON.stringify(options.health()))
      }
      if (url.pathname !== '/') return void res.writeHead(404).end('There is no handler for this path.\n')
      void handle(options, req, res, url)
    },
  )
  return server
}

function addressOf(req: IncomingMessage): URL | undefined {
  try {
    return new URL(req.url ?? '/', 'http://engine')
  } catch {
    return undefined
  }
}

function isAllowed(req: IncomingMessage, secret: string): boolean {
  const basic = /^Basic (.+)$/i.exec(req.headers.authorization ?? '')?.[1]
  const password = basic
    ? Buffer.from(basic, 'base64')
        .toString('utf8')
        .replace(/^[^:]*:/, '')
    : ''
  const given = Buffer.from(String(req.headers['x-clickhouse-key'] ?? password))
  const wanted = Buffer.from(secret)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

interface Exchange {
  options: EngineServerOptions
  request: EngineRequest
  req: IncomingMessage
  res: ServerResponse
  /** Spool file of this exchange: data of an insert. With `.out`: an answer. */
  spooled: string
  /** Aborted when the client leaves. */
  signal: AbortSignal
  /** Gives the engine to the next. */
  leave: () => void
}

async function handle(
  options: EngineServerOptions,
  req: IncomingMessage,
  res: ServerResponse,
  url: URL,
): Promise<void> {
  const wanted = url.searchParams.get('query_id') ?? ''
  res.setHeader('X-ClickHouse-Query-Id', /^[\w-]{1,100}$/.test(wanted) ? wanted : randomUUID())
  const gone = new AbortController()
  res.once('close', () => gone.abort(new Error('the client left')))
  const spooled = join(options.session.spool, randomUUID())
  let leave = () => {}
  try {
    const request = await readRequest(req, url, spooled)
    leave = await options.queue.enter(
      String(req.headers['x-concord-client'] ?? 'default').slice(0, 100),
      gone.signal,
    )
    const stop = watch(options, request.statement)
    await execute({ options, request, req, res, spooled, signal: gone.signal, leave }).finally(stop)
  } catch (error) {
    if (gone.signal.aborted) res.destroy()
    else if (error instanceof QueueBusy)
      fail(res, refuse(202, 'TOO_MANY_SIMULTANEOUS_QUERIES', `Too busy: ${error.message}`))
    else fail(res, clickHouseError(error, options.session.version))
    const text = error instanceof Error ? error.message : ''
    // Code 236: the engine shut itself down after a fatal error and answers nothing any more.
    if (/Code: 236\b|does not recover/.test(text)) options.onWedged(text)
  } finally {
    leave()
    await Promise.all([rm(spooled, { force: true }), rm(`${spooled}.out`, { force: true })]).catch(() => {})
  }
}

/** A statement far beyond its time limit means that the engine hangs: nothing but a new process helps. */
function watch(options: EngineServerOptions, statement: Statement): () => void {
  const own = /max_execution_time\s*=\s*'?(\d+)/i.exec(statement.sql.slice(-2000))?.[1]
  const timed = statement.kind === 'SELECT' || statement.kind === 'INSERT'
  const usual = timed ? limits.maxExecutionSeconds : limits.maxMaintenanceSeconds
  const seconds = own === undefined ? usual : Number(own)
  if (seconds === 0) return () => {}
  let timer = setTimeout(
    function look() {
      // A slow reader pauses a streamed answer; it has a limit of its own.
      if (options.session.computingSince() < Date.now() - seconds * 1000 - limits.wedgedAfterMs)
        options.onWedged('a statement does not end')
      else timer = setTimeout(look, limits.wedgedAfterMs)
    },
    seconds * 1000 + limits.wedgedAfterMs,
  )
  return () => clearTimeout(timer)
}

async function execute(x: Exchange): Promise<void> {
  const { session } = x.options
  const { statement, params, settings, format } = x.request
  const started = process.hrtime.bigint()
  const summary = (rows: { rowsRead?: number; bytesRead?: number }, written = 0) =>
    summarise(x.res, started, rows, written)
  const gzip = x.request.mayCompress && /\bgzip\b/.test(String(x.req.headers['accept-encoding'] ?? ''))
  const reply = { format, gzip, signal: x.signal, version: session.version }

  if (statement.kind === 'INSERT') {
    // A FORMAT clause without a single row of data is an insert of nothing.
    if (statement.format && !statement.inlineData && !x.request.hasData) return void x.res.end()
    const done = await session.run(
      composeInsert(statement, { settings, infile: x.request.hasData ? x.spooled : undefined }),
      'Null',
      params,
    )
    summary(done, done.rowsRead)
    return void x.res.end()
  }
  const delivery = statement.kind === 'SELECT' ? deliveryOf(format) : 'document'
  const limit = delivery === 'document' ? limits.maxBufferedAnswerBytes : limits.maxStreamedAnswerBytes
  const select = (outfile?: string) =>
    composeSelect(statement, {
      format,
      settings: [['max_result_bytes', String(limit)], ...settings],
      outfile,
    })

  if (delivery === 'stream') {
    const pieces = session.stream(select(), format, params)
    // The first piece decides between an error with its status and an answer.
    const first = await pieces.next()
    summary({})
    return send(x.res, first.done ? [] : following(first.value, pieces), reply)
  }
  if (delivery === 'spool') {
    const outfile = `${x.spooled}.out`
    summary(await session.run(select(outfile), 'Null', params))
    x.leave()
    const size = await stat(outfile).then(
      (s) => s.size,
      () => 0,
    )
    return send(x.res, size > 0 ? createReadStream(outfile) : [], reply)
  }
  const plain = statement.kind !== 'SELECT' && (settings.length === 0 || !tabular.has(statement.kind))
  const done = await session.run(plain ? statement.sql : select(), format, params)
  if (done.bytes.length > limits.maxDocumentBytes)
    throw refuse(396, 'TOO_MANY_ROWS_OR_BYTES', 'The document is too large; ask for rows')
  summary(done)
  x.leave()
  return send(x.res, [done.bytes], reply)
}

function summarise(
  res: ServerResponse,
  started: bigint,
  rows: { rowsRead?: number; bytesRead?: number },
  written: number,
): void {
  const summary = {
    read_rows: `${rows.rowsRead ?? 0}`,
    read_bytes: `${rows.bytesRead ?? 0}`,
    written_rows: `${written}`,
    written_bytes: written > 0 ? `${rows.bytesRead ?? 0}` : '0',
    total_rows_to_read: '0',
    result_rows: `${written}`,
    result_bytes: '0',
    elapsed_ns: `${process.hrtime.bigint() - started}`,
  }
  res.setHeader('X-ClickHouse-Summary', JSON.stringify(summary))
}

async function* following(first: Buffer, pieces: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield first
    yield* pieces
  } finally {
    await pieces.return(undefined)
  }
}
