import Type, { type Static, type TSchema } from 'typebox'

export const noticeLimits = {
  /** Unread notices of a person; older ones are folded into one. */
  unread: 1_000,
  /** Notices of one page, and ids of one request. */
  page: 100,
  ids: 1_000,
  /** Characters of one filled-in text: a title, not a document. */
  param: 300,
  /** Days that notices are kept once read, and at all. */
  readDays: 90,
  days: 365,
} as const

const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const Id = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })

export const Notice = Type.Object(
  {
    id: Type.Integer(),
    kind: Type.String({ description: 'What happened, `noun.verb`.' }),
    params: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Null()]), {
      description: 'What the text of the kind fills in.',
    }),
    title: Type.String({ description: 'In the language of your notices.' }),
    body: Type.String(),
    link: Type.String({ description: 'Path of the page about it.' }),
    objectKind: Type.String(),
    objectId: Type.String(),
    createdAt: Type.String({ format: 'date-time' }),
    readAt: Nullable(Type.String({ format: 'date-time' })),
  },
  { $id: 'Notice' },
)
export type Notice = Static<typeof Notice>

export const UnreadCount = Type.Object(
  { unread: Type.Integer({ minimum: 0, maximum: noticeLimits.unread }) },
  { $id: 'UnreadCount' },
)

export const NoticeIds = Type.Object({
  ids: Type.Array(Id, { minItems: 1, maxItems: noticeLimits.ids, uniqueItems: true }),
})
/** `upTo`: all that were there when you looked, and none that came since. */
export const ReadInput = Type.Union([
  Type.Object({ ids: NoticeIds.properties.ids }, { additionalProperties: false }),
  Type.Object({ upTo: Id }, { additionalProperties: false }),
])
export type ReadInput = Static<typeof ReadInput>
