import { isAllowed } from '../../security/index.ts'
import type { ActionTable, Call, Ckan } from './action.ts'
import { Json } from './answer.ts'
import { autocompleteNamed } from './autocomplete.ts'
import { invalidField, notFound } from './errors.ts'
import { groupDict } from './group.ts'
import { compare, organizationDict } from './organization.ts'
import { maxRows, searchPackages } from './package-search.ts'
import { flag, idOf, list, natural, text } from './params.ts'
import type { Loose } from './resource.ts'

/** Reading bodies as organizations and themes as groups. */

/** What a list gives at most, as in CKAN: names, or whole objects. */
const maxNames = 1_000
const maxWhole = 25
/** Packages that `*_show` brings along where asked for. */
const shownPackages = 10

interface Named {
  name: string
  title: string
  package_count: number
}

/** A list of organizations or groups as the parameters wish: chosen, ordered, cut. */
function listed<T extends Named>(all: T[], params: Loose, chosen: string[]): (T | string)[] {
  const wanted = new Set(chosen)
  let rows = wanted.size > 0 ? all.filter((o) => wanted.has(o.name)) : all
  const sort = text(params, 'sort') ?? text(params, 'order_by')
  if (sort !== undefined) rows = sorted(rows, sort)
  const whole = flag(params, 'all_fields')
  const offset = natural(params, 'offset') ?? 0
  const most = whole ? maxWhole : maxNames
  rows = rows.slice(offset, offset + Math.min(natural(params, 'limit') ?? most, most))
  return whole ? rows : rows.map((o) => o.name)
}

function sorted<T extends Named>(rows: T[], sort: string): T[] {
  const [field, direction = 'asc'] = sort.trim().toLowerCase().split(/\s+/)
  const order = {
    name: (a: T, b: T) => compare(a.name, b.name),
    title: (a: T, b: T) => compare(a.title, b.title),
    package_count: (a: T, b: T) => a.package_count - b.package_count,
    packages: (a: T, b: T) => a.package_count - b.package_count,
  }[field ?? '']
  if (!order) throw invalidField('sort', 'Sort by name, title or package_count.')
  const list = [...rows].sort(order)
  return direction === 'desc' ? list.reverse() : list
}

async function organizations(ckan: Ckan) {
  const bodies = await ckan.packages.organizations()
  const counts = await ckan.counts.of('body')
  return bodies.list.map((o) => organizationDict(o, bodies, counts.get(o.code) ?? 0))
}

const findOrganization = async (ckan: Ckan, ref: string) => {
  const bodies = await ckan.packages.organizations()
  const found = bodies.find(ref) ?? (await ckan.packages.organizations(true)).find(ref)
  if (!found) throw notFound()
  return found
}

async function groups(ckan: Ckan) {
  const counts = await ckan.counts.of('theme')
  return ckan.packages.groups.list.map((g) => groupDict(g, counts.get(g.name) ?? 0))
}

const findGroup = (ckan: Ckan, ref: string) => {
  const found = ckan.packages.groups.find(ref)
  if (!found) throw notFound()
  return found
}

/** With the packages of it where asked for. */
async function shown(ckan: Ckan, dict: object, filter: string, params: Loose) {
  if (!flag(params, 'include_datasets')) return dict
  const { results } = await searchPackages(ckan, {
    fq: filter,
    rows: shownPackages,
    sort: 'metadata_modified desc',
  })
  return new Json(`${JSON.stringify(dict).slice(0, -1)},"packages":[${results.join(',')}]}`)
}

const quoted = (name: string) => `"${name.replaceAll(/["\\]/g, '\\$&')}"`

const permitted = async (ckan: Ckan, { ctx }: Call) =>
  (await ckan.packages.organizations()).list.filter((o) =>
    isAllowed(ctx.actor, 'dataset:create', { kind: 'dataset', organisationId: o.id, state: 'draft' }),
  )

export const organizationActions: ActionTable = {
  organization_list: {
    needs: 'organisation:read',
    help: 'Names of organizations, with all_fields whole ones: sort, limit, offset, organizations. Bodies above come first.',
    run: async (ckan, { params }) => listed(await organizations(ckan), params, list(params, 'organizations')),
  },
  organization_show: {
    needs: 'organisation:read',
    oneByOne: true,
    help: 'An organization by its id or name: include_datasets.',
    run: async (ckan, { params }) => {
      const found = await findOrganization(ckan, idOf(params))
      const counts = await ckan.counts.of('body')
      const bodies = await ckan.packages.organizations()
      const dict = organizationDict(found, bodies, counts.get(found.code) ?? 0)
      return shown(ckan, dict, `organization:${quoted(found.code)}`, params)
    },
  },
  organization_autocomplete: {
    needs: 'organisation:read',
    help: 'Organizations whose name or title contains a text: q, limit.',
    run: async (ckan, { params }) =>
      autocompleteNamed(
        (await ckan.packages.organizations()).list.map((o) => ({ id: o.uid, name: o.code, title: o.name })),
        text(params, 'q') ?? '',
        natural(params, 'limit') ?? 20,
      ),
  },
  organization_list_for_user: {
    needs: 'organisation:read',
    help: 'Organizations for which the caller may make packages.',
    run: async (ckan, call) => {
      const bodies = await ckan.packages.organizations()
      return (await permitted(ckan, call)).map((o) => ({
        ...organizationDict(o, bodies, 0),
        capacity: 'editor',
      }))
    },
  },
  group_list: {
    needs: 'organisation:read',
    help: 'Names of groups (themes), with all_fields whole ones: sort, limit, offset, groups.',
    run: async (ckan, { params }) => listed(await groups(ckan), params, list(params, 'groups')),
  },
  group_show: {
    needs: 'organisation:read',
    oneByOne: true,
    help: 'A group (theme) by its id or name: include_datasets.',
    run: async (ckan, { params }) => {
      const group = findGroup(ckan, idOf(params))
      const counts = await ckan.counts.of('theme')
      return shown(
        ckan,
        groupDict(group, counts.get(group.name) ?? 0),
        `groups:${quoted(group.name)}`,
        params,
      )
    },
  },
  group_autocomplete: {
    needs: 'organisation:read',
    help: 'Groups whose name or title contains a text: q, limit.',
    run: async ({ packages }, { params }) =>
      autocompleteNamed(packages.groups.list, text(params, 'q') ?? '', natural(params, 'limit') ?? 20),
  },
  group_package_show: {
    needs: 'search:read',
    help: 'Packages of a group: id, limit.',
    run: async (ckan, { params }) => {
      const group = findGroup(ckan, idOf(params))
      const rows = Math.min(natural(params, 'limit') ?? maxRows, maxRows)
      const { results } = await searchPackages(ckan, {
        fq: `groups:${quoted(group.name)}`,
        rows,
        sort: 'id asc',
      })
      return new Json(`[${results.join(',')}]`)
    },
  },
  group_list_authz: {
    needs: 'organisation:read',
    help: 'Groups that the caller may put packages into: all of them for editors.',
    run: async (ckan, call) => ((await permitted(ckan, call)).length > 0 ? groups(ckan) : []),
  },
}
