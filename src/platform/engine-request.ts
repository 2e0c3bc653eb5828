import { createWriteStream } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { type Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { refuse } from './engine-errors.ts'
import { maxInsertBytes, maxQueryBytes } from './engine-limits.ts'
import { readStatement, type Statement } from './engine-sql.ts'

export interface EngineRequest {
  statement: Statement
  /** Values of `{name:Type}` as texts. */
  params: Record<string, string>
  /** Settings of the URL; they become part of the statement. */
  settings: [string, string][]
  format: string
  /** The insert's data are in the spool file. */
  hasData: boolean
  mayCompress: boolean
}

/** URL parameters that are no settings. Those that only steer how a server sends are accepted and have no effect here. */
const transport = new Set([
  'query',
  'query_id',
  'default_format',
  'database',
  'enable_http_compression',
  'http_zlib_compression_level',
  'wait_end_of_query',
  'buffer_size',
  'send_progress_in_http_headers',
  'http_headers_progress_interval_ms',
  'http_write_exception_in_output_format',
  'cancel_http_readonly_queries_on_client_close',
  'user',
  'password',
  'quota_key',
  'client_protocol_version',
  'readonly',
])
/** Statements that leave something behind in the connection, which all clients share. */
const stateful = new Set(['SET', 'USE', 'BEGIN', 'COMMIT', 'ROLLBACK'])
/** Statements whose answer is a table, so that FORMAT and SETTINGS may follow. */
export const tabular = new Set(['SELECT', 'SHOW', 'DESCRIBE', 'DESC', 'EXISTS', 'EXPLAIN', 'CHECK'])

/** Reads a request: statement, parameters, settings; the data of an insert go to the spool file. */
export async function readRequest(req: IncomingMessage, url: URL, spoolFile: string): Promise<EngineRequest> {
  const params: Record<string, string> = {}
  const settings: [string, string][] = []
  for (const [name, value] of url.searchParams) {
    if (name.startsWith('param_')) params[name.slice(6)] = value
    else if (!transport.has(name)) settings.push(checkSetting(name, value))
  }
  const database = url.searchParams.get('database') ?? req.headers['x-clickhouse-database']
  if (database && database !== 'default')
    throw refuse(36, 'BAD_ARGUMENTS', 'Name tables with their database: the connection has none of its own')
  const text = url.searchParams.get('query') ?? ''
  let statement = readStatement(text)
  let hasData = false
  if (statement.kind === 'INSERT' && statement.format && !statement.inlineData) {
    hasData = (await spool(unpacked(req), spoolFile)) > 0
  } else if (req.method === 'POST') {
    const body = await readText(unpacked(req))
    if (body) statement = readStatement(text ? `${text}\n${body}` : body)
  }
  checkStatement(statement, settings)
  const fallback =
    url.searchParams.get('default_format') ?? req.headers['x-clickhouse-format'] ?? 'TabSeparated'
  const format = statement.format ?? String(fallback)
  if (!/^\w+$/.test(format)) throw refuse(73, 'UNKNOWN_FORMAT', 'Unknown format', 400)
  return {
    statement,
    params,
    settings,
    format,
    hasData,
    mayCompress: url.searchParams.get('enable_http_compression') === '1',
  }
}

function checkSetting(name: string, value: string): [string, string] {
  if (
    ['session_id', 'session_check', 'session_timeout', 'role', 'compress', 'decompress'].includes(name) ||
    !/^[a-z][a-z0-9_]*$/.test(name)
  ) {
    throw refuse(
      115,
      'UNKNOWN_SETTING',
      `The engine does not take ${name.slice(0, 60)}: it keeps no state between statements`,
    )
  }
  return [name, value]
}

function checkStatement(statement: Statement, settings: [string, string][]): void {
  if (!statement.kind) throw refuse(62, 'SYNTAX_ERROR', 'Empty query')
  if (statement.several) throw refuse(62, 'SYNTAX_ERROR', 'Multi-statements are not allowed')
  if (
    stateful.has(statement.kind) ||
    (statement.kind === 'CREATE' && statement.words.includes('TEMPORARY'))
  ) {
    throw refuse(
      452,
      'SETTING_CONSTRAINT_VIOLATION',
      `${statement.kind} is not allowed: it would reach statements of others. Put SETTINGS into the statement`,
    )
  }
  if (settings.length > 0 && statement.kind !== 'INSERT' && !tabular.has(statement.kind)) {
    throw refuse(
      452,
      'SETTING_CONSTRAINT_VIOLATION',
      `Settings beside ${statement.kind} are not taken. Put them into the statement`,
    )
  }
}

const tooLarge = (what: string, limit: number) =>
  refuse(1002, 'TOO_LARGE', `${what} is over the limit of ${limit} bytes`, 413)

function unpacked(req: IncomingMessage): Readable {
  const encoding = req.headers['content-encoding']
  if (encoding === undefined || encoding === 'identity') return req
  if (encoding !== 'gzip')
    throw refuse(
      36,
      'BAD_ARGUMENTS',
      `Content-Encoding ${encoding.slice(0, 20)} is not read; send gzip or none`,
    )
  const gunzip = createGunzip()
  req
    .on('error', (error) => gunzip.destroy(error))
    .on('aborted', () => gunzip.destroy(new Error('the client left')))
    .pipe(gunzip)
  return gunzip
}

async function readText(source: Readable): Promise<string> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of source as AsyncIterable<Buffer>) {
    size += part.length
    if (size > maxQueryBytes)
      throw tooLarge(
        'The statement (send the data of an insert in the body and the statement in the URL)',
        maxQueryBytes,
      )
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

/** Writes the body to disk as it comes; returns its size (bytes). The engine is not held meanwhile. */
async function spool(source: Readable, file: string): Promise<number> {
  let size = 0
  const count = new Transform({
    transform(part: Buffer, _encoding, done) {
      size += part.length
      done(size > maxInsertBytes ? tooLarge('The data of the insert', maxInsertBytes) : null, part)
    },
  })
  await pipeline(source, count, createWriteStream(file, { mode: 0o600 }))
  return size
}
