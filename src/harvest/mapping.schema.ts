import Type, { type Static } from 'typebox'

/** How records of a file become catalogue entries: a mapping file, as kept in `mappings/` and written in the web. */

/** Formats of files. `json` is any JSON with a list of records somewhere; it needs a mapping. */
export const fileFormats = ['ckan', 'dcat-us', 'csv', 'xlsx', 'jsonl', 'json'] as const
/** Formats of records: those of files, a data set of a DCAT catalogue in RDF, an entry of another node. */
export const formats = [...fileFormats, 'dcat', 'concord'] as const
export type Format = (typeof formats)[number]

/** Limits of a mapping file: ten times the largest kept in `mappings/`. */
const fieldLimit = 200
const stepLimit = 10
const lookupLimit = 2_000

const text = (maxLength: number, minLength = 0) => Type.String({ minLength, maxLength })

const Step = Type.Union([
  Type.Object({ split: text(10, 1) }, { additionalProperties: false, description: 'Text to list.' }),
  Type.Object({ join: text(10) }, { additionalProperties: false, description: 'List to text.' }),
  Type.Object(
    { prefix: text(500, 1) },
    { additionalProperties: false, description: 'Put before every text.' },
  ),
  Type.Object(
    { replace: Type.Object({ find: text(100, 1), by: text(100) }, { additionalProperties: false }) },
    { additionalProperties: false, description: 'Replace every occurrence of a plain text.' },
  ),
  Type.Object(
    { lookup: Type.Record(Type.String({ maxLength: 200 }), text(500), { maxProperties: lookupLimit }) },
    {
      additionalProperties: false,
      description:
        'Codes by value, letter case ignored; `*` is for values not listed, else they warn and are left out.',
    },
  ),
  Type.Object(
    { date: Type.Enum(['date', 'date-time']) },
    {
      additionalProperties: false,
      description: 'A date in any usual form; what is none warns and is left out.',
    },
  ),
  Type.Object(
    { updateCycle: Type.Literal(true) },
    { additionalProperties: false, description: 'Words and ISO 8601 repetitions to a code of the profile.' },
  ),
  Type.Object(
    { language: text(35, 2) },
    {
      additionalProperties: false,
      description: 'One language out of {language: text}; else the first there is.',
    },
  ),
  Type.Object(
    { html: Type.Literal(true) },
    { additionalProperties: false, description: 'HTML to plain text.' },
  ),
  Type.Object(
    {
      itemList: Type.Object(
        {
          /** Between name and description within a text. */
          separator: Type.Optional(text(10, 1)),
          /** Pointers to lists of the same length in other languages. */
          translations: Type.Optional(
            Type.Record(Type.String({ maxLength: 35 }), text(200), { maxProperties: 10 }),
          ),
        },
        { additionalProperties: false },
      ),
    },
    {
      additionalProperties: false,
      description: 'A list of texts "name - description" to information items.',
    },
  ),
  Type.Object(
    {
      columnList: Type.Object(
        {
          /** Fewer names than this are a sentence, not a list. */
          minimum: Type.Optional(Type.Integer({ minimum: 2, maximum: 100, default: 3 })),
          /** Characters of the longest name. */
          longest: Type.Optional(Type.Integer({ minimum: 2, maximum: 100, default: 20 })),
        },
        { additionalProperties: false },
      ),
    },
    {
      additionalProperties: false,
      description: 'A description that lists column names, to information items.',
    },
  ),
])
export type Step = Static<typeof Step>

const Source = text(200, 1)
const Constant = Type.Union([text(5_000), Type.Number(), Type.Boolean()])
export const Expression = Type.Object(
  {
    /** A column, or a JSON pointer into the record; of several the first that is not empty. */
    from: Type.Optional(Type.Union([Source, Type.Array(Source, { minItems: 1, maxItems: 10 })])),
    /** The value where `from` gives none. */
    const: Type.Optional(Constant),
    /** Only where this column or pointer is not empty. */
    when: Type.Optional(Source),
    steps: Type.Optional(Type.Array(Step, { maxItems: stepLimit })),
  },
  { additionalProperties: false },
)
export type Expression = Static<typeof Expression>

const ReadSettings = Type.Object(
  {
    encoding: Type.Optional(text(40)),
    delimiter: Type.Optional(Type.String({ maxLength: 1, description: 'Empty: a line is one column.' })),
    header: Type.Optional(Type.Boolean()),
    columns: Type.Optional(Type.Array(text(200, 1), { minItems: 1, maxItems: 500 })),
    fillShortRows: Type.Optional(
      Type.Boolean({
        description:
          'CSV: a record with fewer cells than columns is whole, because the file leaves out empty cells at the end. Otherwise it is rejected: it may be the rest of a torn one.',
      }),
    ),
    records: Type.Optional(Type.String({ maxLength: 200, pattern: '^(/[^/]+)*$' })),
    sheet: Type.Optional(Type.Union([Type.Integer({ minimum: 1, maximum: 1000 }), text(100, 1)])),
  },
  { additionalProperties: false },
)

const fieldPath = '^[a-z][A-Za-z]{0,40}(\\.[A-Za-z0-9-]{1,40}){0,4}$'

export const Mapping = Type.Object(
  {
    name: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,60}$' }),
    description: Type.Optional(text(1_000)),
    format: Type.Enum([...formats]),
    /** Identity of the source: entries are found again by (source, identifier). Default: the file's name. */
    source: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$' })),
    read: Type.Optional(ReadSettings),
    /** Code of the body that provides what the records do not say otherwise. */
    body: Type.Optional(text(64, 1)),
    /** The body as each record names it, by code, credit code or name. */
    bodyFrom: Type.Optional(Expression),
    identifier: Type.Optional(Expression),
    /** Entry field, e.g. `title`, `translations.en.title`, `distributions.0.accessUrl`, to where its value comes from. */
    fields: Type.Optional(
      Type.Record(Type.String({ pattern: fieldPath, maxLength: 200 }), Expression, {
        maxProperties: fieldLimit,
      }),
    ),
    /**
     * Values of fields that the record leaves empty. `sharingType` and `openType` belong here where the source does not
     * say them: without them the careful class is taken and the report says so.
     */
    defaults: Type.Optional(
      Type.Record(Type.String({ pattern: fieldPath, maxLength: 200 }), Constant, {
        maxProperties: fieldLimit,
      }),
    ),
  },
  { additionalProperties: false, $id: 'ImportMapping' },
)
export type Mapping = Static<typeof Mapping>
