import Type, { type Static, type TSchema } from 'typebox'

const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/** Findings of an entry that are kept; their numbers are kept in full. */
export const maxFindings = 50

export const ShaclFinding = Type.Object({
  severity: Type.Enum(['violation', 'warning', 'info']),
  /** The part of the entry: empty for the entry itself, `#distribution-1`, or another address. */
  node: Type.String(),
  /** The property, as `dct:title`; empty where the node itself is at fault. */
  path: Type.String(),
  /** The constraint of SHACL, as `MinCount`. */
  rule: Type.String(),
  message: Type.String(),
  value: Nullable(Type.String()),
})
export type ShaclFinding = Static<typeof ShaclFinding>

/** What checking one graph gave. */
export interface ShaclOutcome {
  conforms: boolean | null
  violations: number
  warnings: number
  findings: ShaclFinding[]
}

const Shapes = Type.Object({ file: Type.String(), sha256: Type.String() })

export const ShaclReport = Type.Object(
  {
    /** The shapes that this node checks with; null where its operator named none. */
    shapes: Nullable(Shapes),
    /** The latest check, perhaps of an earlier version or with earlier shapes; null before the first. */
    result: Nullable(
      Type.Object({
        version: Type.Integer(),
        /** It is of the published version and with the shapes above. */
        current: Type.Boolean(),
        shapes: Shapes,
        conforms: Nullable(Type.Boolean()),
        violations: Type.Integer(),
        warnings: Type.Integer(),
        findings: Type.Array(ShaclFinding, { description: `The first ${maxFindings}` }),
        checkedAt: Type.String({ format: 'date-time' }),
      }),
    ),
  },
  { $id: 'ShaclReport' },
)
export type ShaclReport = Static<typeof ShaclReport>
