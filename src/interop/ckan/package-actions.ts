import { isAllowed } from '../../security/index.ts'
import type { ActionTable, Call, Ckan } from './action.ts'
import { Json, JsonStream } from './answer.ts'
import { autocompleteFormats, autocompletePackages } from './autocomplete.ts'
import { draftNames, matchingDrafts } from './drafts.ts'
import { invalidField, missing } from './errors.ts'
import { licenseList } from './license.ts'
import { allNames, allPackages, namePage } from './package-list.ts'
import { maxRows, type PackageSearch, searchPackages } from './package-search.ts'
import { flag, idOf, natural, text } from './params.ts'
import type { Loose } from './resource.ts'
import type { Asked } from './solr-where.ts'

/** Reading packages and their resources. */

export const packageActions: ActionTable = {
  package_search: {
    needs: 'search:read',
    help: 'Search packages: q, fq, fq_list, rows (at most 1000), start, sort, facet.field, facet.limit, facet.mincount, fl.',
    run: async (ckan, call) => {
      const drafts = wantsDrafts(call) ? (asked: Asked) => matchingDrafts(ckan, call.ctx, asked) : undefined
      return searchAnswer(await searchPackages(ckan, call.params, drafts))
    },
  },
  package_show: {
    needs: 'dataset:read',
    oneByOne: true,
    help: 'A package by its id or name.',
    run: async ({ packages }, { ctx, params }) => new Json(await packages.show(ctx, idOf(params))),
  },
  package_list: {
    needs: 'dataset:read',
    help: 'The names of all packages in their order: limit, offset. Without a limit the whole list is streamed.',
    run: async (ckan, call) => {
      const { params } = call
      const limit = natural(params, 'limit')
      const offset = natural(params, 'offset')
      if (limit !== undefined || offset !== undefined)
        return namePage(ckan.db, offset ?? 0, limit ?? Number.POSITIVE_INFINITY)
      return new JsonStream(allNamesFor(ckan, call))
    },
  },
  current_package_list_with_resources: {
    needs: 'dataset:read',
    help: 'All packages whole: limit and offset give pages, the newest change first; without a limit all are streamed.',
    run: async (ckan, { params }) => {
      const limit = natural(params, 'limit')
      const offset = natural(params, 'offset') ?? 0
      if (limit === undefined && offset === 0)
        return new JsonStream(allPackages(ckan.db, ckan.packages.renderEntries))
      const page = {
        sort: 'metadata_modified desc',
        start: offset,
        rows: Math.min(limit ?? maxRows, maxRows),
      }
      return new Json(`[${(await searchPackages(ckan, page)).results.join(',')}]`)
    },
  },
  package_autocomplete: {
    needs: 'search:read',
    help: 'Packages whose title begins so: q, limit.',
    run: (ckan, { params }) =>
      autocompletePackages(ckan, text(params, 'q') ?? '', natural(params, 'limit') ?? 10),
  },
  package_relationships_list: {
    needs: 'dataset:read',
    help: 'Relations between packages; here they are in the extra "related".',
    run: async ({ packages }, { ctx, params }) => {
      await packages.show(ctx, idOf(params))
      return []
    },
  },
  resource_show: {
    needs: 'dataset:read',
    oneByOne: true,
    help: 'A resource by its id.',
    run: async ({ db, packages }, { ctx, params }) =>
      (await packages.findResource(db, ctx, idOf(params))).resource,
  },
  resource_view_list: {
    needs: 'dataset:read',
    oneByOne: true,
    help: 'Views of a resource; there are none.',
    run: async ({ db, packages }, { ctx, params }) => {
      await packages.findResource(db, ctx, idOf(params))
      return []
    },
  },
  resource_search: {
    needs: 'search:read',
    help: 'Resources by format, as query=format:csv; offset, limit.',
    run: (ckan, call) => searchResources(ckan, call),
  },
  format_autocomplete: {
    needs: 'search:read',
    help: 'Formats that begin so: q, limit.',
    run: (ckan, { params }) =>
      autocompleteFormats(ckan, text(params, 'q') ?? '', natural(params, 'limit') ?? 5),
  },
  license_list: {
    needs: 'dataset:read',
    help: 'The licences that have a short id.',
    run: async () => licenseList(),
  },
}

const searchAnswer = ({ results, ...rest }: PackageSearch) =>
  new Json(`${JSON.stringify(rest).slice(0, -1)},"results":[${results.join(',')}]}`)

/** Drafts are shown to those who may see them and ask for them, by either of CKAN's two names. */
const wantsDrafts = ({ ctx, params }: Call): boolean =>
  [flag(params, 'include_drafts'), flag(params, 'include_private')].includes(true) &&
  isAllowed(ctx.actor, 'dataset:read-draft')

/** All names, then those of the drafts. */
async function* allNamesFor(ckan: Ckan, call: Call): AsyncGenerator<string[]> {
  const written = (names: string[]) => names.map((name) => JSON.stringify(name))
  for await (const names of allNames(ckan.db)) yield written(names)
  if (wantsDrafts(call)) for await (const names of draftNames(ckan, call.ctx)) yield written(names)
}

/** Packages looked at for resources of a format. */
const resourcePage = 1_000

async function searchResources(ckan: Ckan, { params }: Call) {
  const terms = [params.query ?? []].flat().map(String)
  const formats = terms.flatMap((term) => /^format:(.+)$/.exec(term)?.[1] ?? [])
  if (terms.length === 0) throw missing('query')
  if (formats.length !== 1 || terms.length !== 1) throw invalidField('query', onlyFormat)
  const offset = natural(params, 'offset') ?? 0
  const limit = Math.min(natural(params, 'limit') ?? 100, maxRows)
  const wanted = formats[0]!.trim().toLowerCase()
  const { results: packs, count: packages } = await searchPackages(ckan, {
    fq: `res_format:"${wanted.replaceAll(/["\\]/g, '')}"`,
    sort: 'id asc',
    rows: resourcePage,
  })
  const found = packs
    .flatMap((json) => (JSON.parse(json) as { resources: Loose[] }).resources)
    .filter((r) => String(r.format).toLowerCase() === wanted)
  // More packages than were looked at have at least one each.
  const count = packages > packs.length ? found.length + packages - packs.length : found.length
  return { count, results: found.slice(offset, offset + limit) }
}

const onlyFormat =
  'Resources are sought by one format (format:csv); package_search finds them by the words of their package.'
