import Type, { type Static } from 'typebox'
import { BodySummary, ProposedSource, uuid } from './reuse.schema.ts'

/** UTF-16 units of a reason: some sentences. */
const maxReason = 2_000
/** Decisions of one request: an entry's items. */
const maxDecisions = 500

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) =>
  Type.Union([type, Type.Null()])
const Name = Type.String({ minLength: 1, maxLength: 500 })

export const DecisionRequest = Type.Object(
  {
    decisions: Type.Array(
      Type.Union([
        Type.Object(
          {
            item: Name,
            decision: Type.Literal('reuse'),
            source: Type.Object(
              {
                body: Type.String({ minLength: 1, maxLength: 64 }),
                uid: Type.Optional(Nullable(uuid)),
                item: Type.Optional(Nullable(Name)),
              },
              { additionalProperties: false },
            ),
          },
          { additionalProperties: false },
        ),
        Type.Object(
          {
            item: Name,
            decision: Type.Literal('collect'),
            reason: Type.String({ minLength: 1, maxLength: maxReason, pattern: '\\S' }),
          },
          { additionalProperties: false },
        ),
      ]),
      { minItems: 1, maxItems: maxDecisions },
    ),
  },
  { additionalProperties: false },
)
export type DecisionRequest = Static<typeof DecisionRequest>

export const ReuseDecision = Type.Object({
  item: Type.String(),
  key: Type.String(),
  decision: Type.Enum(['reuse', 'collect']),
  source: Nullable(
    Type.Object({ body: BodySummary, uid: Nullable(Type.String()), item: Nullable(Type.String()) }),
  ),
  reason: Nullable(Type.String()),
  at: Type.String(),
  by: Type.String(),
})
export type ReuseDecision = Static<typeof ReuseDecision>

export const EntryReuse = Type.Object(
  {
    /** Items that other bodies hold already, in the order of the entry. */
    items: Type.Array(
      Type.Object({
        index: Type.Integer({ description: 'Place in the items of the entry.' }),
        name: Type.String(),
        key: Type.String(),
        source: ProposedSource,
        /** The item names its source itself, or somebody decided. */
        decided: Type.Boolean(),
      }),
    ),
    decisions: Type.Array(ReuseDecision),
    undecided: Type.Integer(),
    /** Items looked at; the rest of an entry with more is not. */
    checked: Type.Integer(),
    /** Whether the profile lets an entry be handed in with undecided items. */
    required: Type.Boolean(),
  },
  { $id: 'EntryReuse' },
)
export type EntryReuse = Static<typeof EntryReuse>
