import Type, { type Static } from 'typebox'
import { Evidence } from './profile-evidence.ts'

/** By which measure the catalogue is counted and its entries are scored (src/coverage). */
export const Coverage = Type.Object(
  {
    version: Type.String({ pattern: '^\\d+\\.\\d+\\.\\d+$' }),
    evidence: Evidence,
    /** Points of the checks that this jurisdiction asks for; also replaces those of the European method. */
    points: Type.Record(Type.String(), Type.Integer({ minimum: 0, maximum: 200 })),
    /** From which share of the points an entry has a rating, the best first, the last from 0. */
    ratings: Type.Array(
      Type.Object(
        {
          code: Type.String({ pattern: '^[a-z_]{1,30}$' }),
          from: Type.Number({ minimum: 0, maximum: 1 }),
          label: Type.Record(Type.String(), Type.String({ minLength: 1 })),
        },
        { additionalProperties: false },
      ),
      { minItems: 2, maxItems: 10 },
    ),
    /** Beginnings of the addresses of known licences. */
    licences: Type.Array(Type.String({ minLength: 8 }), { minItems: 1, maxItems: 200 }),
  },
  { additionalProperties: false },
)

/** Where a territory stands on a map made of tiles. */
export const RegionTile = Type.Object(
  {
    code: Type.String(),
    /** One or two characters that stand on the tile. */
    short: Type.Record(Type.String(), Type.String({ minLength: 1, maxLength: 4 })),
    column: Type.Integer({ minimum: 0, maximum: 30 }),
    row: Type.Integer({ minimum: 0, maximum: 30 }),
  },
  { additionalProperties: false },
)

/** What the form cannot say: ratings descend to 0, tiles do not lie on each other. */
export function coverageFaults({
  coverage,
  regionTiles,
}: {
  coverage: Static<typeof Coverage>
  regionTiles: Static<typeof RegionTile>[]
}): string[] {
  const faults: string[] = []
  const from = coverage.ratings.map((r) => r.from)
  if (from.some((f, i) => i > 0 && f >= from[i - 1]!) || from.at(-1) !== 0)
    faults.push('/coverage/ratings must descend from the best to one that begins at 0')
  const places = regionTiles.flatMap((t) => [t.code, `${t.column} ${t.row}`])
  if (new Set(places).size !== places.length) faults.push('/regionTiles has a territory or a place twice')
  return faults
}
