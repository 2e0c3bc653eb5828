import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { Decompress } from 'fzstd'
import { ConcordError, type Fault } from '../../platform/errors.ts'
import { type Db, inTransaction } from '../../platform/postgres.ts'
import { type Actor, audit, authorize } from '../../security/index.ts'
import { objectOf, textOf } from '../mapping-values.ts'
import { sourceNameOf } from '../source-name.ts'
import { endpointOf } from './endpoint.ts'
import { type PortalRow, upsertPortals } from './registry.queries.ts'
import { sourceWords } from './words.ts'

/** Bytes of a registry, unpacked: ten times that of 19,140 portals. */
const registryBytes = 400 * 1024 * 1024
/** Bytes of one portal: a line of the largest registry has 40 KB. */
const lineBytes = 1024 * 1024
/** Portals of one transaction. */
const batchRows = 1_000
/** Rejects told; all are counted. */
const toldRejects = 100

export interface RegistrySummary {
  read: number
  added: number
  changed: number
  unchanged: number
  /** Lines that are no portal. */
  rejected: number
  faults: Fault[]
}

/**
 * Reads a registry of portals (JSON lines, plain or zstd; the form of the Common Data Index) and keeps each as an inactive
 * source of nobody: found, looked at and taken up by whoever wants it. Again, it changes only what changed; a portal that a
 * body has taken up is left alone.
 */
export async function importRegistry(
  db: Db,
  actor: Actor,
  input: Readable,
  options: { packed: boolean; requestId?: string },
): Promise<RegistrySummary> {
  authorize(actor, 'source:register')
  const summary: RegistrySummary = { read: 0, added: 0, changed: 0, unchanged: 0, rejected: 0, faults: [] }
  let batch = new Map<string, PortalRow>()
  const flush = async () => {
    const rows = [...batch.values()]
    batch = new Map()
    if (rows.length === 0) return
    const { added, changed } = await inTransaction(db, (tx) => upsertPortals(tx, rows, actor.name))
    summary.added += added
    summary.changed += changed
    summary.unchanged += rows.length - added - changed
  }
  for await (const line of linesOf(options.packed ? unpacked(input) : input)) {
    summary.read++
    const portal = portalOf(line)
    if (typeof portal === 'string') {
      summary.rejected++
      if (summary.faults.length < toldRejects)
        summary.faults.push({ path: `line ${summary.read}`, rule: 'no_portal', message: portal })
      continue
    }
    batch.set(portal.registryId, portal)
    if (batch.size >= batchRows) await flush()
  }
  await flush()
  const { faults: _, ...counts } = summary
  await audit(db, {
    actor,
    action: 'source:register',
    objectKind: 'source',
    decision: 'allow',
    requestId: options.requestId,
    detail: counts,
  })
  return summary
}

/** Opens a registry file. @throws not_found */
export async function openRegistry(path: string): Promise<{ input: Readable; packed: boolean }> {
  const info = await stat(path).catch((cause) => {
    throw new ConcordError('not_found', `The file ${path} cannot be read: ${(cause as Error).message}`, {
      cause,
    })
  })
  if (!info.isFile()) throw new ConcordError('invalid_request', `${path} is not a file.`)
  return { input: createReadStream(path), packed: /\.zst$/i.test(path) }
}

/** Unpacks as it is read; a bomb ends at the limit. */
async function* unpacked(input: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array> {
  let out: Uint8Array[] = []
  const decompress = new Decompress((chunk) => void out.push(chunk))
  try {
    for await (const chunk of input) {
      decompress.push(chunk)
      yield* out
      out = []
    }
    decompress.push(new Uint8Array(0), true)
    yield* out
  } catch (cause) {
    if (cause instanceof ConcordError) throw cause
    throw new ConcordError(
      'invalid_request',
      `The file is not whole or no zstd file: ${(cause as Error).message}`,
      {
        cause,
      },
    )
  }
}

async function* linesOf(input: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  let bytes = 0
  for await (const chunk of input) {
    bytes += chunk.length
    rest += decoder.decode(chunk, { stream: true })
    if (bytes > registryBytes || (rest.length > lineBytes && !rest.includes('\n')))
      throw new ConcordError(
        'too_large',
        `A registry has at most ${registryBytes / 1024 ** 2} MB, a line of it 1 MB.`,
      )
    const lines = rest.split('\n')
    rest = lines.pop()!
    for (const line of lines) if (line.trim() !== '') yield line
  }
  rest += decoder.decode()
  if (rest.trim() !== '') yield rest
}

/** A line as a portal; a text says why it is none. */
function portalOf(line: string): PortalRow | string {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (error) {
    return `is no JSON: ${(error as Error).message.slice(0, 200)}`
  }
  const portal = objectOf(value)
  // The `uid` of the Common Data Index is not unique: 65 of 19,140 portals share theirs with another one.
  const id = textOf(portal?.id)
  const title = textOf(portal?.name)
  if (!portal || id === undefined || title === undefined) return 'has no id or no name'
  const found = endpointOf(portal)
  const link = textOf(portal.link)
  const url = found?.url ?? link
  if (url === undefined || !/^https?:\/\/\S{1,1990}$/.test(url))
    return `has no web address: ${String(url).slice(0, 200)}`
  const place = objectOf(objectOf(objectOf(portal.owner)?.location)?.country)
    ? objectOf(portal.owner)
    : firstCoverage(portal)
  const location = objectOf(place?.location)
  const country = objectOf(location?.country)
  const region = objectOf(location?.subregion)
  const software = textOf(objectOf(portal.software)?.name)
  const level = location?.level
  return {
    registryId: id.slice(0, 200),
    name: nameOf(id),
    title: title.slice(0, 300),
    kind: found?.kind ?? null,
    url,
    country: textOf(country?.id)?.slice(0, 10) ?? null,
    level: Number.isInteger(level) && Number(level) >= 0 && Number(level) <= 1_000 ? Number(level) : null,
    software: software?.slice(0, 200) ?? null,
    words: sourceWords([
      title,
      link && new URL(link, 'http://none').hostname,
      textOf(country?.name),
      textOf(region?.name),
      textOf(objectOf(portal.owner)?.name),
      software,
    ]),
  }
}

const firstCoverage = (portal: Record<string, unknown>) =>
  objectOf(Array.isArray(portal.coverage) ? portal.coverage[0] : undefined)

/** The name that its entries would have as their source; the registry's own, in our letters. */
const nameOf = (id: string) => sourceNameOf(id).slice(0, 100)
