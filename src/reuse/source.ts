import type { Bodies, BodyRef, HeldItem } from '../catalog/index.ts'
import type { ReuseContext } from './context.ts'
import { type Likeness, sameFrom } from './item-compare.ts'
import type { DuplicateSource } from './item-name.queries.ts'
import { baseDatabases, tiersInOrder } from './profile-ranks.ts'
import type { ItemHolder, ProposedSource, SourceReason } from './reuse.schema.ts'

/** Which of several holders should be the one source of an item. */

export interface RankedHolder extends Likeness {
  held: HeldItem
}

/** What a holder has to say for itself, most important first: the larger of two numbers wins. */
const claimOrder = ['named_source', 'base_database', 'highest_tier', 'best_described'] as const
type Claims = Record<(typeof claimOrder)[number], number>

/**
 * Holders in the order in which they are proposed as the source, those of the same item first: the body that others name as their source, a base
 * database, the higher tier, the better description, the older entry.
 */
export function rankHolders(ctx: ReuseContext, holders: RankedHolder[], bodies: Bodies): RankedHolder[] {
  const claims = claimsOf(ctx, holders, bodies)
  const isSame = (h: RankedHolder) => Number(h.score >= sameFrom)
  return [...holders].sort((a, b) => {
    if (isSame(a) !== isSame(b)) return isSame(b) - isSame(a)
    const decides = decidingClaim(claims(a), claims(b))
    return decides ? claims(b)[decides] - claims(a)[decides] : a.held.datasetId - b.held.datasetId
  })
}

/** How often each body is named as the source by other bodies. */
function namedSources(holders: RankedHolder[]): Map<number, number> {
  const named = new Map<number, number>()
  for (const { held } of holders)
    if (held.sourceId !== null) named.set(held.sourceId, (named.get(held.sourceId) ?? 0) + 1)
  return named
}

function claimsOf(ctx: ReuseContext, holders: RankedHolder[], bodies: Bodies) {
  const base = new Set(baseDatabases(ctx.profile))
  const tiers = tiersInOrder(ctx.profile)
  const named = namedSources(holders)
  return ({ held }: RankedHolder): Claims => ({
    // An item that names another body as its source is not the source itself.
    named_source: (named.get(held.organisationId) ?? 0) - (held.sourceId === null ? 0 : 1),
    base_database: held.database !== null && base.has(held.database) ? 1 : 0,
    highest_tier: -tiers.indexOf(bodies.byId.get(held.organisationId)!.tier),
    best_described: held.quality,
  })
}

/** The first claim in which two holders differ. */
const decidingClaim = (a: Claims, b: Claims) => claimOrder.find((claim) => a[claim] !== b[claim])

/** The source that the last report proposes: it has seen all holders. */
export const reportedSource = (
  report: DuplicateSource,
  held: HeldItem | undefined,
  bodies: Bodies,
): ProposedSource => ({
  body: summary(bodies.byId.get(report.organisationId)!),
  reason: report.reason as SourceReason,
  uid: held?.uid ?? null,
  title: held?.title ?? null,
  item: held?.name ?? null,
  asOf: report.asOf,
})

/** The source that holders just found point to. */
export function proposeSource(ctx: ReuseContext, holders: RankedHolder[], bodies: Bodies): ProposedSource {
  const ranked = rankHolders(ctx, holders, bodies)
  const first = ranked[0]!.held
  const named = [...namedSources(holders)].sort((a, b) => b[1] - a[1])[0]?.[0]
  // Others name a body that holds no published entry with the item yet.
  if (named !== undefined && !ranked.some((h) => h.held.organisationId === named))
    return {
      body: summary(bodies.byId.get(named)!),
      reason: 'named_source',
      uid: null,
      title: null,
      item: null,
      asOf: null,
    }
  const rival = ranked.find((h) => h.held.organisationId !== first.organisationId)
  const claims = claimsOf(ctx, ranked, bodies)
  return {
    body: summary(bodies.byId.get(first.organisationId)!),
    reason: rival ? (decidingClaim(claims(ranked[0]!), claims(rival)) ?? 'first_registered') : 'only_holder',
    uid: first.uid,
    title: first.title,
    item: first.name,
    asOf: null,
  }
}

export const summary = ({ code, name, translations, tier }: BodyRef) => ({ code, name, translations, tier })

export const toHolder = ({ held, reasons }: RankedHolder, bodies: Bodies): ItemHolder => ({
  uid: held.uid,
  title: held.title,
  titles: held.titles,
  body: summary(bodies.byId.get(held.organisationId)!),
  item: held.name,
  dataType: held.dataType,
  dataElement: held.dataElement,
  database: held.database,
  quality: held.quality,
  source: held.sourceId === null ? null : summary(bodies.byId.get(held.sourceId)!),
  reasons,
})
