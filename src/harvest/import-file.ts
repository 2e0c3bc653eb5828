import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { ConcordError } from '../platform/errors.ts'
import { type Db, inTransaction } from '../platform/postgres.ts'
import { codeList, type Profile } from '../platform/profile.ts'
import { type Actor, createOrganisation, listOrganisations, systemActor } from '../security/index.ts'
import {
  type Counts,
  type ImportRunRow,
  insertRun,
  type RunError,
  selectResumable,
  updateRunSettings,
} from './import.queries.ts'
import { reportLines } from './import-report.ts'
import { type Progress, runImport, withSource } from './import-run.ts'
import { type Format, fileFormats, type Mapping } from './mapping.schema.ts'
import { checkMapping, formatMapping, mappingHash, projectMappings, readMappingFile } from './mapping.ts'
import { proposeMapping } from './mapping-proposal.ts'
import { sourceNameOf } from './source-name.ts'

export interface ImportFileOptions {
  db: Db
  profile: Profile
  file: string
  /** Needed when no mapping says it. */
  format?: string
  /** Path of a mapping file, or the name of one kept with the program. */
  mapping?: string
  /** Identity of the source; default: the mapping's, else the file's name without its ending. */
  source?: string
  /** Code of the body that provides the data; default: the mapping's, else the highest body. */
  body?: string
  encoding?: string
  /** Imports drafts instead of publishing what is valid. */
  draft?: boolean
  /** Writes the outcome of every record to this file: CSV, or JSON lines when it ends in .jsonl. */
  report?: string
  actor?: Actor
  signal?: AbortSignal
  onProgress?(progress: Progress): void
}

export interface ImportSummary extends Counts {
  run: string
  state: ImportRunRow['state']
  /** True when an interrupted import of the same file went on. */
  resumed: boolean
  error: RunError | null
}

/**
 * Imports a file in place, as the command `concord catalog import` does. An import of the same unchanged file that was
 * killed or stopped goes on where it was.
 * @throws ConcordError when the file, mapping or body cannot be used at all; faults of records are in the report.
 */
export async function importFile(options: ImportFileOptions): Promise<ImportSummary> {
  const { db, profile } = options
  const actor = options.actor ?? systemActor('catalog import')
  const mapping = await chooseMapping(options)
  const source = options.source ?? mapping.source ?? sourceNameOf(options.file)
  const identity = await identifyFile(options.file)
  const publish = options.draft !== true
  await ensureBody(db, profile, actor)
  const highest = (await listOrganisations(db)).find((o) => o.parentId === null)
  const owner = actor.organisationId ?? highest?.id ?? null
  const settings = {
    source,
    format: mapping.format,
    mapping,
    mappingHash: mappingHash({ ...mapping, body: options.body ?? mapping.body }),
    publish,
    body: options.body ?? null,
    reason: `Import of ${identity.name}`,
  }
  // Under the lock, so that an import that is refused leaves no run behind.
  const { ended, resumed } = await withSource(db, source, async () => {
    const before = await selectResumable(db, { ...settings, fileHash: identity.hash })
    // In one step: a process killed in between must not leave a run that nothing finds again.
    const run = await inTransaction(db, async (tx) => {
      const found = before ?? (await insertRun(tx, newRun(mapping.format, identity, actor, owner)))
      await updateRunSettings(tx, found.id, settings)
      return found
    })
    const { signal, onProgress } = options
    const ended = await runImport({
      db,
      ctx: { actor, profile },
      run: { ...run, ...settings },
      path: options.file,
      signal,
      onProgress,
    })
    return { ended, resumed: before !== undefined }
  })
  if (options.report) await writeReport(db, ended, options.report)
  return {
    ...ended.counts,
    run: ended.uid,
    state: ended.state,
    resumed,
    error: ended.error,
  }
}

/** `organisationId`: the body of who imports; the highest one for the machine's operator, so that somebody sees it. */
const newRun = (format: Format, file: FileIdentity, actor: Actor, organisationId: number | null) => ({
  format,
  fileName: file.name,
  fileSize: file.size,
  fileHash: file.hash,
  spool: null,
  organisationId,
  actor,
})

async function chooseMapping(options: ImportFileOptions): Promise<Mapping> {
  const format = options.format
  if (format !== undefined && !(fileFormats as readonly string[]).includes(format))
    throw new ConcordError(
      'invalid_request',
      `The format ${format} is not known; use one of ${fileFormats.join(', ')}.`,
    )
  const encoding = options.encoding ? { encoding: options.encoding } : {}
  if (options.mapping) {
    const kept = projectMappings().find((m) => m.name === options.mapping)
    const mapping = kept ?? readMappingFile(options.mapping)
    if (format && format !== mapping.format)
      throw new ConcordError('invalid_request', `The mapping reads ${mapping.format}, not ${format}.`)
    return { ...mapping, read: { ...mapping.read, ...encoding } }
  }
  if (!format)
    throw new ConcordError('invalid_request', 'Say --format, or a mapping that names it with --mapping.')
  if (format === 'csv' || format === 'xlsx') return proposeMapping(options.file, { format, ...encoding })
  return checkMapping({ ...formatMapping(format as Format), read: encoding })
}

/** Bytes at either end of a file that tell it from another version of itself. */
const endBytes = 1024 * 1024

interface FileIdentity {
  name: string
  size: number
  hash: Buffer
}

/** Size, time, first and last part: enough to know the same file again without reading gigabytes twice. */
async function identifyFile(path: string): Promise<FileIdentity> {
  const info = await stat(path).catch((cause) => {
    throw new ConcordError('not_found', `The file ${path} cannot be read: ${(cause as Error).message}`, {
      cause,
    })
  })
  if (!info.isFile()) throw new ConcordError('invalid_request', `${path} is not a file.`)
  const hash = createHash('sha256').update(`${info.size} ${info.mtimeMs} `)
  const file = await open(path)
  try {
    for (const position of [0, Math.max(0, info.size - endBytes)]) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(endBytes), 0, endBytes, position)
      hash.update(buffer.subarray(0, bytesRead))
    }
  } finally {
    await file.close()
  }
  return { name: basename(path).slice(0, 300), size: info.size, hash: hash.digest() }
}

/** A node that knows no body gets one, so that a first import needs no preparation. */
async function ensureBody(db: Db, profile: Profile, actor: Actor): Promise<void> {
  if (actor.kind !== 'system' || (await listOrganisations(db, { limit: 1 })).length > 0) return
  const [tier] = codeList(profile, 'tier').keys()
  await createOrganisation(db, actor, { code: 'node', name: 'This node', tier: tier! })
}

async function writeReport(db: Db, run: ImportRunRow, file: string): Promise<void> {
  const format = /\.(jsonl|ndjson)$/i.test(file) ? 'jsonl' : 'csv'
  await pipeline(reportLines(db, run, format), createWriteStream(file))
}
