import { Errors } from 'typebox/value'
import { codeList } from '../../platform/profile.ts'
import { createOrganisation, OrganisationInput, updateOrganisation } from '../../security/index.ts'
import type { ActionTable, Call, Ckan } from './action.ts'
import { invalidField, missing, notFound, validation } from './errors.ts'
import { groupDict } from './group.ts'
import { isUuid } from './ids.ts'
import { organizationDict } from './organization.ts'
import { textOf } from './package-fields.ts'
import { idOf, text } from './params.ts'
import type { Loose } from './resource.ts'
import { toNaive } from './time.ts'

/** Writing bodies as organizations. Groups are the themes of the profile: a write that changes nothing succeeds. */

/** What a client says of a body, in our terms; undefined where it says nothing. */
async function read(ckan: Ckan, params: Loose) {
  const bodies = await ckan.packages.organizations(true)
  const extras = new Map(
    (Array.isArray(params.extras) ? params.extras : []).map((e) => [String(e?.key), e?.value as unknown]),
  )
  const [parent] = (Array.isArray(params.groups) ? params.groups : []) as Loose[]
  const parentName = parent && (textOf(parent.name) ?? textOf(parent.id))
  const found = parentName === undefined ? undefined : bodies.find(parentName)
  if (parentName !== undefined && !found)
    throw invalidField(
      'groups',
      `There is no organization ${parentName.slice(0, 100)}: make the one above first.`,
    )
  return {
    name: textOf(params.title),
    translations: jsonOf(extras.get('translations')),
    tier: textOf(extras.get('tier')),
    divisionCode: textOf(extras.get('division_code')),
    creditCode: textOf(extras.get('credit_code')),
    parentUid: found?.uid,
    description: textOf(params.description),
    homepage: textOf(extras.get('homepage')),
    contact: textOf(extras.get('contact')),
  }
}

function jsonOf(value: unknown): OrganisationInput['translations'] {
  if (value === undefined || value === null) return undefined
  try {
    return JSON.parse(String(value))
  } catch {
    throw invalidField('extras', 'translations: this is not JSON.')
  }
}

const only = (values: object) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))

/** Where CKAN has the member. */
const fieldOf: Record<string, string> = {
  code: 'name',
  name: 'title',
  description: 'description',
  parentUid: 'groups',
}

function checkInput(input: unknown): asserts input is OrganisationInput {
  const wrong: Record<string, string[]> = {}
  for (const e of Errors(OrganisationInput, input)) {
    const member = e.instancePath.split('/')[1] ?? ''
    const field = fieldOf[member] ?? 'extras'
    wrong[field] = [...(wrong[field] ?? []), `${member}: ${e.message}`]
  }
  if (Object.keys(wrong).length > 0) throw validation(wrong)
}

const options = (ckan: Ckan, { ctx }: Call) => ({
  requestId: ctx.requestId,
  tiers: new Set(codeList(ckan.profile, 'tier').keys()),
})

async function create(ckan: Ckan, call: Call) {
  const { params, ctx } = call
  const values = await read(ckan, params)
  const tiers = [...codeList(ckan.profile, 'tier').keys()]
  if (values.tier === undefined)
    throw invalidField(
      'extras',
      `tier is missing: say in an extra "tier" which of ${tiers.join(', ')} it is.`,
    )
  const input: unknown = only({
    ...values,
    code: idOf(params, 'name'),
    name: values.name ?? text(params, 'name'),
  })
  checkInput(input)
  const uid = text(params, 'id')
  if (uid !== undefined && !isUuid(uid)) throw invalidField('id', 'The id of an organization is a UUID.')
  const created = toNaive(textOf(params.created))
  const origin =
    uid === undefined
      ? undefined
      : { uid: uid.toLowerCase(), ...(created ? { createdAt: `${created}Z` } : {}) }
  await createOrganisation(ckan.db, ctx.actor, input, { ...options(ckan, call), origin })
  return shown(ckan, input.code)
}

async function shown(ckan: Ckan, code: string) {
  const bodies = await ckan.packages.organizations(true)
  return organizationDict(bodies.byName.get(code)!, bodies, 0)
}

/** @param keep what is not named stays; without it what is not named is emptied. */
async function change(ckan: Ckan, call: Call, keep: boolean) {
  const { params, ctx } = call
  const bodies = await ckan.packages.organizations(true)
  const ref = idOf(params)
  const before = bodies.find(ref)
  if (!before) throw notFound(ref.slice(0, 100))
  const name = text(params, 'name')
  if (name !== undefined && name !== before.code)
    throw invalidField('name', 'The name of an organization is its code, which never changes.')
  const values = await read(ckan, params)
  const empty = keep
    ? {}
    : {
        translations: {},
        divisionCode: null,
        creditCode: null,
        parentUid: null,
        description: null,
        homepage: null,
        contact: null,
      }
  const next = { ...empty, ...only(values) }
  const now = before as unknown as Loose
  const patch = Object.fromEntries(
    Object.entries(next).filter(
      ([key, value]) => JSON.stringify(now[key] ?? null) !== JSON.stringify(value ?? null),
    ),
  )
  if (Object.keys(patch).length > 0) {
    const { id: _, parentId: __, createdAt: ___, uid: ____, ...rest } = before
    checkInput({ ...rest, ...patch })
    await updateOrganisation(ckan.db, ctx.actor, before.uid, patch, options(ckan, call))
  }
  return shown(ckan, before.code)
}

const themes =
  'Groups are the themes of this node: its profile says which there are and what they are called.'

async function sameGroup({ packages }: Ckan, { params }: Call) {
  const ref = text(params, 'id') ?? text(params, 'name')
  if (ref === undefined) throw missing('name')
  const group = packages.groups.find(ref) ?? packages.groups.find(text(params, 'name'))
  if (!group) throw invalidField('name', themes)
  const title = text(params, 'title')
  if (title !== undefined && title !== group.title) throw invalidField('title', themes)
  return groupDict(group, 0)
}

const refused = (field: string, why: string) => async () => {
  throw invalidField(field, why)
}

export const organizationWriteActions: ActionTable = {
  organization_create: {
    needs: 'organisation:create',
    writes: true,
    help: 'Register a body: name (its code), title, description, groups (the body above), extras with tier and more.',
    run: create,
  },
  organization_update: {
    needs: 'organisation:update',
    writes: true,
    help: 'Replace what is said of a body.',
    run: (ckan, call) => change(ckan, call, false),
  },
  organization_patch: {
    needs: 'organisation:update',
    writes: true,
    help: 'Change members of a body; the others stay.',
    run: (ckan, call) => change(ckan, call, true),
  },
  organization_delete: {
    needs: 'organisation:update',
    writes: true,
    help: 'Bodies are not deleted.',
    run: refused('id', 'A body is not deleted: entries, people and the audit log name it.'),
  },
  group_create: {
    needs: 'dataset:update',
    writes: true,
    help: `Succeeds for what is there. ${themes}`,
    run: sameGroup,
  },
  group_update: {
    needs: 'dataset:update',
    writes: true,
    help: `Succeeds for what is there. ${themes}`,
    run: sameGroup,
  },
  group_patch: {
    needs: 'dataset:update',
    writes: true,
    help: `Succeeds for what is there. ${themes}`,
    run: sameGroup,
  },
  group_delete: { needs: 'dataset:update', writes: true, help: themes, run: refused('id', themes) },
}
