import { ConcordError, type Fault, notFound } from '../platform/errors.ts'
import { emit } from '../platform/outbox.ts'
import { type Db, inTransaction, isUniqueViolation } from '../platform/postgres.ts'
import type { Actor } from './actor.ts'
import { audit } from './audit.ts'
import { isCreditCode } from './credit-code.ts'
import {
  type CopiedOrganisation,
  countChildren,
  type DivisionRow,
  insertOrganisation,
  insertOrganisations,
  lockOrganisationTree,
  type OrganisationRow,
  type OrganisationValues,
  selectDivisions,
  selectOrganisation,
  selectOrganisations,
  selectOrganisationsById,
  selectTreeRows,
  type TreeRow,
  updateOrganisationRow,
  upsertDivisions,
} from './organisation.queries.ts'
import { type OrganisationInput, type OrganisationPatch, organisationLimits } from './organisation.schema.ts'
import {
  freshOrganisationTree,
  isWithin,
  pathToRoot,
  placeInTree,
  reloadOrganisationTree,
  treeGeneration,
} from './organisation-tree.ts'
import { authorize } from './policy.ts'
import { administratorRoles } from './role.schema.ts'

/** Outbox topic: bodies were made or changed. Payload: `{ ids }`. */
export const organisationTopic = 'organisation'

/** Divisions of one statement: keeps a parameter below 1 MB. */
const divisionBatch = 2_000

export interface OrganisationOptions {
  requestId?: string
  /** The codes of the profile's list `tier`; without it any tier is taken. */
  tiers?: ReadonlySet<string>
  /** A body that another node has already keeps its address and the date it was made. */
  origin?: { uid: string; createdAt?: string }
}

/** The body with this uid or code. @throws not_found */
export async function getOrganisation(db: Db, uidOrCode: string): Promise<OrganisationRow> {
  const found = await findOrganisation(db, isUuid(uidOrCode) ? { uid: uidOrCode } : { code: uidOrCode })
  if (!found) throw notFound(`The body ${uidOrCode}`)
  return found
}

/** The body with its path from the highest, and the number directly below. */
export async function getOrganisationPage(db: Db, uidOrCode: string) {
  const found = await getOrganisation(db, uidOrCode)
  await freshOrganisationTree(db)
  const ids = pathToRoot(found.id).slice(1).reverse()
  const above = new Map((await selectOrganisationsById(db, ids)).map((o) => [o.id, o]))
  return {
    ...found,
    path: ids.flatMap((id) => above.get(id) ?? []),
    children: await countChildren(db, found.id),
  }
}

/** The first body that fits what a file says; undefined when none does. Given several keys, the surest decides. */
export async function findOrganisation(
  db: Db,
  by: { uid?: string; code?: string; creditCode?: string; name?: string; id?: number },
): Promise<OrganisationRow | undefined> {
  for (const key of ['id', 'uid', 'code', 'creditCode', 'name'] as const) {
    if (by[key] === undefined) continue
    const found = await selectOrganisation(db, { [key]: by[key] })
    if (found) return found
  }
  return undefined
}

/** Bodies in the order of their making; `after` is the last id of the page before. Everything without a limit. */
export async function listOrganisations(
  db: Db,
  filter: {
    after?: number
    limit?: number
    q?: string
    tier?: string
    divisionCode?: string
    parentId?: number
  } = {},
): Promise<OrganisationRow[]> {
  return selectOrganisations(db, { ...filter, limit: filter.limit ?? 1_000_000 })
}

const kept = { generation: -1, rows: [] as TreeRow[] }

/** All bodies with the body above each; kept in memory until the tree changes. */
export async function organisationTree(db: Db): Promise<TreeRow[]> {
  await freshOrganisationTree(db)
  const generation = treeGeneration()
  if (kept.generation !== generation) {
    kept.rows = await selectTreeRows(db, organisationLimits.tree)
    kept.generation = generation
  }
  return kept.rows
}

/**
 * Registers a body.
 * @throws invalid_content with every fault; conflict when its code or credit code is taken.
 */
export async function createOrganisation(
  db: Db,
  actor: Actor,
  input: OrganisationInput,
  options: OrganisationOptions = {},
): Promise<OrganisationRow> {
  authorize(actor, 'organisation:create')
  return inTransaction(db, async (tx) => {
    const values = await toValues(tx, input, options)
    const id = await guardUnique(() => insertOrganisation(tx, values, options.origin))
    placeInTree(id, values.parentId)
    return finish(tx, actor, 'organisation:create', id, options, { code: values.code })
  })
}

/**
 * Registers bodies that another node has, at their addresses there, below bodies that are here: one transaction, one event
 * of the log. @returns row ids in the order given. @throws conflict when a code or an address is taken.
 */
export async function copyOrganisations(
  db: Db,
  actor: Actor,
  bodies: CopiedOrganisation[],
): Promise<number[]> {
  authorize(actor, 'organisation:create')
  if (bodies.length === 0) return []
  return inTransaction(db, async (tx) => {
    const ids = await guardUnique(() => insertOrganisations(tx, bodies))
    for (const [i, { parentId }] of bodies.entries()) placeInTree(ids[i]!, parentId)
    await emit(tx, organisationTopic, { ids })
    await audit(tx, {
      actor,
      action: 'organisation:create',
      objectKind: 'organisation',
      decision: 'allow',
      detail: { count: bodies.length, codes: bodies.map((b) => b.code) },
    })
    return ids
  })
}

