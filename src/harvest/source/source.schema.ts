import Type, { type Static, type TSchema } from 'typebox'
import { ImportCounts, importStates } from '../import.schema.ts'
import type { Mapping } from '../mapping.schema.ts'

const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const Instant = Type.String({ format: 'date-time' })
const Uid = Type.String({ format: 'uuid' })
const Count = Type.Integer({ minimum: 0 })
const MappingRef = Type.Unsafe<Mapping>(Type.Ref('ImportMapping'))

/** As the readers of remote sources call them (remote/). */
export const sourceKinds = ['ckan', 'dcat', 'dcat-us', 'csv', 'xlsx', 'jsonl', 'json', 'concord'] as const
export type SourceKind = (typeof sourceKinds)[number]

/** Limits of a source: what its keeper may make tighter, and days between comparisons of everything. */
export const SourceLimits = Type.Object(
  {
    requestsPerSecond: Type.Optional(Type.Number({ minimum: 0.1, maximum: 50 })),
    pages: Type.Optional(Type.Integer({ minimum: 1, maximum: 300_000 })),
    stallMinutes: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 120, description: 'A run without progress for so long is ended.' }),
    ),
    ignoreRobots: Type.Optional(
      Type.Boolean({ description: 'The publisher agreed to be read, whatever robots.txt says to others.' }),
    ),
    fullDays: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 90,
        description: 'Days between comparisons of everything; 0: always.',
      }),
    ),
  },
  { additionalProperties: false },
)
export type SourceLimits = Static<typeof SourceLimits>

const settings = {
  title: Type.String({ minLength: 1, maxLength: 300 }),
  kind: Type.Enum([...sourceKinds]),
  url: Type.String({ minLength: 1, maxLength: 2_000, pattern: '^https?://[^\\s]+$' }),
  filter: Type.Optional(
    Nullable(
      Type.String({
        minLength: 1,
        maxLength: 1_000,
        description: 'CKAN: a filter query (fq), e.g. organization:transport',
      }),
    ),
  ),
  mapping: Type.Optional(Nullable(MappingRef)),
  body: Type.Optional(Nullable(Type.String({ minLength: 1, maxLength: 64 }))),
  publish: Type.Optional(
    Type.Boolean({ default: false, description: 'True publishes what is valid; false makes drafts.' }),
  ),
  copyBodies: Type.Optional(
    Type.Boolean({
      default: false,
      description:
        'Another node: its bodies that are not here are registered below that of the source, and its entries keep theirs; false puts all entries under the one body.',
    }),
  ),
  schedule: Type.Optional(
    Type.String({
      pattern:
        '^(manual|continuous|hourly|daily ([01]\\d|2[0-3]):[0-5]\\d|weekly [1-7] ([01]\\d|2[0-3]):[0-5]\\d)$',
      description:
        'manual, hourly, daily HH:MM, or weekly D HH:MM with 1 for Monday, in the time zone of the profile; continuous follows another node from change to change.',
    }),
  ),
  active: Type.Optional(Type.Boolean({ description: 'Only an active source runs by its schedule.' })),
  limits: Type.Optional(SourceLimits),
  guardShare: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 1,
      description: 'A run that would remove a larger share asks first. Default 0.05.',
    }),
  ),
  guardCount: Type.Optional(Nullable(Type.Integer({ minimum: 0, maximum: 10_000_000 }))),
  /** Write-only. */
  token: Type.Optional(
    Nullable(
      Type.String({
        minLength: 1,
        maxLength: 4_000,
        description:
          'Sent as Authorization to the source only. It is kept sealed and never given out; null removes it, and so does an address of another host.',
      }),
    ),
  ),
  organisation: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 64,
      description: 'Uid or code of the body that answers for the source. Default: your own.',
    }),
  ),
}
export const sourceNamePattern = '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$'
export const SourceInput = Type.Object(
  { name: Type.String({ pattern: sourceNamePattern }), ...settings },
  { additionalProperties: false, $id: 'SourceInput' },
)
export type SourceInput = Static<typeof SourceInput>
export const SourceChange = Type.Object(settings, { additionalProperties: false, $id: 'SourceChange' })
export type SourceChange = Static<typeof SourceChange>

