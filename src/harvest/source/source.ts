import { ConcordError, type Fault } from '../../platform/errors.ts'
import { type Db, inTransaction, isUniqueViolation } from '../../platform/postgres.ts'
import type { Profile } from '../../platform/profile.ts'
import {
  type Actor,
  audit,
  authorize,
  findOrganisation,
  listOrganisations,
  type OrganisationRow,
  type Vault,
} from '../../security/index.ts'
import { checkMapping } from '../mapping.ts'
import { sameOrigin } from '../source-identity.ts'
import { findSource, toSource } from './list.ts'
import { nextRun } from './schedule.ts'
import {
  deleteSource,
  insertSource,
  type SourceRow,
  type SourceSettings,
  updateSource,
} from './source.queries.ts'
import type { Source, SourceChange, SourceInput } from './source.schema.ts'
import { sourceWords } from './words.ts'

export interface SourceContext {
  db: Db
  profile: Profile
  vault: Vault
}

/** A new source of a body. @throws conflict when the name is taken, invalid_content, forbidden */
export async function createSource(
  { db, profile, vault }: SourceContext,
  actor: Actor,
  input: SourceInput,
  requestId?: string,
): Promise<Source> {
  const organisation = await ownerOf(db, actor, input.organisation)
  authorize(actor, 'source:create', { kind: 'source', organisationId: organisation.id })
  const settings = settingsOf(input)
  checkPublish(actor, settings, organisation.id)
  try {
    const row = await inTransaction(db, async (tx) => {
      const made = await insertSource(tx, {
        ...settings,
        name: input.name,
        organisationId: organisation.id,
        token: null,
        nextRunAt: null,
        words: sourceWords([input.name, settings.title, settings.url]),
        by: actor.name,
      })
      // Its row id gives the minute, its uid the seal.
      const row = await updateSource(tx, made.id, {
        ...settings,
        organisationId: organisation.id,
        token: input.token ? vault.seal(input.token, made.uid) : undefined,
        nextRunAt: dueAt(profile, { ...settings, id: made.id }),
        words: sourceWords([input.name, settings.title, settings.url]),
        by: actor.name,
        otherAddress: false,
      })
      await auditSource(tx, actor, row, 'source:create', requestId, {
        url: shownUrl(row.url),
        kind: row.kind,
      })
      return row
    })
    return toSource(db, row)
  } catch (error) {
    if (isUniqueViolation(error, 'source_name_key'))
      throw new ConcordError('conflict', `There is a source of the name ${input.name} already.`)
    throw error
  }
}

/**
 * Changes a source; one of the registry becomes that of the actor's body, or of the one named.
 * @throws stale when somebody changed it in between
 */
export async function changeSource(
  { db, profile, vault }: SourceContext,
  actor: Actor,
  uid: string,
  basedOn: number,
  change: SourceChange,
  requestId?: string,
): Promise<Source> {
  const row = await inTransaction(db, async (tx) => {
    const before = await findSource(tx, actor, uid, 'source:update', true)
    if (before.version !== basedOn) throw stale(before)
    const settings = settingsOf(change)
    const owner = change.organisation ?? (before.organisationId === null ? undefined : before.organisationId)
    const organisation = await ownerOf(tx, actor, owner)
    authorize(actor, 'source:update', { kind: 'source', organisationId: organisation.id })
    checkPublish(actor, settings, organisation.id)
    const after = await updateSource(tx, before.id, {
      ...settings,
      organisationId: organisation.id,
      token: change.token ? vault.seal(change.token, before.uid) : keptToken(before, change),
      nextRunAt: dueAt(profile, { ...settings, id: before.id }),
      words: sourceWords([before.name, settings.title, settings.url, before.country, before.software]),
      by: actor.name,
      otherAddress:
        before.url !== settings.url || before.kind !== settings.kind || before.filter !== settings.filter,
    })
    await auditSource(tx, actor, after, 'source:update', requestId, {
      changed: changedMembers(before, after),
      ...(change.token !== undefined && { token: change.token === null ? 'removed' : 'replaced' }),
    })
    return after
  })
  return toSource(db, row)
}

/** Undefined leaves the token; null takes it away: also when the address is another, or a change of it would send the key there. */
const keptToken = (before: SourceRow, change: SourceChange): null | undefined =>
  change.token === null || !sameOrigin(before.url, change.url) ? null : undefined

const stale = (before: SourceRow) =>
  new ConcordError(
    'stale',
    `${before.changedBy} changed this source in the meantime. Load it, then make your change again.`,
    { more: { currentVersion: before.version, changedBy: before.changedBy, changedAt: before.changedAt } },
  )

