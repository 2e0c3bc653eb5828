import Type, { type Static, type TSchema } from 'typebox'
import { formats, Mapping } from './mapping.schema.ts'

const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const Instant = Type.String({ format: 'date-time' })
const Uid = Type.String({ format: 'uuid' })
/** The mapping by reference: the API description names it once. */
const MappingRef = Type.Unsafe<Mapping>(Type.Ref('ImportMapping'))

export const importStates = [
  'uploaded',
  'queued',
  'running',
  'waiting',
  'done',
  'stopped',
  'failed',
  'interrupted',
] as const
export const recordOutcomes = [
  'added',
  'changed',
  'rejected',
  'gone',
  'note',
  'linked',
  'restored',
  'removed',
] as const

const Count = Type.Integer({ minimum: 0 })
export const ImportCounts = Type.Object({
  read: Count,
  added: Count,
  changed: Count,
  unchanged: Count,
  rejected: Count,
  linked: Type.Integer({ minimum: 0, description: 'Records whose entry another source holds.' }),
  gone: Type.Integer({
    minimum: 0,
    description: 'Entries of earlier imports of the source that the file does not have.',
  }),
})

/** An import: the file, how it is read, how far it is, what came of it. */
export const ImportRun = Type.Object(
  {
    uid: Uid,
    source: Nullable(Type.String()),
    format: Type.Enum([...formats]),
    fileName: Type.String(),
    fileSize: Type.Integer({ minimum: 0, description: 'Bytes' }),
    state: Type.Enum([...importStates]),
    stopRequested: Type.Boolean(),
    publish: Type.Boolean(),
    body: Nullable(Type.String()),
    mapping: Nullable(Type.Unknown()),
    counts: ImportCounts,
    progress: Type.Object({
      bytes: Type.Integer({ minimum: 0 }),
      share: Type.Number({ minimum: 0, maximum: 1 }),
      bytesPerSecond: Nullable(Type.Number({ minimum: 0 })),
      recordsPerSecond: Nullable(Type.Number({ minimum: 0 })),
      secondsLeft: Nullable(Type.Number({ minimum: 0, description: 'Estimate at the present speed' })),
    }),
    createdAt: Instant,
    createdBy: Type.String(),
    startedAt: Nullable(Instant),
    finishedAt: Nullable(Instant),
    error: Nullable(Type.Object({ message: Type.String(), place: Type.Optional(Type.String()) })),
  },
  { $id: 'ImportRun' },
)
export type ImportRun = Static<typeof ImportRun>

const ImportFault = Type.Object({
  path: Type.String({ description: 'JSON pointer into the source record, or into the entry it became' }),
  rule: Type.String(),
  message: Type.String(),
  remedy: Type.Optional(Type.String()),
})

/** What became of one record of a file. */
export const ImportRecord = Type.Object(
  {
    place: Type.String({ description: 'Where in the file: line, row or JSON pointer' }),
    identifier: Nullable(Type.String()),
    title: Nullable(Type.String()),
    outcome: Type.Enum([...recordOutcomes]),
    entry: Nullable(Uid),
    faults: Type.Array(ImportFault, {
      description: 'Faults of a reject; warnings of what was taken all the same',
    }),
    excerpt: Nullable(Type.String({ description: 'The beginning of a rejected record as it was read' })),
  },
  { $id: 'ImportRecord' },
)
export type ImportRecord = Static<typeof ImportRecord>

export const PreviewRequest = Type.Object(
  {
    uid: Uid,
    format: Type.Optional(Type.Enum([...formats])),
    encoding: Type.Optional(Type.String({ maxLength: 40 })),
    mapping: Type.Optional(MappingRef),
    body: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  },
  { additionalProperties: false },
)
export type PreviewRequest = Static<typeof PreviewRequest>

/** What the first records of a file would become. */
export const ImportPreview = Type.Object(
  {
    format: Type.Enum([...formats]),
    encoding: Nullable(Type.String()),
    delimiter: Nullable(Type.String()),
    columns: Type.Array(Type.String()),
    /** Under which name its entries are found again, where none is given. */
    source: Type.String(),
    /** The one given, else a proposal. */
    mapping: Nullable(Type.Unknown()),
    /** False: what this person imports is drafts, to be submitted for review. */
    mayPublish: Type.Boolean(),
    /** Why the file or the mapping cannot be used as it stands. */
    faults: Type.Array(ImportFault),
    records: Type.Array(
      Type.Object({
        place: Type.String(),
        identifier: Nullable(Type.String()),
        title: Nullable(Type.String()),
        /** The record as read, cut when long. */
        source: Type.String(),
        content: Nullable(Type.Unknown({ description: 'The entry it becomes' })),
        faults: Type.Array(ImportFault),
        warnings: Type.Array(ImportFault),
      }),
    ),
  },
  { $id: 'ImportPreview' },
)
export type ImportPreview = Static<typeof ImportPreview>

export const StartRequest = Type.Object(
  {
    mapping: Type.Optional(MappingRef),
    format: Type.Optional(Type.Enum([...formats])),
    source: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$' })),
    body: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    publish: Type.Optional(
      Type.Boolean({
        default: true,
        description: 'False imports drafts. Whoever may not publish (dataset:publish) always does.',
      }),
    ),
    reason: Type.Optional(Type.String({ maxLength: 500 })),
  },
  { additionalProperties: false },
)
export type StartRequest = Static<typeof StartRequest>

export const importSchemas = [Mapping, ImportRun, ImportRecord, ImportPreview] as const
