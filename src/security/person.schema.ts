import Type, { type Static, type TSchema } from 'typebox'
import { roles } from './role.schema.ts'

export const personLimits = {
  name: 200,
  login: 64,
  /** RFC 5321. */
  email: 254,
  /** Characters: long enough that guessing is hopeless behind the throttle; short enough to hash at once. */
  passwordMin: 10,
  passwordMax: 200,
  page: 200,
} as const

const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

const Login = Type.String({
  pattern: '^[a-z0-9][a-z0-9._@+-]*$',
  minLength: 1,
  maxLength: personLimits.login,
  description: 'Lower case.',
})
const Password = Type.String({
  minLength: personLimits.passwordMin,
  maxLength: personLimits.passwordMax,
})
export const Role = Type.Enum([...roles])
const Email = Type.String({ format: 'email', maxLength: personLimits.email })
const Name = Type.String({ minLength: 1, maxLength: personLimits.name })
const Language = Type.String({ pattern: '^[a-z]{2,3}(-[A-Za-z0-9]+)*$', maxLength: 35 })
const Uid = Type.String({ format: 'uuid' })

/** A new account. Without a password the person signs in by the organisation's own sign-in service. */
export const PersonInput = Type.Object(
  {
    login: Login,
    name: Name,
    email: Type.Optional(Nullable(Email)),
    organisationUid: Uid,
    password: Type.Optional(Nullable(Password)),
    language: Type.Optional(Nullable(Language)),
  },
  { additionalProperties: false },
)
export type PersonInput = Static<typeof PersonInput>

export const PersonPatch = Type.Object(
  {
    name: Type.Optional(Name),
    email: Type.Optional(Nullable(Email)),
    organisationUid: Type.Optional(Uid),
    language: Type.Optional(Nullable(Language)),
  },
  { additionalProperties: false, minProperties: 1 },
)
export type PersonPatch = Static<typeof PersonPatch>

export const PasswordInput = Type.Object(
  {
    password: Password,
    /** Needed when one changes the own password. */
    currentPassword: Type.Optional(Type.String({ minLength: 1, maxLength: personLimits.passwordMax })),
  },
  { additionalProperties: false },
)

export const Person = Type.Object(
  {
    uid: Uid,
    login: Type.String(),
    name: Type.String(),
    email: Nullable(Type.String()),
    organisationUid: Uid,
    organisationName: Type.String(),
    language: Nullable(Type.String()),
    roles: Type.Array(Role, { maxItems: roles.length }),
    hasPassword: Type.Boolean(),
    /** True when an outside sign-in service is bound to the account. */
    hasOidc: Type.Boolean(),
    disabledAt: Nullable(Type.String({ format: 'date-time' })),
    createdAt: Type.String({ format: 'date-time' }),
  },
  { $id: 'Person' },
)
export type Person = Static<typeof Person>