/** Forgets a source; its entries stay, and nobody updates them any more. */
export async function dropSource(db: Db, actor: Actor, source: SourceRow, requestId?: string): Promise<void> {
  await inTransaction(db, async (tx) => {
    await deleteSource(tx, source.id)
    await auditSource(tx, actor, source, 'source:delete', requestId, { entries: 'kept' })
  })
}

/** The body that answers: the one named, else the actor's own; the highest for the operator of the node. */
async function ownerOf(db: Db, actor: Actor, named: string | number | undefined): Promise<OrganisationRow> {
  const id = typeof named === 'number' ? named : actor.organisationId
  const found =
    typeof named === 'string'
      ? await findOrganisation(db, isUuid(named) ? { uid: named } : { code: named })
      : id !== null
        ? await findOrganisation(db, { id })
        : (await listOrganisations(db)).find((o) => o.parentId === null)
  if (!found)
    throw new ConcordError('invalid_request', 'Name the body that answers for the source (organisation).')
  return found
}
const isUuid = (text: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)

/**
 * What a source publishes without review, and the bodies it registers, need the right to publish: everybody else makes
 * drafts of the bodies there are.
 */
function checkPublish(actor: Actor, settings: SourceSettings, organisationId: number): void {
  if (settings.publish || settings.copyBodies)
    authorize(actor, 'dataset:publish', { kind: 'dataset', organisationId, state: 'draft' })
}

const guardShare = 0.05

function settingsOf(input: SourceChange): SourceSettings {
  const { kind } = input
  const mapping = input.mapping ? checkMapping(input.mapping) : null
  if (!mapping && (kind === 'csv' || kind === 'xlsx' || kind === 'json') && input.active)
    throw new ConcordError('invalid_content', 'A table needs a mapping before it can run by itself.', {
      faults: [
        {
          path: '/mapping',
          rule: 'required',
          message: 'says nothing of which column becomes what',
          remedy: 'Test the source: a mapping is proposed.',
        },
      ],
    })
  checkFollowing(input)
  return {
    title: input.title,
    kind,
    url: input.url,
    filter: input.filter ?? null,
    mapping,
    body: input.body ?? null,
    publish: input.publish ?? false,
    copyBodies: input.copyBodies ?? false,
    schedule: input.schedule ?? 'manual',
    active: input.active ?? false,
    limits: input.limits ?? {},
    guardShare: input.guardShare ?? guardShare,
    guardCount: input.guardCount ?? null,
  }
}

/** What only another node can be asked for. */
function checkFollowing({ kind, schedule, copyBodies, limits }: SourceChange): void {
  const isNode = kind === 'concord'
  const continuous = schedule === 'continuous'
  const faults: Fault[] = []
  if (continuous && !isNode)
    faults.push({
      path: '/schedule',
      rule: 'concord_only',
      message: `a source of the kind ${kind} does not say when it has something new`,
      remedy: 'Choose hourly, daily or weekly.',
    })
  if (copyBodies && !isNode)
    faults.push({
      path: '/copyBodies',
      rule: 'concord_only',
      message: `a source of the kind ${kind} does not say how its bodies are ordered`,
      remedy: 'Register its bodies, and name them in the mapping (bodyFrom).',
    })
  if (continuous && limits?.fullDays === 0)
    faults.push({
      path: '/limits/fullDays',
      rule: 'continuous',
      message: 'everything would be compared without end',
      remedy: 'Leave it out, or give the days between two comparisons.',
    })
  if (faults.length > 0)
    throw new ConcordError('invalid_content', 'A source cannot be followed so.', { faults })
}

const dueAt = (profile: Profile, source: { id: number; active: boolean; schedule: string }) =>
  source.active ? nextRun(profile, source, new Date()) : null

const members = [
  'title',
  'kind',
  'url',
  'filter',
  'mapping',
  'body',
  'publish',
  'copyBodies',
  'schedule',
  'active',
  'limits',
  'guardShare',
  'guardCount',
  'organisationId',
] as const
const changedMembers = (before: SourceRow, after: SourceRow) =>
  members.filter((m) => JSON.stringify(before[m]) !== JSON.stringify(after[m]))

/** An address for the log: what follows the path may hold a key. */
const shownUrl = (url: string) => url.replace(/[?#].*$/, '').replace(/\/\/[^/@]*@/, '//')

export const auditSource = (
  tx: Db,
  actor: Actor,
  source: Pick<SourceRow, 'name' | 'organisationId'>,
  action: string,
  requestId: string | undefined,
  detail: Record<string, unknown>,
) =>
  audit(tx, {
    actor,
    action,
    objectKind: 'source',
    objectId: source.name,
    organisationId: source.organisationId,
    decision: 'allow',
    requestId,
    detail,
  })
