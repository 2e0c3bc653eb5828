import { type Corpus, random } from './corpus.ts'
import { attributes, kinds, qualifiers, subjects } from './vocabulary.ts'

/** Requests of the search API, each different: words of every form people type, one in four with filters. */

const even = <T>(list: readonly T[], r: number): T => list[Math.floor(r * list.length)]!

/** Words that a large part of the catalogue holds. */
export const broadWords = [
  '数据',
  '信息',
  '统计',
  '车',
  '水',
  '人',
  'data',
  'information',
  'register',
  '名称',
  '地址',
  'name',
  '2019',
]

const filterSets = [
  { sharing: ['unconditional'] },
  { tier: ['city', 'county'] },
  { open: ['unconditional', 'conditional'], sharing: ['unconditional'] },
  { format: ['CSV', 'XLSX'] },
  { cycle: ['daily', 'weekly'] },
] as const

/** The path of a request. */
export function searchPath(
  q: string,
  options: {
    facets: boolean
    filters?: Record<string, readonly string[]>
    sort?: string
    offset?: number
    limit?: number
  },
): string {
  const query = new URLSearchParams()
  if (q) query.set('q', q)
  for (const [name, values] of Object.entries(options.filters ?? {}))
    for (const v of values) query.append(name, v)
  if (options.sort) query.set('sort', options.sort)
  if (options.offset) query.set('offset', String(options.offset))
  if (options.limit !== undefined) query.set('limit', String(options.limit))
  if (!options.facets) query.set('facets', 'false')
  return `/api/v1/search?${query}`
}

export interface MixedQuery {
  q: string
  filters: Record<string, readonly string[]>
}

/** Queries without end for one seed, no two alike in words and filters. Broad words come back with other filters. */
export function* queryMix(corpus: Corpus, size: number, seed: number): Generator<MixedQuery> {
  const r = random(seed)
  const entry = () => corpus.entry(1 + Math.floor(r() * size))
  const place = () => even(corpus.world.places, r())
  const forms: (() => string)[] = [
    () => even(broadWords, r()),
    () => even(subjects, r())[0],
    () => even(subjects, r())[1],
    () => `${even(subjects, r())[0]} ${even(kinds, r())[0]}`,
    () => `${even(subjects, r())[1]} ${even(kinds, r())[1]}`,
    () => place().zh + even(subjects, r())[0],
    () => `${place().zh} ${even(subjects, r())[0]} ${2005 + Math.floor(r() * 20)}`,
    () => `${place().en} ${even(subjects, r())[1]}`,
    () => even(subjects, r())[0] + even(attributes, r())[0],
    () => `item:${even(subjects, r())[0]}${even(attributes, r())[0]}`,
    () => `${even(qualifiers, r())[1]} ${even(attributes, r())[1]}`,
    () => `"${even(subjects, r())[0]}${even(kinds, r())[0]}"`,
    () => `${even(subjects, r())[0]} -${even(kinds, r())[0]}`,
    () => even(corpus.world.bodies, r()).zh,
    () => `body:${even(corpus.world.bodies, r()).zh} ${even(kinds, r())[0]}`,
    () => entry().title,
    () => entry().code,
    () => entry().items[0]!.name,
  ]
  const seen = new Set<string>()
  for (;;) {
    const q = even(forms, r())()
    const filters = r() < 0.25 ? even(filterSets, r()) : {}
    const key = JSON.stringify([q, filters])
    if (seen.has(key)) continue
    seen.add(key)
    yield { q, filters }
  }
}

/** The next of a generator, many times. */
export const take = <T>(from: Iterator<T>, count: number): T[] =>
  Array.from({ length: count }, () => from.next().value as T)
