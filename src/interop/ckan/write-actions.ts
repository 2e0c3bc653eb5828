import type { Action } from '../../security/index.ts'
import type { ActionTable, Call, Ckan } from './action.ts'
import { Json } from './answer.ts'
import { invalidField } from './errors.ts'
import { deletePackage, writePackage } from './package-write.ts'
import { flag, idOf, text } from './params.ts'
import type { Loose } from './resource.ts'
import { revised } from './revise.ts'

/** Changing packages and their resources. */

const write = (needs: Action, help: string, run: (ckan: Ckan, call: Call) => Promise<unknown>) => ({
  needs,
  writes: true,
  help,
  run,
})

/** The package as it is after a write, or its id where no more is wanted. */
async function written(ckan: Ckan, { ctx, params }: Call, uid: string): Promise<unknown> {
  if (flag(params, 'return_id_only')) return uid
  return new Json(await ckan.packages.show(ctx, uid))
}

async function create(ckan: Ckan, call: Call) {
  const { params, ctx } = call
  if (text(params, 'id') !== undefined && (await exists(ckan, call, text(params, 'id')!)))
    throw invalidField('id', 'Dataset id already exists')
  return written(ckan, call, await writePackage(ckan, ctx, params))
}

const exists = (ckan: Ckan, { ctx }: Call, ref: string) =>
  ckan.packages.find(ckan.db, ctx, ref).then(
    () => true,
    () => false,
  )

const findBy = ({ packages, db }: Ckan, { ctx, params }: Call) =>
  packages.find(db, ctx, text(params, 'id') ?? idOf(params, 'name'))

async function update(ckan: Ckan, call: Call) {
  const found = await findBy(ckan, call)
  return written(
    ckan,
    call,
    await writePackage(ckan, call.ctx, { ...call.params, id: found.entry.uid }, found),
  )
}

/** What is not named stays. */
async function patch(ckan: Ckan, call: Call) {
  const found = await findBy(ckan, call)
  const before = await ckan.packages.toDict(found.entry, found.own)
  const pack = { ...before, ...call.params, id: found.entry.uid }
  return written(ckan, call, await writePackage(ckan, call.ctx, pack, found))
}

async function revise(ckan: Ckan, call: Call) {
  const { match, apply } = revised(call.params)
  const found = await ckan.packages.find(ckan.db, call.ctx, text(match, 'id') ?? idOf(match, 'name'))
  const before = await ckan.packages.toDict(found.entry, found.own)
  const pack = { ...apply(before), id: found.entry.uid }
  const uid = await writePackage(ckan, call.ctx, pack, found)
  return new Json(`{"package":${await ckan.packages.show(call.ctx, uid)}}`)
}

async function reorder(ckan: Ckan, call: Call) {
  const found = await findBy(ckan, call)
  const pack = await ckan.packages.toDict(found.entry, found.own)
  const order = [call.params.order ?? []].flat().map(String)
  const resources = pack.resources as Loose[]
  if (order.some((id) => !resources.some((r) => r.id === id)))
    throw invalidField('order', 'resource_ids do not all belong to this dataset')
  const first = order.map((id) => resources.find((r) => r.id === id)!)
  const rest = resources.filter((r) => !order.includes(String(r.id)))
  await writePackage(ckan, call.ctx, { ...pack, resources: [...first, ...rest] }, found)
  return { id: found.entry.uid, order: [...first, ...rest].map((r) => r.id) }
}

/** Files come with collection: until then a resource is an address. */
function refuseUpload({ upload }: Loose): void {
  if (upload !== undefined && upload !== '' && upload !== null)
    throw invalidField(
      'upload',
      'This node keeps no files yet. Put the file where it can be fetched, and give its url.',
    )
}

async function createResource(ckan: Ckan, call: Call) {
  const { ctx, params } = call
  refuseUpload(params)
  const found = await ckan.packages.find(ckan.db, ctx, idOf(params, 'package_id'))
  const pack = await ckan.packages.toDict(found.entry, found.own)
  const before = pack.resources as Loose[]
  const { package_id: _, ...resource } = params
  return changed(ckan, call, found, { ...pack, resources: [...before, resource] }, before)
}

async function changeResource(ckan: Ckan, call: Call, keep: boolean) {
  const { ctx, params } = call
  refuseUpload(params)
  const { found, pack, resource } = await ckan.packages.findResource(ckan.db, ctx, idOf(params))
  const next = keep ? { ...resource, ...params } : { ...params, id: resource.id }
  const before = pack.resources as Loose[]
  const resources = before.map((r) => (r === resource ? next : r))
  return changed(ckan, call, found, { ...pack, resources }, before, String(resource.id))
}

async function deleteResource(ckan: Ckan, { ctx, params }: Call) {
  const { found, pack, resource } = await ckan.packages.findResource(ckan.db, ctx, idOf(params))
  const resources = (pack.resources as Loose[]).filter((r) => r !== resource)
  await writePackage(ckan, ctx, { ...pack, resources }, found)
  return null
}

/** The resource after the write: the one with the id, or the one that was not there before. */
async function changed(
  ckan: Ckan,
  { ctx }: Call,
  found: Parameters<typeof writePackage>[3] & object,
  pack: Loose,
  before: Loose[],
  id?: string,
) {
  const uid = await writePackage(ckan, ctx, pack, found)
  const { resources } = JSON.parse(await ckan.packages.show(ctx, uid)) as { resources: Loose[] }
  const old = new Set(before.map((r) => r.id))
  const result = resources.find((r) => (id === undefined ? !old.has(r.id) : r.id === id))
  // A draft beside what is published: the published resources are as they were.
  return result ?? (pack.resources as Loose[]).at(-1)
}

async function deleteOne(ckan: Ckan, call: Call) {
  await deletePackage(ckan.db, call.ctx, await findBy(ckan, call))
  return null
}

export const writeActions: ActionTable = {
  package_create: write(
    'dataset:create',
    'Make a package. Who may publish publishes it; for others it is a draft.',
    create,
  ),
  package_update: write('dataset:update', 'Replace a package, known by id or name.', update),
  package_patch: write('dataset:update', 'Change members of a package; the others stay.', patch),
  package_revise: write('dataset:update', 'Change parts of a package: match, filter, update.', revise),
  package_delete: write('dataset:update', 'Take a package out of sight; its address stays known.', deleteOne),
  package_resource_reorder: write('dataset:update', 'Order the resources of a package: id, order.', reorder),
  package_owner_org_update: write(
    'dataset:update',
    'Give a package to an organization: id, organization_id.',
    (ckan, call) =>
      patch(ckan, {
        ...call,
        params: { id: call.params.id, owner_org: idOf(call.params, 'organization_id') },
      }),
  ),
  resource_create: write(
    'dataset:update',
    'Add a resource to a package: package_id, url and more.',
    createResource,
  ),
  resource_update: write('dataset:update', 'Replace a resource, known by id.', (ckan, call) =>
    changeResource(ckan, call, false),
  ),
  resource_patch: write('dataset:update', 'Change members of a resource; the others stay.', (ckan, call) =>
    changeResource(ckan, call, true),
  ),
  resource_delete: write('dataset:update', 'Remove a resource from its package.', deleteResource),
}
