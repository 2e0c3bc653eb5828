import Type, { type Static, type TSchema } from 'typebox'
import { BodyRef, datasetStates } from './dataset.schema.ts'

const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/** Entries on one page. */
export const maxListLimit = 100

export const ListQuery = Type.Object(
  {
    body: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'Code of the body.' })),
    state: Type.Optional(Type.Enum([...datasetStates])),
    q: Type.Optional(Type.String({ maxLength: 100, description: 'How the title begins.' })),
    drafts: Type.Optional(
      Type.Boolean({ description: 'Entries with unpublished work, of your organisation and below.' }),
    ),
    mine: Type.Optional(Type.Boolean({ description: 'Entries whose newest version you wrote.' })),
    order: Type.Optional(
      Type.Enum(['id', 'changed'], {
        description: 'id: oldest first (default); changed: last change first (default for drafts and mine).',
      }),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: maxListLimit, default: 20 })),
    cursor: Type.Optional(
      Type.String({ pattern: '^[A-Za-z0-9_-]+$', maxLength: 100, description: '`next` of the page before.' }),
    ),
  },
  { additionalProperties: false },
)
export type ListQuery = Static<typeof ListQuery>

export const DatasetListItem = Type.Object({
  uid: Type.String({ format: 'uuid' }),
  state: Type.Enum([...datasetStates]),
  version: Type.Integer(),
  latestVersion: Type.Integer(),
  hasDraft: Type.Boolean(),
  /** The title of the draft, where there is one beside the published version. */
  draftTitle: Nullable(Type.String()),
  title: Type.String(),
  language: Type.String(),
  translations: Type.Record(Type.String(), Type.Unknown()),
  body: BodyRef,
  theme: Type.Array(Type.String()),
  sharingType: Type.String(),
  openType: Type.String(),
  itemCount: Type.Integer(),
  quality: Type.Integer(),
  useCount: Type.Integer(),
  publishedAt: Nullable(Type.String({ format: 'date-time' })),
  changedAt: Type.String({ format: 'date-time' }),
  changedBy: Type.String(),
})
export type DatasetListItem = Static<typeof DatasetListItem>

export const DatasetList = Type.Object(
  { items: Type.Array(DatasetListItem), next: Nullable(Type.String()) },
  { $id: 'DatasetList' },
)
