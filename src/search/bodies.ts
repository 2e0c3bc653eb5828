import { normalise } from './tokens.ts'

/** A public body as search needs it. */
export interface SearchBody {
  /** `security.organisation.id`. */
  id: number
  code: string
  name: string
  /** Names in other languages by language tag. */
  translations: Record<string, string>
  tier: string
  /** Its territory, then the territories around it, innermost first. */
  regions: string[]
}

/** All bodies, by id and by folded name. */
export interface BodyTable {
  byId: Map<number, SearchBody>
  byCode: Map<string, SearchBody>
  /** Largest id. */
  largest: number
  /** Folded names and codes of each body, one line. */
  folded: Map<number, string>
  tiers: string[]
  regions: string[]
  /** By id: the number of the tier, and the numbers of the territories around the body. */
  tierOf: Int32Array
  regionsOf: (readonly number[] | undefined)[]
}

export function createBodyTable(bodies: SearchBody[]): BodyTable {
  const folded = bodies.map(
    (b) => [b.id, [b.name, ...Object.values(b.translations), b.code].map(normalise).join('\n')] as const,
  )
  const largest = bodies.reduce((most, b) => Math.max(most, b.id), 0)
  const tiers = [...new Set(bodies.map((b) => b.tier))]
  const regions = [...new Set(bodies.flatMap((b) => b.regions))]
  const tierNumbers = new Map(tiers.map((tier, i) => [tier, i]))
  const regionNumbers = new Map(regions.map((region, i) => [region, i]))
  const tierOf = new Int32Array(largest + 1).fill(-1)
  const regionsOf: (readonly number[] | undefined)[] = new Array(largest + 1).fill(undefined)
  for (const body of bodies) {
    tierOf[body.id] = tierNumbers.get(body.tier)!
    regionsOf[body.id] = body.regions.map((region) => regionNumbers.get(region)!)
  }
  return {
    byId: new Map(bodies.map((b) => [b.id, b])),
    byCode: new Map(bodies.map((b) => [b.code, b])),
    largest,
    folded: new Map(folded),
    tiers,
    regions,
    tierOf,
    regionsOf,
  }
}

/** The words of a body that its entries are found by: names in all languages. */
export function bodyText(table: BodyTable, id: number): string {
  const body = table.byId.get(id)
  return body ? [body.name, ...Object.values(body.translations)].join('\n') : ''
}

/**
 * Ids of the bodies meant by a folded text: those whose name or code it is; else those whose names or code contain
 * every blank-separated part of it.
 */
export function matchBodies(table: BodyTable, text: string): Set<number> {
  const parts = text.split(' ')
  const exact = new Set<number>()
  const found = new Set<number>()
  for (const [id, line] of table.folded) {
    if (!parts.every((part) => line.includes(part))) continue
    found.add(id)
    if (line.includes(text) && line.split('\n').includes(text)) exact.add(id)
  }
  return exact.size > 0 ? exact : found
}
