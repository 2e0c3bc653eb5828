import {
  type CatalogContext,
  type Entry,
  getDataset,
  getEntries,
  listVersions,
  selectUidsBetween,
} from '../../catalog/index.ts'
import type { ActionTable, Call, Ckan } from './action.ts'
import { selectOwn } from './ckan.queries.ts'
import { invalidField, notFound } from './errors.ts'
import { isUuid, namedId, ownersOf, versionId, versionOf } from './ids.ts'
import { unifiedDiff } from './line-diff.ts'
import { noOwn, toPackage } from './package.ts'
import { flag, idOf, natural, text } from './params.ts'
import { question } from './question.ts'
import type { Loose } from './resource.ts'
import { naive } from './time.ts'

/** The history of packages: each version of an entry is an activity. */

/** Activities of one answer: CKAN's default and most. */
const defaultLimit = 31
const maxLimit = 100

type Kind = 'new' | 'changed' | 'deleted'

const activity = (uid: string, version: number, kind: Kind, at: string, by: string, title: string) => ({
  id: versionId(uid, version),
  timestamp: naive(at),
  user_id: namedId('user', by),
  object_id: uid,
  revision_id: null,
  activity_type: `${kind} package`,
  data: { actor: by, package: { id: uid, title } },
})

const pageOf = (params: Loose) => ({
  limit: Math.min(natural(params, 'limit') ?? defaultLimit, maxLimit),
  offset: natural(params, 'offset') ?? 0,
})

/** Versions of one entry that the caller may see, the newest first. */
async function ofPackage(ckan: Ckan, { ctx, params }: Call) {
  const { entry } = await ckan.packages.find(ckan.db, ctx, idOf(params))
  const { limit, offset } = pageOf(params)
  const { versions } = await listVersions(ckan.db, ctx, entry.uid, { limit: Math.min(limit + offset, 1_000) })
  return versions
    .slice(offset, offset + limit)
    .map((v) => activity(entry.uid, v.version, kindOf(v.state, v.version), v.at, v.by, entry.content.title))
}

const kindOf = (state: string, version: number): Kind =>
  state === 'retired' ? 'deleted' : version === 1 ? 'new' : 'changed'

/** The latest change of the packages changed last. */
async function recent({ db, port }: Ckan, params: Loose, filters: Record<string, string[]>) {
  const { hits } = await port.search(question({}, { sort: 'changed', filters, ...pageOf(params) }))
  const entries = await getEntries(
    db,
    hits.map((hit) => hit.id),
  )
  return entries.map((e: Entry) =>
    activity(
      e.uid,
      e.version,
      e.publishedAt === e.changedAt ? 'new' : 'changed',
      e.changedAt,
      e.body.name,
      e.content.title,
    ),
  )
}

/** The entry and the version of an activity. @throws not found */
async function findActivity(ckan: Ckan, ctx: CatalogContext, id: string) {
  if (!isUuid(id)) throw notFound('Activity')
  const version = versionOf(id)
  const { from, to } = ownersOf(id)
  const [uid] = await selectUidsBetween(ckan.db, from, to, 1)
  if (uid === undefined) throw notFound(id)
  const { entry } = await ckan.packages.find(ckan.db, ctx, uid)
  const { versions } = await listVersions(ckan.db, ctx, uid, { limit: 1_000 })
  const at = versions.findIndex((v) => v.version === version)
  if (at < 0) throw notFound(id)
  return { entry, versions, at }
}

/** The package as it was in a version. */
async function packageAt(
  ckan: Ckan,
  ctx: CatalogContext,
  uid: string,
  id: number,
  version: number,
): Promise<Loose> {
  const dataset = await getDataset(ckan.db, ctx, uid, version)
  const own = (await selectOwn(ckan.db, [id])).get(id) ?? noOwn
  const bodies = await ckan.packages.organizations()
  const body = bodies.byName.get(dataset.content.body)!
  return toPackage({ ...dataset, id }, own, body, ckan.packages.groups)
}

async function show(ckan: Ckan, { ctx, params }: Call) {
  const { entry, versions, at } = await findActivity(ckan, ctx, idOf(params))
  const v = versions[at]!
  const told = activity(entry.uid, v.version, kindOf(v.state, v.version), v.at, v.by, entry.content.title)
  if (!flag(params, 'include_data', true)) return told
  return {
    ...told,
    data: { actor: v.by, package: await packageAt(ckan, ctx, entry.uid, entry.id, v.version) },
  }
}

async function diff(ckan: Ckan, { ctx, params }: Call) {
  const form = text(params, 'diff_type') ?? 'unified'
  if (form !== 'unified') throw invalidField('diff_type', 'Only unified differences are given.')
  const { entry, versions, at } = await findActivity(ckan, ctx, idOf(params))
  const older = versions[at + 1]
  if (!older) throw notFound('Previous activity on this object not found')
  const lines = async (version: number) =>
    JSON.stringify(await packageAt(ckan, ctx, entry.uid, entry.id, version), null, 2).split('\n')
  const told = [older, versions[at]!].map((v) =>
    activity(entry.uid, v.version, kindOf(v.state, v.version), v.at, v.by, entry.content.title),
  )
  return {
    diff: unifiedDiff(await lines(older.version), await lines(versions[at]!.version)),
    activities: told,
  }
}

export const activityActions: ActionTable = {
  package_activity_list: {
    needs: 'dataset:read',
    help: 'Versions of a package: id, limit, offset.',
    run: ofPackage,
  },
  recently_changed_packages_activity_list: {
    needs: 'dataset:read',
    help: 'The latest change of the packages changed last: limit, offset.',
    run: (ckan, { params }) => recent(ckan, params, {}),
  },
  organization_activity_list: {
    needs: 'dataset:read',
    help: 'The same for the packages of an organization: id, limit, offset.',
    run: async (ckan, { params }) => {
      const ref = idOf(params)
      const found = (await ckan.packages.organizations()).find(ref)
      if (!found) throw notFound(ref.slice(0, 100))
      return recent(ckan, params, { body: [found.code] })
    },
  },
  group_activity_list: {
    needs: 'dataset:read',
    help: 'The same for the packages of a group: id, limit, offset.',
    run: async (ckan, { params }) => {
      const ref = idOf(params)
      const found = ckan.packages.groups.find(ref)
      if (!found) throw notFound(ref.slice(0, 100))
      return recent(ckan, params, { theme: [found.name] })
    },
  },
  activity_show: { needs: 'dataset:read', help: 'An activity by its id: include_data.', run: show },
  activity_diff: {
    needs: 'dataset:read',
    help: 'What an activity changed in its package, as a unified difference: id.',
    run: diff,
  },
}
