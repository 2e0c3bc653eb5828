import {
  type BodyRef,
  bodiesWith,
  type CatalogContext,
  type DatasetContent,
  policyObject,
  readLatest,
} from '../catalog/index.ts'
import { ConcordError, type Fault } from '../platform/errors.ts'
import { type Db, inTransaction } from '../platform/postgres.ts'
import { audit, authorize } from '../security/index.ts'
import type { ReuseContext } from './context.ts'
import { type DecisionInput, type DecisionRow, selectDecisions, upsertDecisions } from './decision.queries.ts'
import type { DecisionRequest, EntryReuse, ReuseDecision } from './decision.schema.ts'
import { maxItemsAsked } from './reuse.schema.ts'
import { findSimilar } from './similar.ts'
import { summary } from './source.ts'

/** What is decided about items that others hold already: take them from the source, or say why not. */

/** Items of an entry that are checked; the largest entries of real catalogues have some hundred. */
const maxChecked = 500
/** Names of items in an audit event. */
const auditedNames = 50

/** The items of an entry's newest content that other bodies hold, and what was decided about each. @throws not_found */
export async function getEntryReuse(
  ctx: ReuseContext,
  catalog: CatalogContext,
  uid: string,
): Promise<EntryReuse> {
  const { meta, content } = await readLatest(ctx.db, catalog, uid)
  return checkEntry(ctx, meta.id, content)
}

/** The same for a content at hand. */
export async function checkEntry(
  ctx: ReuseContext,
  datasetId: number,
  content: DatasetContent,
): Promise<EntryReuse> {
  const items = (content.items ?? []).slice(0, maxChecked)
  const rows = await selectDecisions(ctx.db, datasetId)
  const { byId } = await bodiesWith(
    ctx.db,
    [],
    rows.flatMap((r) => r.sourceOrganisationId ?? []),
  )
  const decided = new Set(rows.map((r) => r.itemKey))
  const held: EntryReuse['items'] = []
  for (let from = 0; from < items.length; from += maxItemsAsked) {
    const part = items.slice(from, from + maxItemsAsked)
    const found = await findSimilar(ctx, part, { except: datasetId, sameOnly: true })
    for (const [i, { name, key, source }] of found.entries()) {
      // Whoever is the source itself collects it once, and rightly.
      if (!source || source.body.code === content.body) continue
      const named = part[i]!.body
      const isNamed = named !== undefined && named !== null && named !== content.body
      held.push({ index: from + i, name, key, source, decided: isNamed || decided.has(key) })
    }
  }
  return {
    items: held,
    decisions: rows.map((row) => toDecision(row, byId)),
    undecided: held.filter((item) => !item.decided).length,
    checked: items.length,
    required: ctx.profile.reuse.required,
  }
}

/** A fault for each item that others hold and nobody has decided about. */
export async function undecidedFaults(
  ctx: ReuseContext,
  datasetId: number,
  content: DatasetContent,
): Promise<Fault[]> {
  const { items } = await checkEntry(ctx, datasetId, content)
  return items
    .filter((item) => !item.decided)
    .map(({ index, name, source }) => ({
      path: `/items/${index}`,
      rule: 'reuse_undecided',
      message: `${name} is held already; ${source.body.name} is its proposed source.`,
      remedy: 'Take the item from its source, or say why it is collected again.',
    }))
}

const toDecision = (row: DecisionRow, bodies: ReadonlyMap<number, BodyRef>): ReuseDecision => ({
  item: row.itemName,
  key: row.itemKey,
  decision: row.decision,
  source:
    row.sourceOrganisationId === null
      ? null
      : {
          body: summary(bodies.get(row.sourceOrganisationId)!),
          uid: row.sourceUid,
          item: row.sourceItem,
        },
  reason: row.reason,
  at: row.at,
  by: row.by,
})

/**
 * Keeps decisions about items of an entry, audited; a later one about the same item replaces the former.
 * @throws not_found, forbidden, invalid_content for a source that is no body
 */
export async function decide(
  ctx: ReuseContext,
  catalog: CatalogContext,
  uid: string,
  { decisions }: DecisionRequest,
): Promise<void> {
  await inTransaction(ctx.db, async (tx) => {
    const { meta } = await readLatest(tx, catalog, uid)
    authorize(catalog.actor, 'reuse:decide', policyObject(meta))
    const rows = await toRows(tx, ctx, decisions)
    const { personId, name } = catalog.actor
    await upsertDecisions(tx, meta.id, rows, { personId: personId ?? null, name })
    await audit(tx, {
      actor: catalog.actor,
      action: 'reuse:decide',
      objectKind: 'dataset',
      objectId: uid,
      organisationId: meta.organisationId,
      decision: 'allow',
      requestId: catalog.requestId,
      detail: {
        reuse: rows.filter((r) => r.decision === 'reuse').length,
        collect: rows.filter((r) => r.decision === 'collect').length,
        items: rows.slice(0, auditedNames).map((r) => r.itemName),
      },
    })
  })
}

async function toRows(
  tx: Db,
  ctx: ReuseContext,
  decisions: DecisionRequest['decisions'],
): Promise<DecisionInput[]> {
  const codes = decisions.flatMap((d) => (d.decision === 'reuse' ? [d.source.body] : []))
  const { byCode } = await bodiesWith(tx, codes)
  const faults: Fault[] = []
  const rows = new Map<string, DecisionInput>()
  for (const [i, d] of decisions.entries()) {
    const itemKey = ctx.read(d.item).key
    const row = { itemKey, itemName: d.item, decision: d.decision }
    if (d.decision === 'collect') {
      rows.set(itemKey, {
        ...row,
        sourceOrganisationId: null,
        sourceUid: null,
        sourceItem: null,
        reason: d.reason,
      })
      continue
    }
    const { body, uid = null, item = null } = d.source
    const sourceOrganisationId = byCode.get(body)
    if (sourceOrganisationId === undefined)
      faults.push({
        path: `/decisions/${i}/source/body`,
        rule: 'unknown_body',
        message: `${body} is not the code of a body.`,
        remedy: 'Take the code of a body from GET /api/v1/organisations.',
      })
    else rows.set(itemKey, { ...row, sourceOrganisationId, sourceUid: uid, sourceItem: item, reason: null })
  }
  if (faults.length > 0)
    throw new ConcordError('invalid_content', 'A decision names no body that exists.', { faults })
  return [...rows.values()]
}