/** Changes a body; its code stays. @throws as createOrganisation, and not_found */
export async function updateOrganisation(
  db: Db,
  actor: Actor,
  uidOrCode: string,
  patch: OrganisationPatch,
  options: OrganisationOptions = {},
): Promise<OrganisationRow> {
  authorize(actor, 'organisation:update')
  return inTransaction(db, async (tx) => {
    await lockOrganisationTree(tx)
    const before = await getOrganisation(tx, uidOrCode)
    const { createdAt: _, ...rest } = before
    const values = await toValues(tx, { ...rest, ...patch } as OrganisationInput, options)
    if (values.parentId !== null && values.parentId !== before.parentId) {
      await reloadOrganisationTree(tx)
      if (isWithin(values.parentId, before.id))
        throw new ConcordError('invalid_content', 'A body cannot be below itself.', {
          faults: [
            { path: '/parentUid', rule: 'ring', message: 'The new parent is the body itself or below it.' },
          ],
        })
      refuseOwnReach(actor, before.id, values.parentId)
    }
    await guardUnique(() => updateOrganisationRow(tx, before.id, values))
    placeInTree(before.id, values.parentId)
    return finish(tx, actor, 'organisation:update', before.id, options, { changed: Object.keys(patch) })
  })
}

/** Who holds a role over a body and all below it does not put more below it. */
function refuseOwnReach(actor: Actor, moved: number, parent: number): void {
  const own = actor.organisationId
  if (actor.kind === 'system' || own === null || isWithin(moved, own) || !isWithin(parent, own)) return
  if (actor.roles.some((role) => !administratorRoles.includes(role)))
    throw new ConcordError(
      'forbidden',
      'You hold a role over this part of the tree: another system administrator moves a body into it.',
    )
}

async function finish(
  tx: Db,
  actor: Actor,
  action: string,
  id: number,
  options: OrganisationOptions,
  detail: Record<string, unknown>,
): Promise<OrganisationRow> {
  const row = (await selectOrganisation(tx, { id }))!
  await emit(tx, organisationTopic, { ids: [id] })
  await audit(tx, {
    actor,
    action,
    objectKind: 'organisation',
    objectId: row.uid,
    organisationId: id,
    decision: 'allow',
    requestId: options.requestId,
    detail,
  })
  return row
}

/** Checks what the schema cannot and turns names into row ids. A wrong check digit is a hard error on new data. */
async function toValues(
  db: Db,
  input: OrganisationInput,
  options: OrganisationOptions,
): Promise<OrganisationValues> {
  const faults: Fault[] = []
  if (options.tiers && !options.tiers.has(input.tier))
    faults.push({
      path: '/tier',
      rule: 'unknown_code',
      message: `${input.tier} is not a tier of this profile.`,
      remedy: `Use one of ${[...options.tiers].join(', ')}.`,
    })
  if (input.creditCode != null && !isCreditCode(input.creditCode))
    faults.push({
      path: '/creditCode',
      rule: 'check_digit',
      message: 'This is not a credit code: its check character does not fit.',
      remedy: 'Compare all 18 characters with the certificate; the letters I, O, S, V and Z never occur.',
    })
  const parent = input.parentUid == null ? null : await selectOrganisation(db, { uid: input.parentUid })
  if (parent === undefined)
    faults.push({ path: '/parentUid', rule: 'unknown', message: 'There is no body with this uid.' })
  if (faults.length > 0) throw new ConcordError('invalid_content', 'The body breaks a rule.', { faults })
  return {
    code: input.code,
    name: input.name,
    translations: input.translations ?? {},
    tier: input.tier,
    divisionCode: input.divisionCode ?? null,
    creditCode: input.creditCode ?? null,
    parentId: parent?.id ?? null,
    description: input.description ?? null,
    homepage: input.homepage ?? null,
    contact: input.contact ?? null,
  }
}

async function guardUnique<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (isUniqueViolation(error, 'organisation_code_key'))
      throw new ConcordError('conflict', 'Another body has this code.')
    if (isUniqueViolation(error, 'organisation_uid_key'))
      throw new ConcordError('conflict', 'Another body has this address.')
    if (isUniqueViolation(error, 'organisation_credit_code_key'))
      throw new ConcordError('conflict', 'Another body has this credit code.')
    throw error
  }
}

/** Territories in the order of their codes. */
export async function listDivisions(
  db: Db,
  filter: { after?: string; limit?: number; parentCode?: string; tier?: string } = {},
): Promise<DivisionRow[]> {
  return selectDivisions(db, filter)
}

/** Loads or refreshes the profile's territories; they are reference data and need the same right as bodies. */
export async function putDivisions(db: Db, actor: Actor, divisions: DivisionRow[]): Promise<void> {
  authorize(actor, 'organisation:update')
  await inTransaction(db, async (tx) => {
    for (let i = 0; i < divisions.length; i += divisionBatch)
      await upsertDivisions(tx, divisions.slice(i, i + divisionBatch))
    await audit(tx, {
      actor,
      action: 'organisation:update',
      objectKind: 'division',
      decision: 'allow',
      detail: { count: divisions.length },
    })
  })
}

const isUuid = (text: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)
