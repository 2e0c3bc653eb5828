import Type, { type TSchema } from 'typebox'
import { actionNames } from './action.schema.ts'
import { Role } from './person.schema.ts'

const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

export const SignInInput = Type.Object(
  {
    // Wider than the form of a login: a wrong form is a wrong login, nothing more is told.
    login: Type.String({ minLength: 1, maxLength: 254, pattern: '^[^\\u0000-\\u001f]+$' }),
    password: Type.String({ minLength: 1, maxLength: 200 }),
  },
  { additionalProperties: false },
)

export const SessionState = Type.Object(
  {
    actor: Type.Object({
      kind: Type.Enum(['anonymous', 'person', 'token']),
      uid: Nullable(Type.String()),
      login: Nullable(Type.String()),
      name: Type.String(),
      language: Nullable(Type.String()),
      organisationUid: Nullable(Type.String()),
      organisationName: Nullable(Type.String()),
      roles: Type.Array(Role, { maxItems: 20 }),
    }),
    csrfToken: Nullable(
      Type.String({ description: 'To be sent as X-CSRF-Token with every change made with the cookie.' }),
    ),
    expiresAt: Nullable(Type.String({ format: 'date-time' })),
    allowed: Type.Array(Type.Enum(actionNames), {
      maxItems: actionNames.length,
      description: 'Actions the actor may do on at least something.',
    }),
  },
  { $id: 'SessionState' },
)

/** An account that a demo node shows to everybody: it opens nothing real. */
export const DemoAccount = Type.Object({
  login: Type.String(),
  password: Type.String(),
  role: Type.String(),
  /** What the person does, by language. */
  does: Type.Record(Type.String(), Type.String()),
})

export const SignInMethods = Type.Object(
  {
    password: Type.Boolean(),
    oidc: Nullable(
      Type.Object({
        label: Type.String(),
        start: Type.String({ description: 'Path to send the browser to.' }),
      }),
    ),
    demo: Type.Array(DemoAccount),
  },
  { $id: 'SignInMethods' },
)
