import Type, { type Static, type TSchema } from 'typebox'

/**
 * A catalogue entry as people and programs read and write it. Names follow DCAT 3 where it has them
 * (dataset, distribution, data service, theme, keyword, issued, modified, spatial, temporal); the rest is
 * the sharing, opening and grading of government data (docs/glossary.md).
 */

/** Limits of one entry: twice the largest seen in the field's bug trackers would not fit a review; over it is a recorded reject. */
export const limits = {
  title: 500,
  abstract: 20_000,
  shortText: 500,
  longText: 5_000,
  url: 2_000,
  keywords: 200,
  keyword: 200,
  classifications: 20,
  themes: 20,
  distributions: 500,
  services: 100,
  related: 200,
  /** Columns of the widest tables that departments register; wider ones are split by subject. */
  items: 2_000,
  spatial: 100,
  languages: 10,
  identifiers: 20,
  extensionBytes: 50_000,
} as const

const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const text = (maxLength: number, minLength = 0) => Type.String({ minLength, maxLength })
/** A code of a list of the profile; which list is said in the description. */
const code = (list: string) =>
  Type.String({ minLength: 1, maxLength: 64, description: `A code of the profile's list ${list}.` })
const Language = Type.String({ pattern: '^[a-z]{2,3}(-[A-Za-z0-9]+)*$', maxLength: 35 })
const Uid = Type.String({ format: 'uuid' })
const CalendarDate = Type.String({ format: 'date' })
const Url = Type.String({
  maxLength: limits.url,
  pattern: '^(https?|ftp)://[^\\s<>"]+$',
  description: 'http, https or ftp address',
})

export const sharingTypes = ['unconditional', 'conditional', 'not_shared'] as const
export const openTypes = ['unconditional', 'conditional', 'not_open'] as const

export const Item = Type.Object(
  {
    code: Type.Optional(Nullable(text(64))),
    name: text(limits.shortText, 1),
    description: Type.Optional(Nullable(text(limits.longText))),
    translations: Type.Optional(
      Nullable(
        Type.Record(
          Language,
          Type.Object(
            {
              name: Type.Optional(text(limits.shortText)),
              description: Type.Optional(text(limits.longText)),
            },
            { additionalProperties: false },
          ),
          { maxProperties: limits.languages, additionalProperties: false },
        ),
      ),
    ),
    dataType: Type.Optional(Nullable(code('dataType'))),
    length: Type.Optional(Nullable(Type.Integer({ minimum: 0, maximum: 2_000_000_000 }))),
    precision: Type.Optional(Nullable(Type.Integer({ minimum: 0, maximum: 1000 }))),
    isKey: Type.Optional(Type.Boolean()),
    sharingType: Type.Optional(Nullable(Type.Enum([...sharingTypes]))),
    sharingCondition: Type.Optional(Nullable(code('sharingCondition'))),
    refusalBasis: Type.Optional(Nullable(text(limits.longText))),
    openType: Type.Optional(Nullable(Type.Enum([...openTypes]))),
    openCondition: Type.Optional(Nullable(text(limits.longText))),
    updateCycle: Type.Optional(Nullable(code('updateCycle'))),
    grade: Type.Optional(Nullable(code('grade'))),
    /** The item is personal information. */
    personal: Type.Optional(Type.Boolean()),
    /** Code of the body responsible for this item, its source, where it is not the entry's body. */
    body: Type.Optional(Nullable(text(64))),
    sourceItem: Type.Optional(Nullable(text(limits.shortText))),
    /** Identifier of the data element (ISO 11179) that the item is a use of. */
    dataElement: Type.Optional(Nullable(text(100))),
    shareMethod: Type.Optional(Nullable(code('shareMethod'))),
    /** A state or work secret: it is described, never exchanged here. */
    secret: Type.Optional(Type.Boolean()),
    requiredInExchange: Type.Optional(Type.Boolean()),
    /** For dates and times, e.g. YYYYMMDD. */
    dateFormat: Type.Optional(Nullable(text(64))),
    /** The column of a table or the member of a service that the item is mounted to, and its type there. */
    boundColumn: Type.Optional(Nullable(text(limits.shortText))),
    boundType: Type.Optional(Nullable(text(100))),
  },
  { additionalProperties: false, $id: 'Item' },
)
export type Item = Static<typeof Item>

