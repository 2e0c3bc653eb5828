import Type, { type Static, type TSchema } from 'typebox'

/** Limits of a body. Names: the longest official name seen has 60 characters; the rest leaves room. */
export const organisationLimits = {
  name: 300,
  description: 5_000,
  contact: 1_000,
  url: 2_000,
  /** Rows of one page. */
  page: 200,
  query: 200,
  /** Bodies of one level or path that a tree answer holds: twice the 6,000 of the test scale. */
  tree: 12_000,
} as const

const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const Language = Type.String({ pattern: '^[a-z]{2,3}(-[A-Za-z0-9]+)*$', maxLength: 35 })
const Code = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$',
  maxLength: 64,
  description: 'Stable key for addresses and imports.',
})
const CreditCode = Type.String({
  minLength: 18,
  maxLength: 18,
  description: 'Unified social credit code (GB 32100-2015); its check character is verified.',
})
const Tier = Type.String({
  minLength: 1,
  maxLength: 64,
  description: "A code of the profile's list tier.",
})
const DivisionCode = Type.String({
  pattern: '^[A-Za-z0-9.-]{1,20}$',
  maxLength: 20,
  description: 'Code of the territory it serves; none for central bodies.',
})
const HttpAddress = Type.String({ maxLength: organisationLimits.url, pattern: '^https?://[^\\s<>"]+$' })

const Translations = Type.Record(
  Language,
  Type.Object(
    {
      name: Type.Optional(Type.String({ maxLength: organisationLimits.name })),
      description: Type.Optional(Type.String({ maxLength: organisationLimits.description })),
    },
    { additionalProperties: false },
  ),
  { maxProperties: 20 },
)

/** What a caller says about a body. */
export const OrganisationInput = Type.Object(
  {
    code: Code,
    name: Type.String({ minLength: 1, maxLength: organisationLimits.name }),
    translations: Type.Optional(Translations),
    tier: Tier,
    divisionCode: Type.Optional(Nullable(DivisionCode)),
    creditCode: Type.Optional(Nullable(CreditCode)),
    parentUid: Type.Optional(Nullable(Type.String({ format: 'uuid' }))),
    description: Type.Optional(Nullable(Type.String({ maxLength: organisationLimits.description }))),
    homepage: Type.Optional(Nullable(HttpAddress)),
    contact: Type.Optional(Nullable(Type.String({ maxLength: organisationLimits.contact }))),
  },
  { additionalProperties: false },
)
export type OrganisationInput = Static<typeof OrganisationInput>

/** A change: only what is given changes; null empties. The code never changes. */
export const OrganisationPatch = Type.Partial(Type.Omit(OrganisationInput, ['code']), {
  additionalProperties: false,
  minProperties: 1,
})
export type OrganisationPatch = Static<typeof OrganisationPatch>

export const Organisation = Type.Object(
  {
    uid: Type.String({ format: 'uuid' }),
    code: Type.String(),
    name: Type.String(),
    translations: Translations,
    tier: Type.String(),
    divisionCode: Nullable(Type.String()),
    creditCode: Nullable(Type.String()),
    parentUid: Nullable(Type.String({ format: 'uuid' })),
    description: Nullable(Type.String()),
    homepage: Nullable(Type.String()),
    contact: Nullable(Type.String()),
    createdAt: Type.String({ format: 'date-time' }),
  },
  { $id: 'Organisation' },
)
export type Organisation = Static<typeof Organisation>

/** A body with the bodies above it, the highest first, and how many are directly below. */
export const OrganisationPage = Type.Object(
  {
    ...Organisation.properties,
    path: Type.Array(
      Type.Object({
        uid: Type.String(),
        code: Type.String(),
        name: Type.String(),
        translations: Translations,
      }),
      { maxItems: 50 },
    ),
    children: Type.Integer({ minimum: 0 }),
  },
  { $id: 'OrganisationPage' },
)

export const OrganisationTreeNode = Type.Object(
  {
    uid: Type.String(),
    code: Type.String(),
    name: Type.String(),
    translations: Translations,
    tier: Type.String(),
    divisionCode: Nullable(Type.String()),
    parentUid: Nullable(Type.String()),
  },
  { $id: 'OrganisationTreeNode' },
)

export const Division = Type.Object(
  {
    code: Type.String(),
    name: Type.String(),
    translations: Translations,
    parentCode: Nullable(Type.String()),
    tier: Type.String(),
    validFrom: Nullable(Type.String({ format: 'date' })),
    validTo: Nullable(Type.String({ format: 'date' })),
  },
  { $id: 'Division' },
)
export type Division = Static<typeof Division>
