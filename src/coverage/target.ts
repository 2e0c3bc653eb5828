import type { CatalogContext } from '../catalog/index.ts'
import { notFound } from '../platform/errors.ts'
import { type Db, inTransaction } from '../platform/postgres.ts'
import { audit, authorize, findOrganisation } from '../security/index.ts'
import { deleteTarget, selectTarget, upsertTargets } from './coverage.queries.ts'
import type { CoverageTarget, TargetInput } from './coverage.schema.ts'

/**
 * Declares how many data resources a body has to catalogue, and by which document. A body does not set its own
 * measure: the data office above it does. @throws not_found, forbidden
 */
export async function declareTarget(
  db: Db,
  ctx: CatalogContext,
  code: string,
  input: TargetInput,
): Promise<CoverageTarget> {
  return inTransaction(db, async (tx) => {
    const id = await allowedBody(tx, ctx, code)
    const before = await selectTarget(tx, id)
    await upsertTargets(tx, [{ organisationId: id, ...input }], ctx.actor.name)
    await note(tx, ctx, code, id, { resources: input.resources, before: before?.resources ?? null })
    return (await selectTarget(tx, id))!
  })
}

/** Declares the numbers of many bodies at once, for a program that reads an inventory; one event tells how many. */
export async function declareTargets(
  db: Db,
  ctx: CatalogContext,
  targets: (TargetInput & { organisationId: number })[],
): Promise<void> {
  for (const { organisationId } of targets)
    authorize(ctx.actor, 'coverage:declare', { kind: 'organisation', organisationId })
  await inTransaction(db, async (tx) => {
    await upsertTargets(tx, targets, ctx.actor.name)
    await audit(tx, {
      actor: ctx.actor,
      requestId: ctx.requestId,
      action: 'coverage:declare',
      decision: 'allow',
      detail: { bodies: targets.length },
    })
  })
}

/** Takes a declared number back: the body is not measured any more. @throws not_found, forbidden */
export async function withdrawTarget(db: Db, ctx: CatalogContext, code: string): Promise<void> {
  await inTransaction(db, async (tx) => {
    const id = await allowedBody(tx, ctx, code)
    const before = await selectTarget(tx, id)
    if (!before) throw notFound(`A declared number of the body ${code}`)
    await deleteTarget(tx, id)
    await note(tx, ctx, code, id, { resources: null, before: before.resources })
  })
}

async function allowedBody(db: Db, ctx: CatalogContext, code: string): Promise<number> {
  const body = await findOrganisation(db, { code })
  if (!body) throw notFound(`The body ${code}`)
  authorize(ctx.actor, 'coverage:declare', { kind: 'organisation', organisationId: body.id })
  return body.id
}

const note = (
  tx: Db,
  { actor, requestId }: CatalogContext,
  code: string,
  organisationId: number,
  detail: Record<string, unknown>,
) =>
  audit(tx, {
    actor,
    requestId,
    action: 'coverage:declare',
    objectKind: 'organisation',
    objectId: code,
    organisationId,
    decision: 'allow',
    detail,
  })
