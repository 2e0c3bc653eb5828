import Type, { type Static, type TSchema } from 'typebox'
import { actionNames } from './action.schema.ts'

export const tokenLimits = {
  name: 100,
  /** Days: a key that nobody renews in a year is forgotten. */
  maxDays: 366,
  /** Living tokens of one person. */
  perPerson: 50,
} as const

const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

export const TokenInput = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: tokenLimits.name }),
    scopes: Type.Array(Type.Enum(actionNames), {
      minItems: 1,
      maxItems: actionNames.length,
      uniqueItems: true,
      description: 'Actions it is limited to; each must be one that you may do.',
    }),
    expiresAt: Type.String({ format: 'date-time', maxLength: 40, description: 'At most one year from now.' }),
  },
  { additionalProperties: false },
)
export type TokenInput = Static<typeof TokenInput>

export const Token = Type.Object(
  {
    uid: Type.String({ format: 'uuid' }),
    name: Type.String(),
    prefix: Type.String({ description: 'Its first characters, to recognise it.' }),
    scopes: Type.Array(Type.String(), { maxItems: 200 }),
    createdAt: Type.String({ format: 'date-time' }),
    expiresAt: Type.String({ format: 'date-time' }),
    lastUsedAt: Nullable(Type.String({ format: 'date-time' })),
    revokedAt: Nullable(Type.String({ format: 'date-time' })),
  },
  { $id: 'Token' },
)
export type Token = Static<typeof Token>

export const NewToken = Type.Object(
  { ...Token.properties, token: Type.String({ description: 'Shown this once; only its hash is kept.' }) },
  { $id: 'NewToken' },
)
