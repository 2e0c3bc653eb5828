import Type from 'typebox'
import { addSchemas, ref } from '../../catalog/index.ts'
import { type App, problems } from '../../platform/http.ts'
import type { Db } from '../../platform/postgres.ts'
import { ShaclReport } from './shacl.schema.ts'
import { getShaclReport, type ShaclChecks } from './shacl.ts'

/** What the operator's shapes find in an entry. */
export function shaclRoutes(
  app: App,
  { db, shapes }: { db: Db; shapes: ShaclChecks['shapes'] | undefined },
): void {
  addSchemas(app, [ShaclReport])
  app.get(
    '/api/v1/datasets/:uid/shacl',
    {
      config: { action: 'dataset:update' },
      schema: {
        tags: ['dcat'],
        operationId: 'getShaclReport',
        summary:
          'What the SHACL shapes of this node find in an entry; checked after each change, not on request',
        params: Type.Object({ uid: Type.String({ format: 'uuid' }) }),
        response: { 200: ref(ShaclReport), ...problems },
      },
    },
    (request) => getShaclReport(db, request.actor, request.params.uid, shapes),
  )
}
