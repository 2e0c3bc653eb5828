import type { Readable } from 'node:stream'
import { ConcordError, notFound } from '../platform/errors.ts'
import { type Db, inTransaction } from '../platform/postgres.ts'
import type { Profile } from '../platform/profile.ts'
import { type Actor, audit, authorize, isAllowed, subtree } from '../security/index.ts'
import {
  endOrphansIfFree,
  type ImportRecordRow,
  type ImportRunRow,
  insertRun,
  type RecordOutcome,
  requestStop,
  selectRun,
  selectRuns,
  updateRunSettings,
} from './import.queries.ts'
import type { ImportPreview, ImportRecord, ImportRun, PreviewRequest, StartRequest } from './import.schema.ts'
import { previewFile } from './import-preview.ts'
import { selectMappings, selectRecords, upsertMapping } from './import-record.queries.ts'
import { reportLines } from './import-report.ts'
import { spoolPath, spoolUpload } from './import-spool.ts'
import type { Mapping } from './mapping.schema.ts'
import { checkMapping, mappingHash, projectMappings } from './mapping.ts'
import { detectFormat, proposeMapping } from './mapping-proposal.ts'
import { sourceNameOf } from './source-name.ts'

export interface ImportContext {
  db: Db
  profile: Profile
  dataDir: string
}

const fileNameLength = 300

/** Keeps an uploaded file and finds out its format; nothing is imported yet. @throws as spoolUpload */
export async function createImport(
  { db, dataDir }: ImportContext,
  actor: Actor,
  upload: { stream: Readable & { truncated?: boolean }; fileName: string },
): Promise<ImportRun> {
  authorize(actor, 'import:create', { kind: 'import', organisationId: actor.organisationId })
  const file = await spoolUpload(upload.stream, dataDir)
  const run = await insertRun(db, {
    format: await detectFormat(spoolPath(dataDir, file.name)),
    fileName: Buffer.from(upload.fileName.replaceAll('\0', '').slice(0, fileNameLength)).toString(),
    fileSize: file.size,
    fileHash: file.hash,
    spool: file.name,
    organisationId: actor.organisationId,
    actor,
  })
  return toImport(run)
}

async function findRun(db: Db, actor: Actor, uid: string, action: string): Promise<ImportRunRow> {
  const run = await selectRun(db, uid)
  if (!run) throw notFound('The import')
  authorize(actor, action, { kind: 'import', organisationId: run.organisationId })
  return run
}

/** What the first records of an uploaded file would become. */
export async function previewImport(
  { db, profile, dataDir }: ImportContext,
  actor: Actor,
  request: PreviewRequest,
): Promise<ImportPreview> {
  const run = await findRun(db, actor, request.uid, 'import:create')
  const preview = await previewFile(db, profile, run, uploadedFile(dataDir, run), request)
  return { ...preview, mayPublish: mayPublish(actor) }
}

/** True where imports of this person may be public at once; those of others are drafts for review. */
const mayPublish = (actor: Actor): boolean => isAllowed(actor, 'dataset:publish')

function uploadedFile(dataDir: string, run: ImportRunRow): string {
  if (run.spool && run.state !== 'done') return spoolPath(dataDir, run.spool)
  throw new ConcordError('conflict', 'The file of this import is not kept any more; upload it again.')
}

/** Puts an uploaded file, or one whose import was stopped, into the queue. @throws conflict when it is at work or done */
export async function startImport(
  { db, dataDir }: ImportContext,
  actor: Actor,
  uid: string,
  request: StartRequest,
  requestId?: string,
): Promise<ImportRun> {
  const run = await findRun(db, actor, uid, 'import:create')
  const path = uploadedFile(dataDir, run)
  const mapping = request.mapping
    ? checkMapping(request.mapping)
    : (run.mapping ?? checkMapping(await proposeMapping(path, { format: request.format ?? run.format })))
  const source = request.source ?? run.source ?? mapping.source ?? sourceNameOf(run.fileName)
  const body = request.body ?? run.body
  if (run.state === 'running') await endOrphansIfFree(db, run.source!)
  const started = await inTransaction(db, async (tx) => {
    const updated = await updateRunSettings(tx, run.id, {
      source,
      format: mapping.format,
      mapping,
      mappingHash: mappingHash({ ...mapping, body: body ?? mapping.body }),
      publish: (request.publish ?? run.publish) && mayPublish(actor),
      body,
      reason: request.reason ?? run.reason,
    })
    if (updated)
      await audit(tx, {
        actor,
        action: 'import:create',
        objectKind: 'import',
        objectId: uid,
        organisationId: run.organisationId,
        decision: 'allow',
        requestId,
        detail: { source, file: run.fileName, bytes: run.fileSize, mapping: mapping.name },
      })
    return updated
  })
  if (!started)
    throw new ConcordError(
      'conflict',
      run.position > 0
        ? 'This import has begun with another mapping or as another source, is at work or done. Upload the file again to import it differently.'
        : 'This import is at work or done.',
    )
  return toImport((await selectRun(db, uid))!)
}

