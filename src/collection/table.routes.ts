import Type from 'typebox'
import type { ClickHouseClient } from '../platform/clickhouse.ts'
import { type App, problems } from '../platform/http.ts'
import type { Db } from '../platform/postgres.ts'
import { Batch, Column, DataTable, ListQuery, RejectedRecord, RowsQuery } from './table.schema.ts'
import { getTable, listBatches, listRejected, listTables, readRows } from './table.ts'

const tags = ['collection']
const Name = Type.String({ pattern: '^[a-z][a-z0-9_]{0,62}$' })
const Next = Type.Union([Type.String(), Type.Null()])
const pageOf = <T>(ref: string) =>
  Type.Object({ items: Type.Array(Type.Unsafe<T>(Type.Ref(ref))), next: Next })

/** Collected tables: what there is, how it came, and its rows for those who may read them. */
export function collectionRoutes(app: App, { db, engine }: { db: Db; engine: ClickHouseClient }): void {
  for (const schema of [Column, DataTable, Batch, RejectedRecord]) app.addSchema(schema)
  app.get(
    '/api/v1/tables',
    {
      config: { action: 'table:read' },
      schema: {
        tags,
        operationId: 'listTables',
        summary: 'Collected tables of your body and those below it, by name',
        querystring: ListQuery,
        response: { 200: pageOf<DataTable>('DataTable'), ...problems },
      },
    },
    (request) => listTables(db, request.actor, request.query),
  )
  app.get(
    '/api/v1/tables/:name',
    {
      config: { action: 'table:read' },
      schema: {
        tags,
        operationId: 'getTable',
        summary: 'A table with its columns',
        params: Type.Object({ name: Name }),
        response: { 200: Type.Unsafe<DataTable>(Type.Ref('DataTable')), ...problems },
      },
    },
    (request) => getTable(db, request.actor, request.params.name),
  )
  app.get(
    '/api/v1/tables/:name/batches',
    {
      config: { action: 'table:read' },
      schema: {
        tags,
        operationId: 'listBatches',
        summary: 'Loads of a table with their manifests, the newest first',
        params: Type.Object({ name: Name }),
        querystring: ListQuery,
        response: { 200: pageOf<Batch>('Batch'), ...problems },
      },
    },
    (request) => listBatches(db, request.actor, request.params.name, request.query),
  )
  app.get(
    '/api/v1/tables/:name/rows',
    {
      config: { action: 'table:rows' },
      schema: {
        tags,
        operationId: 'readRows',
        summary: 'Rows as they are now, or as they were after a batch; each with its batch and record number',
        params: Type.Object({ name: Name }),
        querystring: RowsQuery,
        response: {
          200: Type.Object({
            items: Type.Array(Type.Record(Type.String(), Type.Unknown())),
            next: Next,
          }),
          ...problems,
        },
      },
    },
    (request) => readRows({ db, engine }, request.actor, request.params.name, request.query, request.id),
  )
  app.get(
    '/api/v1/tables/:name/batches/:number/rejected',
    {
      config: { action: 'table:rows' },
      schema: {
        tags,
        operationId: 'listRejected',
        summary: 'Records of a batch that are no rows: where, which value, and why',
        params: Type.Object({ name: Name, number: Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1 }) }),
        querystring: ListQuery,
        response: { 200: pageOf<RejectedRecord>('RejectedRecord'), ...problems },
      },
    },
    (request) =>
      listRejected(
        { db, engine },
        request.actor,
        request.params.name,
        request.params.number,
        request.query,
        request.id,
      ),
  )
}