export const Distribution = Type.Object(
  {
    title: Type.Optional(Nullable(text(limits.shortText))),
    description: Type.Optional(Nullable(text(limits.longText))),
    format: Type.Optional(Nullable(text(100))),
    /** The Guide names the category of a format before the format itself. */
    formatCategory: Type.Optional(Nullable(code('formatCategory'))),
    mediaType: Type.Optional(Nullable(text(200))),
    accessUrl: Type.Optional(Nullable(Url)),
    downloadUrl: Type.Optional(Nullable(Url)),
    byteSize: Type.Optional(Nullable(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }))),
    checksum: Type.Optional(Nullable(text(200))),
    license: Type.Optional(Nullable(text(limits.url))),
    issued: Type.Optional(Nullable(CalendarDate)),
    modified: Type.Optional(Nullable(Type.String({ format: 'date-time' }))),
  },
  { additionalProperties: false },
)

export const DataService = Type.Object(
  {
    title: text(limits.shortText, 1),
    description: Type.Optional(Nullable(text(limits.longText))),
    endpointUrl: Type.Optional(Nullable(Url)),
    endpointDescription: Type.Optional(Nullable(Url)),
    conformsTo: Type.Optional(Nullable(text(limits.url))),
  },
  { additionalProperties: false },
)

export const Related = Type.Object(
  {
    /** Address of an entry of this catalogue, or a resource code or outside identifier. */
    uid: Type.Optional(Nullable(Uid)),
    identifier: Type.Optional(Nullable(text(limits.url))),
    kind: Type.Enum(['related', 'part_of', 'has_part', 'source', 'replaces', 'version_of']),
    title: Type.Optional(Nullable(text(limits.title))),
  },
  { additionalProperties: false },
)

export const Contact = Type.Object(
  {
    name: Type.Optional(Nullable(text(limits.shortText))),
    email: Type.Optional(Nullable(text(320))),
    phone: Type.Optional(Nullable(text(64))),
    url: Type.Optional(Nullable(Url)),
  },
  { additionalProperties: false },
)

