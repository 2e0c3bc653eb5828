import Type, { type Static } from 'typebox'

/** Readings of a cell, by the names of CSV on the Web. */
export const datatypes = ['string', 'integer', 'decimal', 'double', 'boolean', 'date', 'datetime'] as const
export type Datatype = (typeof datatypes)[number]

/** Columns of one table; more is a matrix on its side. */
export const maxColumns = 1_000
/** Rows of one page. */
export const maxPage = 500

export const Column = Type.Object(
  {
    name: Type.String({ pattern: '^\\p{L}[\\p{L}\\p{N}_]{0,63}$', description: 'Its name in queries.' }),
    title: Type.String({ minLength: 1, maxLength: 200, description: 'Its name in the file.' }),
    datatype: Type.Enum([...datatypes]),
    format: Type.Optional(
      Type.String({
        maxLength: 40,
        description:
          'How a date is written (`dd/MM/yyyy`), the group and decimal marks of a number (`.,`), the two values of a boolean (`yes|no`).',
      }),
    ),
  },
  { $id: 'TableColumn' },
)
export type Column = Static<typeof Column>

export const tableModes = ['snapshot', 'append'] as const
export const batchStates = ['loading', 'loaded', 'quarantined', 'failed', 'interrupted'] as const

const Count = Type.Integer({ minimum: 0 })
const Instant = Type.String({ format: 'date-time' })
const ColumnRef = Type.Unsafe<Column>(Type.Ref('TableColumn'))

export const DataTable = Type.Object(
  {
    name: Type.String(),
    title: Type.String(),
    body: Type.Object({
      code: Type.String(),
      name: Type.String(),
      translations: Type.Record(Type.String(), Type.Object({ name: Type.Optional(Type.String()) })),
    }),
    mode: Type.Enum([...tableModes], {
      description: '`snapshot`: a batch is the whole table. `append`: it adds to it.',
    }),
    columns: Type.Array(ColumnRef, { description: 'As pinned by the first batch.' }),
    rows: Count,
    batch: Type.Integer({
      minimum: 0,
      description: 'The newest batch that readers see; 0 before the first.',
    }),
    changedAt: Instant,
  },
  { $id: 'DataTable' },
)
export type DataTable = Static<typeof DataTable>

const Fault = Type.Object({
  path: Type.String(),
  rule: Type.String(),
  message: Type.String(),
  remedy: Type.Optional(Type.String()),
})

export const Batch = Type.Object(
  {
    number: Type.Integer({ minimum: 1 }),
    state: Type.Enum([...batchStates]),
    source: Type.String(),
    bytes: Count,
    checksum: Type.String({ description: 'SHA-256 of the file.' }),
    format: Type.String(),
    encoding: Type.String(),
    read: Count,
    accepted: Count,
    rejected: Count,
    faults: Type.Array(Fault, { description: 'Why it is not loaded.' }),
    by: Type.String(),
    startedAt: Instant,
    endedAt: Type.Union([Instant, Type.Null()]),
  },
  { $id: 'Batch' },
)
export type Batch = Static<typeof Batch>

export const RejectedRecord = Type.Object(
  {
    record: Type.Integer({ minimum: 1, description: 'Its number in the file.' }),
    line: Type.Union([Type.Integer({ minimum: 1 }), Type.Null()], {
      description: 'Line of the file; null where only a value is wrong.',
    }),
    column: Type.Union([Type.String(), Type.Null()], {
      description: 'Null where the record as a whole is no row.',
    }),
    value: Type.String(),
    rule: Type.String(),
    message: Type.String(),
  },
  { $id: 'RejectedRecord' },
)
export type RejectedRecord = Static<typeof RejectedRecord>

const Cursor = Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]+$', maxLength: 100 }))
const Limit = Type.Optional(Type.Integer({ minimum: 1, maximum: maxPage, default: 50 }))

export const ListQuery = Type.Object({ cursor: Cursor, limit: Limit }, { additionalProperties: false })
export const RowsQuery = Type.Object(
  {
    asOf: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1, description: 'As it was after this batch.' }),
    ),
    cursor: Cursor,
    limit: Limit,
  },
  { additionalProperties: false },
)
export type RowsQuery = Static<typeof RowsQuery>
