import type { ActionTable } from './action.ts'
import { Json } from './answer.ts'
import { autocompleteTags, matching } from './autocomplete.ts'
import { notFound } from './errors.ts'
import { toTag } from './package.ts'
import { maxRows, searchPackages } from './package-search.ts'
import { flag, idOf, natural, text } from './params.ts'

/** Keywords are CKAN's free tags; there are no vocabularies. */
export const tagActions: ActionTable = {
  tag_list: {
    needs: 'search:read',
    help: 'All keywords: query, all_fields.',
    run: async ({ counts }, { params }) => {
      if (text(params, 'vocabulary_id') !== undefined) throw notFound('vocabulary')
      const names = matching(await counts.keywords(), text(params, 'query')).sort()
      return flag(params, 'all_fields') ? names.map(toTag) : names
    },
  },
  tag_search: {
    needs: 'search:read',
    help: 'Keywords that contain a text: query, limit, offset.',
    run: async ({ counts }, { params }) => {
      const query = [params.query ?? []].flat().map(String).join(' ')
      const names = query === '' ? [] : matching(await counts.keywords(), query).sort()
      const offset = natural(params, 'offset') ?? 0
      const limit = natural(params, 'limit') ?? names.length
      return { count: names.length, results: names.slice(offset, offset + limit).map(toTag) }
    },
  },
  tag_autocomplete: {
    needs: 'search:read',
    help: 'Keywords that contain a text, the most used first: query (or q), limit.',
    run: async ({ counts }, { params }) =>
      autocompleteTags(
        counts,
        text(params, 'query') ?? text(params, 'q') ?? '',
        natural(params, 'limit') ?? 10,
      ),
  },
  tag_show: {
    needs: 'search:read',
    help: 'A keyword by its name or id: include_datasets.',
    run: async (ckan, { params }) => {
      const ref = idOf(params)
      const name = (await ckan.counts.keywords()).find(([tag]) => tag === ref || toTag(tag).id === ref)?.[0]
      if (name === undefined) throw notFound(ref.slice(0, 100))
      if (!flag(params, 'include_datasets')) return toTag(name)
      const { results } = await searchPackages(ckan, { fq: tagFilter(name), rows: maxRows })
      return new Json(`${JSON.stringify(toTag(name)).slice(0, -1)},"packages":[${results.join(',')}]}`)
    },
  },
  vocabulary_list: { needs: 'search:read', help: 'There are no vocabularies.', run: async () => [] },
  vocabulary_show: {
    needs: 'search:read',
    help: 'There are no vocabularies.',
    run: async (_, { params }) => {
      throw notFound(idOf(params).slice(0, 100))
    },
  },
}

/** A keyword as a filter says it. */
export const tagFilter = (name: string) => `tags:"${name.replaceAll(/["\\]/g, '\\$&')}"`