/** What an author writes; everything a version holds. */
export const DatasetContent = Type.Object(
  {
    /** Code of the body that provides the data. */
    body: text(64, 1),
    language: Type.Optional(Language),
    title: text(limits.title, 1),
    abstract: Type.Optional(text(limits.abstract)),
    translations: Type.Optional(
      Type.Record(
        Language,
        Type.Object(
          { title: Type.Optional(text(limits.title)), abstract: Type.Optional(text(limits.abstract)) },
          { additionalProperties: false },
        ),
        { maxProperties: limits.languages, additionalProperties: false },
      ),
    ),
    /** Codes of the profile's classification; several where the entry sits in several places. */
    classification: Type.Optional(Type.Array(code('classification'), { maxItems: limits.classifications })),
    /** Classification code + separator + sequence, e.g. `101001/000042`. */
    resourceCode: Type.Optional(Type.Array(text(100, 1), { maxItems: limits.classifications })),
    /** What the entry is called elsewhere: addresses, DOIs, identifiers of the portals it came through. */
    identifier: Type.Optional(Type.Array(text(limits.url, 1), { maxItems: limits.identifiers })),
    theme: Type.Optional(Type.Array(code('theme'), { maxItems: limits.themes })),
    keyword: Type.Optional(Type.Array(text(limits.keyword, 1), { maxItems: limits.keywords })),
    database: Type.Optional(Nullable(code('database'))),
    sharingType: Type.Enum([...sharingTypes]),
    sharingCondition: Type.Optional(Nullable(code('sharingCondition'))),
    /** For conditional sharing: who may use it, for what. */
    sharingScope: Type.Optional(Nullable(text(limits.longText))),
    /** For data that is not shared: the law, regulation or decision relied on. */
    refusalBasis: Type.Optional(Nullable(text(limits.longText))),
    shareMethod: Type.Optional(Nullable(code('shareMethod'))),
    openType: Type.Enum([...openTypes]),
    openCondition: Type.Optional(Nullable(text(limits.longText))),
    updateCycle: code('updateCycle'),
    grade: Type.Optional(Nullable(code('grade'))),
    duty: Type.Optional(Nullable(text(limits.longText))),
    serviceMatter: Type.Optional(Nullable(text(64))),
    spatial: Type.Optional(Type.Array(text(200, 1), { maxItems: limits.spatial })),
    temporalStart: Type.Optional(Nullable(CalendarDate)),
    temporalEnd: Type.Optional(Nullable(CalendarDate)),
    issued: Type.Optional(Nullable(CalendarDate)),
    modified: Type.Optional(Nullable(Type.String({ format: 'date-time' }))),
    landingPage: Type.Optional(Nullable(Url)),
    license: Type.Optional(Nullable(text(limits.url))),
    contact: Type.Optional(Nullable(Contact)),
    items: Type.Optional(Type.Array(Item, { maxItems: limits.items })),
    distributions: Type.Optional(Type.Array(Distribution, { maxItems: limits.distributions })),
    services: Type.Optional(Type.Array(DataService, { maxItems: limits.services })),
    related: Type.Optional(Type.Array(Related, { maxItems: limits.related })),
    extension: Type.Optional(
      Type.Record(
        Type.String({ maxLength: 41 }),
        Type.Union([Type.String({ maxLength: limits.longText }), Type.Number(), Type.Boolean(), Type.Null()]),
        { maxProperties: 200 },
      ),
    ),
  },
  { additionalProperties: false, $id: 'DatasetContent' },
)
export type DatasetContent = Static<typeof DatasetContent>

export const datasetStates = ['draft', 'published', 'retired'] as const

/** One version's place in the history. */
export const VersionInfo = Type.Object(
  {
    version: Type.Integer(),
    state: Type.Enum(['draft', 'published', 'retired', 'discarded']),
    at: Type.String({ format: 'date-time' }),
    by: Type.String(),
    reason: Nullable(Type.String()),
    current: Type.Boolean({ description: 'The version people see.' }),
  },
  { $id: 'VersionInfo' },
)
export type VersionInfo = Static<typeof VersionInfo>

/** A body as it is shown beside an entry. */
export const BodyRef = Type.Object({
  uid: Uid,
  code: Type.String(),
  name: Type.String(),
  translations: Type.Record(Type.String(), Type.Unknown()),
  tier: Type.String(),
  divisionCode: Nullable(Type.String()),
})
export type BodyRef = Static<typeof BodyRef>

/** An entry as it is read. `content` is that of `version`. */
export const Dataset = Type.Object(
  {
    uid: Uid,
    state: Type.Enum([...datasetStates]),
    version: Type.Integer(),
    latestVersion: Type.Integer(),
    /** True where a published entry has a newer, unpublished version. */
    hasDraft: Type.Boolean(),
    body: BodyRef,
    content: DatasetContent,
    quality: Type.Integer({ minimum: 0, maximum: 1000 }),
    useCount: Type.Integer(),
    createdAt: Type.String({ format: 'date-time' }),
    publishedAt: Nullable(Type.String({ format: 'date-time' })),
    changedAt: Type.String({ format: 'date-time' }),
    changedBy: Type.String(),
    changeReason: Nullable(Type.String()),
    /** When the data should have changed again, after its declared cycle; null where that promises nothing. */
    updateDue: Nullable(Type.String({ format: 'date-time' })),
  },
  { $id: 'Dataset' },
)
export type Dataset = Static<typeof Dataset>
