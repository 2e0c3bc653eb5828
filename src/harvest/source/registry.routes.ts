import multipart from '@fastify/multipart'
import Type from 'typebox'
import { ConcordError } from '../../platform/errors.ts'
import { type App, problems } from '../../platform/http.ts'
import type { Db } from '../../platform/postgres.ts'
import { importRegistry } from './registry.ts'

/** Bytes of an uploaded registry: 19,140 portals have 3 MB packed, 39 MB plain. */
const uploadBytes = 100 * 1024 * 1024
const Count = Type.Integer({ minimum: 0 })

/** The registry of portals, uploaded. Register it in a scope of its own: it reads multipart bodies. */
export async function registryRoutes(app: App, { db }: { db: Db }): Promise<void> {
  await app.register(multipart, { limits: { files: 1, fields: 5, fileSize: uploadBytes } })
  app.post(
    '/api/v1/sources/registry',
    {
      config: { action: 'source:register', idempotency: false },
      schema: {
        tags: ['sources'],
        operationId: 'importRegistry',
        summary:
          'Import portals as inactive sources (multipart/form-data, one part `file`: JSON lines, plain or .zst)',
        consumes: ['multipart/form-data'],
        response: {
          200: Type.Object({
            read: Count,
            added: Count,
            changed: Count,
            unchanged: Count,
            rejected: Count,
            faults: Type.Array(
              Type.Object({ path: Type.String(), rule: Type.String(), message: Type.String() }),
            ),
          }),
          ...problems,
        },
      },
    },
    async (request) => {
      const part = request.isMultipart() ? await request.file() : undefined
      if (!part)
        throw new ConcordError(
          'unsupported_media_type',
          'Send the registry as multipart/form-data with one part named file.',
        )
      const packed = /\.zst$/i.test(part.filename)
      const summary = await importRegistry(db, request.actor, part.file, { packed, requestId: request.id })
      if (part.file.truncated)
        throw new ConcordError(
          'too_large',
          `A registry has at most ${uploadBytes / 1024 ** 2} MB; what came before the limit is in. Import it with the command line.`,
        )
      return summary
    },
  )
}
