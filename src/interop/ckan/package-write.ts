import { Check } from 'typebox/value'
import {
  type CatalogContext,
  createDataset,
  publishDataset,
  removeDataset,
  retireDataset,
  saveDataset,
  validateDataset,
} from '../../catalog/index.ts'
import { type Db, inTransaction, isUniqueViolation } from '../../platform/postgres.ts'
import { submit } from '../../review/index.ts'
import { AssessmentInput } from '../../review/review.schema.ts'
import { canonicalJson, isAllowed } from '../../security/index.ts'
import type { Ckan } from './action.ts'
import { upsertOwn } from './ckan.queries.ts'
import { invalidField, validation } from './errors.ts'
import { isUuid, partId } from './ids.ts'
import { fromPackage, noOwn, type Own, type ReadPackage } from './package.ts'
import type { Found } from './packages.ts'
import type { Loose, OwnResource } from './resource.ts'
import { naive, toNaive } from './time.ts'

/**
 * Writes a package into the catalogue, through the catalogue's own rules. Who may publish what comes from elsewhere
 * publishes it; what others write waits as a draft.
 */

/** UTF-16 units of everything together that the catalogue has no place for. */
const maxMore = 50_000
const nameForm = /^[a-z0-9_-]{2,100}$/
/** Kept with the version, so that its history tells where the change came from. */
const reason = 'CKAN API'

/** @param before the entry that is changed; undefined makes a new one. @returns its address */
export async function writePackage(
  ckan: Ckan,
  ctx: CatalogContext,
  pack: Loose,
  before?: Found,
): Promise<string> {
  const bodies = await ckan.packages.organizations(true)
  const read = fromPackage(
    pack,
    { groups: ckan.packages.groups, organization: bodies.find },
    before?.entry.content,
  )
  if (before && read.state === 'deleted') {
    await deletePackage(ckan.db, ctx, before)
    return before.entry.uid
  }
  checkRead(read, before)
  if (before && isSame(ckan, read, before)) return before.entry.uid
  const body = bodies.byName.get(String(read.content.body ?? ''))
  const organisationId = body?.id ?? before?.entry.organisationId ?? ctx.actor.organisationId
  const publish =
    !read.private &&
    read.state !== 'draft' &&
    isAllowed(ctx.actor, 'dataset:publish', { kind: 'dataset', organisationId, state: 'draft' })
  return guardUnique(() =>
    inTransaction(ckan.db, async (tx) => {
      const saved = before
        ? await saveDataset(tx, ctx, before.entry.uid, read.content, { reason })
        : await createDataset(tx, ctx, read.content, reason, read.id)
      // What others write waits; with an assessment it is submitted for review at once.
      if (!publish && read.assessment !== undefined)
        await submit(tx, { ...ctx, now: ckan.now() }, saved.uid, { assessment: assessmentOf(read) })
      const { version } = publish ? await publishDataset(tx, ctx, saved.uid, { reason }) : saved
      // A draft beside what people see leaves what is kept of that as it is.
      if (publish || before?.entry.state !== 'published') {
        const { entry } = await ckan.packages.find(tx, ctx, saved.uid)
        await upsertOwn(
          tx,
          entry.id,
          ownOf(saved.uid, read, before, publish ? version : undefined, ckan.now()),
        )
      }
      return saved.uid
    }),
  )
}

function assessmentOf({ assessment }: ReadPackage): AssessmentInput {
  if (Check(AssessmentInput, assessment)) return assessment
  throw invalidField(
    'extras',
    'assessment: give secrecy and personal, each with its result, as for a submission.',
  )
}

function checkRead(read: ReadPackage, before: Found | undefined): void {
  const wrong = { ...read.wrong }
  const uid = before?.entry.uid ?? read.id
  const { name } = read
  if (name !== undefined && name !== uid && name !== before?.own.name) {
    if (isUuid(name)) wrong.name = ['That is the address of another dataset.']
    else if (!nameForm.test(name))
      wrong.name = [
        'Must be purely lowercase alphanumeric (ascii) characters and these symbols: -_, 2 to 100 of them.',
      ]
  }
  if (!before && read.state === 'deleted') wrong.state = ['A deleted dataset cannot be made.']
  const ids = read.resources.flatMap((r) => r.id ?? [])
  if (new Set(ids).size < ids.length) wrong.resources = ['Two resources have the same id.']
  if (JSON.stringify([read.more, read.resources.map((r) => r.more)]).length > maxMore)
    wrong.extras = [`What the catalogue has no place for is longer than ${maxMore} characters.`]
  if (Object.keys(wrong).length > 0) throw validation(wrong)
}

/** True when nothing would change: a dump that is loaded again makes no versions. */
function isSame(ckan: Ckan, read: ReadPackage, { entry, own }: Found): boolean {
  if (entry.state !== 'published' || entry.latestVersion > entry.version) return false
  const { content } = validateDataset(read.content, ckan.profile, { uid: entry.uid })
  if (!content || canonicalJson(content) !== canonicalJson(entry.content)) return false
  const next = ownOf(entry.uid, read, { entry, own }, entry.version, ckan.now())
  return (
    canonicalJson([next.name, next.more, next.resources]) ===
    canonicalJson([own.name, own.more, own.resources])
  )
}

/**
 * What is kept beside the entry. `published`: the version that people see from now on; dates are taken with it only:
 * when the package was made with a new one, when it was changed where that is later than what was shown before. A
 * client that sends back what it was shown so gets the time of its own change.
 */
function ownOf(
  uid: string,
  read: ReadPackage,
  before: Found | undefined,
  published: number | undefined,
  now: Date,
): Own {
  const own = before?.own ?? noOwn
  const created = before ? own.created : published === undefined ? null : (toNaive(read.created) ?? null)
  const given = published === undefined ? undefined : toNaive(read.modified)
  const shown =
    before &&
    (own.modifiedVersion === before.entry.version && own.modified
      ? own.modified
      : naive(before.entry.changedAt))
  const later =
    given !== undefined && given <= naive(now.toISOString()) && (shown === undefined || given > shown)
  return {
    name: read.name === undefined ? own.name : read.name === uid ? null : read.name,
    created,
    modified: later ? given : null,
    modifiedVersion: later ? published! : null,
    more: read.more,
    resources: ownResources(uid, read, own),
  }
}

/** Ids that their content does not give, and members without a place; the rest needs no row. */
function ownResources(uid: string, read: ReadPackage, own: Own): OwnResource[] {
  const idBefore = new Map(own.resources.map((r) => [r.key, r.id]))
  return read.resources.flatMap(({ id: wished, key, more }) => {
    const derived = partId(uid, key)
    const id = wished ?? idBefore.get(key) ?? derived
    return id === derived && Object.keys(more).length === 0 ? [] : [{ id, key, more }]
  })
}

async function guardUnique<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (isUniqueViolation(error, 'ckan_package_name_key'))
      throw invalidField('name', 'That URL is already in use.')
    if (isUniqueViolation(error, 'ckan_resource_pkey'))
      throw invalidField('resources', 'Another dataset has a resource with this id.')
    throw error
  }
}

/** Takes a package out of sight: what was published is retired, a draft that never was is removed. */
export async function deletePackage(db: Db, ctx: CatalogContext, { entry }: Found): Promise<void> {
  if (entry.state === 'published') await retireDataset(db, ctx, entry.uid, { reason })
  else if (entry.state === 'draft' && entry.publishedAt === null)
    await removeDataset(db, ctx, entry.uid, { reason })
}