export const HarvestRun = Type.Object(
  {
    uid: Uid,
    task: Type.Enum(['harvest', 'removal'] as const),
    source: Type.String(),
    state: Type.Enum([...importStates]),
    stopRequested: Type.Boolean(),
    counts: ImportCounts,
    progress: Type.Object({
      pages: Count,
      total: Nullable(Type.Integer({ minimum: 0, description: 'Records that the source announces' })),
      bytes: Count,
      share: Nullable(Type.Number({ minimum: 0, maximum: 1 })),
      recordsPerSecond: Nullable(Type.Number({ minimum: 0 })),
      secondsLeft: Nullable(Type.Number({ minimum: 0, description: 'Estimate at the present speed' })),
    }),
    since: Nullable(
      Type.String({ format: 'date-time', description: 'Only what changed since then was asked for' }),
    ),
    complete: Nullable(
      Type.Boolean({ description: 'False: what is absent may be there all the same; nothing is removed' }),
    ),
    failedPages: Type.Array(
      Type.Object({
        message: Type.String(),
        tries: Count,
      }),
    ),
    repeated: Count,
    unread: Count,
    removals: Nullable(
      Type.Integer({ minimum: 0, description: 'Entries that the source does not have any more' }),
    ),
    decision: Nullable(Type.Enum(['approved', 'refused', 'superseded'] as const)),
    decidedBy: Nullable(Type.String()),
    decidedAt: Nullable(Instant),
    tries: Count,
    retryAt: Nullable(Instant),
    createdAt: Instant,
    createdBy: Type.String(),
    startedAt: Nullable(Instant),
    finishedAt: Nullable(Instant),
    error: Nullable(Type.Object({ message: Type.String(), place: Type.Optional(Type.String()) })),
  },
  { $id: 'HarvestRun' },
)
export type HarvestRun = Static<typeof HarvestRun>

export const Source = Type.Object(
  {
    uid: Uid,
    name: Type.String(),
    title: Type.String(),
    kind: Nullable(Type.Enum([...sourceKinds])),
    url: Type.String(),
    filter: Nullable(Type.String()),
    mapping: Nullable(Type.Unknown()),
    body: Nullable(Type.String()),
    publish: Type.Boolean(),
    copyBodies: Type.Boolean(),
    schedule: Type.String(),
    active: Type.Boolean(),
    limits: SourceLimits,
    guardShare: Type.Number(),
    guardCount: Nullable(Count),
    organisation: Nullable(
      Type.String({ description: 'Code of the body; null: a portal of the registry that nobody uses' }),
    ),
    hasToken: Type.Boolean(),
    nextRunAt: Nullable(Instant),
    cleanAt: Nullable(
      Type.String({ format: 'date-time', description: 'Begin of the last run without a fault' }),
    ),
    fullAt: Nullable(Instant),
    country: Nullable(Type.String()),
    level: Nullable(Type.Integer()),
    software: Nullable(Type.String()),
    lastRun: Nullable(Type.Unsafe<HarvestRun>(Type.Ref('HarvestRun'))),
    version: Type.Integer(),
    createdAt: Instant,
    changedAt: Instant,
    changedBy: Type.String(),
  },
  { $id: 'Source' },
)
export type Source = Static<typeof Source>

export const SourceQuery = Type.Object(
  {
    registry: Type.Optional(Type.Boolean({ description: 'Portals of the registry that nobody uses yet' })),
    q: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    kind: Type.Optional(Type.Enum([...sourceKinds, 'none'])),
    country: Type.Optional(Type.String({ maxLength: 10 })),
    level: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000 })),
    active: Type.Optional(Type.Boolean()),
    problems: Type.Optional(Type.Boolean()),
    cursor: Type.Optional(Type.String({ maxLength: 300 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
  },
  { additionalProperties: false },
)

/** Where the entry of a record comes from, and who else holds it. */
export const DatasetOrigin = Type.Object(
  {
    source: Nullable(
      Type.Object({
        name: Type.String(),
        title: Nullable(Type.String()),
        url: Nullable(Type.String()),
        identifier: Type.String(),
      }),
    ),
    linked: Type.Array(
      Type.Object({
        name: Type.String(),
        title: Type.String(),
        url: Type.String(),
        identifier: Type.String(),
        reason: Type.Enum(['uid', 'uri', 'code']),
        at: Instant,
      }),
      { maxItems: 50 },
    ),
  },
  { $id: 'DatasetOrigin' },
)
export type DatasetOrigin = Static<typeof DatasetOrigin>

export const sourceSchemas = [HarvestRun, Source, SourceInput, SourceChange, DatasetOrigin] as const