/** Asks an import to stop; it does so after the batch at work, and can be started again where it was. */
export async function stopImport(
  { db }: ImportContext,
  actor: Actor,
  uid: string,
  requestId?: string,
): Promise<ImportRun> {
  const run = await findRun(db, actor, uid, 'import:stop')
  await inTransaction(db, async (tx) => {
    await requestStop(tx, run.id)
    // Nobody hears the wish when the process of the run is gone.
    if (run.source) await endOrphansIfFree(tx, run.source)
    await audit(tx, {
      actor,
      action: 'import:stop',
      objectKind: 'import',
      objectId: uid,
      organisationId: run.organisationId,
      decision: 'allow',
      requestId,
    })
  })
  return toImport((await selectRun(db, uid))!)
}

export async function getImport({ db }: ImportContext, actor: Actor, uid: string): Promise<ImportRun> {
  return toImport(await findRun(db, actor, uid, 'import:read'))
}

interface Page {
  cursor?: string
  limit?: number
}
const defaultLimit = 50

/** Imports of the actor's body and those below it, newest first. */
export async function listImports({ db }: ImportContext, actor: Actor, page: Page) {
  authorize(actor, 'import:read')
  const limit = page.limit ?? defaultLimit
  const organisationIds =
    actor.kind === 'system' ? null : actor.organisationId === null ? [] : subtree(actor.organisationId)
  const rows = await selectRuns(db, { organisationIds, before: fromCursor(page.cursor), limit: limit + 1 })
  return {
    items: rows.slice(0, limit).map(toImport),
    next: rows.length > limit ? toCursor(rows[limit - 1]!.id) : null,
  }
}

/** What became of the records of an import, in the order of the file; unchanged ones are only counted. */
export async function listImportRecords(
  { db }: ImportContext,
  actor: Actor,
  uid: string,
  page: Page & { outcome?: RecordOutcome },
) {
  const run = await findRun(db, actor, uid, 'import:read')
  const limit = page.limit ?? defaultLimit
  const rows = await selectRecords(db, run.id, {
    outcome: page.outcome,
    after: fromCursor(page.cursor),
    limit: limit + 1,
  })
  return {
    items: rows.slice(0, limit).map(toRecord),
    next: rows.length > limit ? toCursor(rows[limit - 1]!.position) : null,
  }
}

/** The report of an import, piece by piece. */
export async function importReport(
  { db }: ImportContext,
  actor: Actor,
  uid: string,
  format: 'csv' | 'jsonl',
) {
  return reportLines(db, await findRun(db, actor, uid, 'import:read'), format)
}

/** Mappings kept with the program and those saved here. */
export async function listMappings({ db }: ImportContext, actor: Actor) {
  authorize(actor, 'import:read')
  const saved = await selectMappings(db)
  return {
    items: [
      ...projectMappings().map((mapping) => ({ mapping, builtIn: true })),
      ...saved.map(({ mapping }) => ({ mapping, builtIn: false })),
    ],
  }
}

/** Saves a mapping under its name. @throws conflict when the name belongs to the program or to another body */
export async function saveMapping(
  { db }: ImportContext,
  actor: Actor,
  name: string,
  data: unknown,
): Promise<Mapping> {
  authorize(actor, 'import:create', { kind: 'import', organisationId: actor.organisationId })
  const mapping = checkMapping({ ...(data as Mapping), name })
  const own = { organisationId: actor.organisationId, name: actor.name }
  if (projectMappings().some((m) => m.name === name) || !(await upsertMapping(db, mapping, own)))
    throw new ConcordError('conflict', `The name ${name} is taken; save the mapping under another one.`)
  return mapping
}

const toCursor = (position: number) => Buffer.from(String(position)).toString('base64url')
function fromCursor(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined
  const text = Buffer.from(cursor, 'base64url').toString()
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new ConcordError('invalid_cursor', 'This cursor was not made here; begin again without it.')
}

const toRecord = (r: ImportRecordRow): ImportRecord => ({
  place: r.place,
  identifier: r.sourceId,
  title: r.title,
  outcome: r.outcome,
  entry: r.datasetUid,
  faults: r.faults ?? [],
  excerpt: r.excerpt,
})

function toImport(run: ImportRunRow): ImportRun {
  const {
    id: _,
    actor,
    spool: __,
    organisationId: ___,
    position: ____,
    resumedAt,
    resumedBytes,
    reason: _____,
    bytes,
    ...rest
  } = run
  const seconds = resumedAt
    ? ((run.finishedAt ? Date.parse(run.finishedAt) : Date.now()) - Date.parse(resumedAt)) / 1000
    : 0
  const done = Math.min(bytes, run.fileSize)
  const speed = seconds > 0.5 && done > resumedBytes ? (done - resumedBytes) / seconds : null
  return {
    ...rest,
    createdBy: actor.name,
    progress: {
      bytes: done,
      share: run.fileSize > 0 ? done / run.fileSize : 1,
      bytesPerSecond: speed,
      recordsPerSecond: speed && done > 0 ? (run.counts.read * speed) / done : null,
      secondsLeft: speed && run.state === 'running' ? (run.fileSize - done) / speed : null,
    },
  }
}
