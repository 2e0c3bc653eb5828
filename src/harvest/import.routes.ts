import { Readable } from 'node:stream'
import multipart from '@fastify/multipart'
import Type from 'typebox'
import { ConcordError } from '../platform/errors.ts'
import { type App, problems } from '../platform/http.ts'
import {
  type ImportPreview,
  type ImportRecord,
  type ImportRun,
  PreviewRequest,
  recordOutcomes,
  StartRequest,
} from './import.schema.ts'
import {
  createImport,
  getImport,
  type ImportContext,
  importReport,
  listImportRecords,
  listImports,
  listMappings,
  previewImport,
  saveMapping,
  startImport,
  stopImport,
} from './import.ts'
import type { ImportRunner } from './import-runner.ts'
import { uploadLimit } from './import-spool.ts'
import type { Mapping } from './mapping.schema.ts'

const tags = ['imports']
const Run = Type.Unsafe<ImportRun>(Type.Ref('ImportRun'))
const MappingRef = Type.Unsafe<Mapping>(Type.Ref('ImportMapping'))
const Params = Type.Object({ uid: Type.String({ format: 'uuid' }) })
const Paging = {
  cursor: Type.Optional(Type.String({ maxLength: 100 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
}
const Next = Type.Union([Type.String(), Type.Null()])

type RouteOptions = ImportContext & { runner: ImportRunner }

/** Imports of files: upload, preview, start, stop, progress, outcome of each record, report. */
export async function importRoutes(app: App, options: RouteOptions): Promise<void> {
  await app.register(multipart, { limits: { files: 1, fields: 10, fieldSize: 1_000, fileSize: uploadLimit } })
  uploadRoutes(app, options)
  runRoutes(app, options)
  reportRoutes(app, options)
  mappingRoutes(app, options)
}

function uploadRoutes(app: App, options: RouteOptions): void {
  app.post(
    '/api/v1/imports',
    {
      config: { action: 'import:create', idempotency: false },
      schema: {
        tags,
        operationId: 'createImport',
        summary: 'Upload a file (multipart/form-data, one part `file`); nothing is imported yet',
        consumes: ['multipart/form-data'],
        response: { 201: Run, ...problems },
      },
    },
    async (request, reply) => {
      if (!request.isMultipart())
        throw new ConcordError(
          'unsupported_media_type',
          'Send the file as multipart/form-data with one part named file.',
        )
      const part = await request.file()
      if (!part) throw new ConcordError('invalid_request', 'The request has no file.')
      reply.code(201)
      return createImport(options, request.actor, { stream: part.file, fileName: part.filename })
    },
  )
  app.post(
    '/api/v1/imports/preview',
    {
      config: { action: 'import:create', idempotency: false },
      schema: {
        tags,
        operationId: 'previewImport',
        summary:
          'What the first records of an uploaded file would become; proposes a mapping when none is given',
        body: PreviewRequest,
        response: { 200: Type.Unsafe<ImportPreview>(Type.Ref('ImportPreview')), ...problems },
      },
    },
    async (request) => previewImport(options, request.actor, request.body),
  )
}

function runRoutes(app: App, options: RouteOptions): void {
  app.post(
    '/api/v1/imports/:uid/start',
    {
      config: { action: 'import:create' },
      schema: {
        tags,
        operationId: 'startImport',
        summary: 'Import an uploaded file, or go on with a stopped import',
        params: Params,
        body: StartRequest,
        response: { 202: Run, ...problems },
      },
    },
    async (request, reply) => {
      const run = await startImport(options, request.actor, request.params.uid, request.body, request.id)
      options.runner.add(run.uid)
      reply.code(202)
      return run
    },
  )
  app.post(
    '/api/v1/imports/:uid/stop',
    {
      config: { action: 'import:stop' },
      schema: {
        tags,
        operationId: 'stopImport',
        summary: 'Stop an import after the batch at work',
        params: Params,
        response: { 200: Run, ...problems },
      },
    },
    async (request) => stopImport(options, request.actor, request.params.uid, request.id),
  )
  app.get(
    '/api/v1/imports',
    {
      config: { action: 'import:read' },
      schema: {
        tags,
        operationId: 'listImports',
        summary: 'Imports, newest first',
        querystring: Type.Object(Paging),
        response: { 200: Type.Object({ items: Type.Array(Run), next: Next }), ...problems },
      },
    },
    async (request) => listImports(options, request.actor, request.query),
  )
  app.get(
    '/api/v1/imports/:uid',
    {
      config: { action: 'import:read' },
      schema: {
        tags,
        operationId: 'getImport',
        summary: 'An import with its progress',
        params: Params,
        response: { 200: Run, ...problems },
      },
    },
    async (request) => getImport(options, request.actor, request.params.uid),
  )
}

function reportRoutes(app: App, options: RouteOptions): void {
  app.get(
    '/api/v1/imports/:uid/records',
    {
      config: { action: 'import:read' },
      schema: {
        tags,
        operationId: 'listImportRecords',
        summary: 'What became of each record; unchanged ones are only counted',
        params: Params,
        querystring: Type.Object({ ...Paging, outcome: Type.Optional(Type.Enum([...recordOutcomes])) }),
        response: {
          200: Type.Object({
            items: Type.Array(Type.Unsafe<ImportRecord>(Type.Ref('ImportRecord'))),
            next: Next,
          }),
          ...problems,
        },
      },
    },
    async (request) => listImportRecords(options, request.actor, request.params.uid, request.query),
  )
  for (const [format, type] of [
    ['csv', 'text/csv'],
    ['jsonl', 'application/jsonl'],
  ] as const)
    app.get(
      `/api/v1/imports/:uid/report.${format}`,
      {
        config: { action: 'import:read' },
        schema: {
          tags,
          operationId: `getImportReport${format === 'csv' ? 'Csv' : 'Jsonl'}`,
          summary: `The outcome of every record that was not unchanged, as ${format.toUpperCase()}`,
          params: Params,
          response: { 200: { content: { [type]: { schema: Type.String() } } }, ...problems },
        },
      },
      async (request, reply) => {
        const { uid } = request.params as { uid: string }
        const lines = await importReport(options, request.actor, uid, format)
        reply.type(`${type}; charset=utf-8`)
        reply.header('content-disposition', `attachment; filename="import-${uid}.${format}"`)
        return reply.send(Readable.from(lines))
      },
    )
}

function mappingRoutes(app: App, options: RouteOptions): void {
  app.get(
    '/api/v1/imports/mappings',
    {
      config: { action: 'import:read' },
      schema: {
        tags,
        operationId: 'listImportMappings',
        summary: 'Mappings kept with the program and saved ones',
        response: {
          200: Type.Object({
            items: Type.Array(Type.Object({ mapping: MappingRef, builtIn: Type.Boolean() })),
          }),
          ...problems,
        },
      },
    },
    async (request) => listMappings(options, request.actor),
  )
  app.put(
    '/api/v1/imports/mappings/:name',
    {
      config: { action: 'import:create' },
      schema: {
        tags,
        operationId: 'saveImportMapping',
        summary: 'Save a mapping under its name',
        params: Type.Object({ name: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,60}$' }) }),
        body: MappingRef,
        response: { 200: MappingRef, ...problems },
      },
    },
    async (request) => saveMapping(options, request.actor, request.params.name, request.body),
  )
}
