import { type Db, sql } from '../src/platform/postgres.ts'
import { type FacetName, facetNames } from '../src/search/search.schema.ts'
import { withSettings } from './baseline-postgres-build.ts'
import { quantile } from './queries.ts'

/**
 * The search of the baseline: PostgreSQL full text and pg_trgm over the rows of `prepareBaseline`, each choice the
 * faster of those tried. It is given more than its manual offers: Chinese as pairs of characters, candidates in the
 * order of a static score so that a broad word is not ranked over a million rows, facets as dictionary numbers. It
 * does less than the product: Traditional and Simplified stay apart, and no reasons or highlights are made.
 */

export { type BaselineBuild, prepareBaseline } from './baseline-postgres-build.ts'

/** A statement that runs longer is stopped and counts as this (ms). */
export const baselineTimeoutMs = 30_000
/** Candidates per tier (title, all text) that are ranked by their words: as many as the product ranks by text. */
const rankedCandidates = 200
/** Values of one facet that are returned; all are counted. */
const facetValues = 100

/** For the sessions that search: parallel plans as two cores allow, bitmaps of millions of rows kept exact. */
const settings = {
  statement_timeout: String(baselineTimeoutMs),
  work_mem: '128MB',
  max_parallel_workers_per_gather: '1',
  jit: 'off',
}

/** Runs `work` on one connection set up for searching; give its handle to the functions below. */
export const withBaselineSession = <T>(db: Db, work: (session: Db) => Promise<T>): Promise<T> =>
  withSettings(db, settings, work)

export interface BaselineHit {
  id: number
  title: string
  rank: number
}

export interface BaselineAnswer {
  hits: BaselineHit[]
  total: number
  facets: Record<FacetName, { value: string; count: number }[]>
}

interface Question {
  /** For `to_tsquery`; empty where only bodies are asked for. */
  text: string
  /** The words as a title would have them. */
  title: string
  /** Parts of body names, and whether they must not occur. */
  bodies: { name: string; not: boolean }[]
  /** Parts of Latin words, for a second look where whole words and beginnings find nothing. */
  partial: string[]
}

/** Weights of the vector that a field of the query stands for. */
const fieldWeights: Record<string, string> = { title: 'A', item: 'B', tag: 'C', code: 'D' }
/** Shortest word that also finds longer ones, as in the product (characters; digits 2). */
const shortestPrefix = 3

/** One run of Han characters or of letters and digits as operands with the distances of a phrase between them. */
function operands(run: string, weight: string, phrase: boolean): string[] {
  if (!/\p{Script=Han}/u.test(run)) {
    const prefix = !phrase && run.length >= (/^\d/.test(run) ? 2 : shortestPrefix) ? '*' : ''
    return [`'${run}'${prefix || weight ? ':' : ''}${prefix}${weight}`]
  }
  const characters = [...run]
  if (characters.length === 1) return [`'${run}':*${weight}`]
  return characters.slice(1).map((c, i) => `'${characters[i]}${c}'${weight ? `:${weight}` : ''}`)
}

/** A word or phrase for `to_tsquery`. Only letters and digits get into it. */
function clauseText(text: string, weight: string, phrase: boolean): string {
  const runs = text.match(/\p{Script=Han}+|(?:(?!\p{Script=Han})[\p{L}\p{N}])+/gu) ?? []
  const parts = runs.map((run) => operands(run, weight, phrase))
  if (!phrase) return [...new Set(parts.flat())].join(' & ')
  // A single character stands before the first pair of a run and behind its last one.
  const pair = (operand: string) => /\p{Script=Han}{2}/u.test(operand)
  return parts
    .flat()
    .map((o, i, all) => (i === 0 ? o : `${pair(o) !== pair(all[i - 1]!) ? '<2>' : '<->'} ${o}`))
    .join(' ')
}

/** Reads a query of the product's language: words, "phrases", -without, title:, item:, body:, code:, tag:. */
export function readBaselineQuery(raw: string): Question {
  const question: Question = { text: '', title: '', bodies: [], partial: [] }
  const texts: string[] = []
  const words: string[] = []
  let plain = true
  for (const [, minus, name, quoted, bare] of raw
    .normalize('NFKC')
    .matchAll(/(-?)(?:(title|item|body|code|tag):)?(?:"([^"]*)"|(\S+))/gi)) {
    const text = quoted ?? bare ?? ''
    const field = name?.toLowerCase()
    if (field === 'body') {
      question.bodies.push({ name: text, not: minus !== '' })
      continue
    }
    const clause = clauseText(text, field ? fieldWeights[field]! : '', quoted !== undefined)
    if (clause === '') continue
    texts.push(minus ? `!(${clause})` : `(${clause})`)
    if (minus) continue
    words.push(text)
    plain &&= field === undefined && /^[\p{Script=Latin}\p{N}]{3,}$/u.test(text)
  }
  question.text = texts.join(' & ')
  question.title = words.join(' ')
  if (plain) question.partial = words
  return question
}

/** The condition on `baseline.entry e`, by the vector of one tier or by parts of words. */
function condition(question: Question, tier: 'words' | 'title_words' | 'partial_text') {
  const parts = question.bodies.map(
    ({ name, not }) =>
      sql`${sql.raw(not ? 'not' : '')} e.organisation_id = any(array(
        select id from baseline.organisation where names ilike ${`%${name}%`} or code = ${name}))`,
  )
  if (tier === 'partial_text')
    for (const word of question.partial) parts.push(sql`e.partial_text ilike ${`%${word}%`}`)
  else if (question.text)
    parts.push(sql`e.${sql.raw(tier)} @@ to_tsquery('baseline.mixed', ${question.text})`)
  return parts.length === 0 ? sql`true` : sql.join(parts, sql` and `)
}

/**
 * The ranked page of a query: cover density of the words (`ts_rank_cd`, weights of title, items, text, codes), the
 * whole title, and the static score. Candidates are the best by score of those with all words in the title and of
 * those with all words anywhere, from the score index for broad words and from the GIN index for others.
 */
export async function baselinePage(
  db: Db,
  q: string,
  { limit = 20, offset = 0 }: { limit?: number; offset?: number } = {},
): Promise<BaselineHit[]> {
  const question = readBaselineQuery(q)
  const hits = await rankedPage(db, question, 'words', limit, offset)
  return hits.length > 0 || question.partial.length === 0
    ? hits
    : rankedPage(db, question, 'partial_text', limit, offset)
}

async function rankedPage(
  db: Db,
  question: Question,
  tier: 'words' | 'partial_text',
  limit: number,
  offset: number,
): Promise<BaselineHit[]> {
  const candidates = Math.max(rankedCandidates, offset + limit)
  const byWords = tier === 'words' && question.text !== ''
  const walk = byWords
    ? question.bodies.length === 0 && (await isBroad(db, question.text, candidates))
    : !question.text
  // The addition keeps the planner off the score index.
  const order = sql.raw(walk ? 'score desc, id' : 'score + 0 desc, id')
  const best = (from: Parameters<typeof condition>[1]) =>
    sql`(select id from baseline.entry e where ${condition(question, from)} order by ${order} limit ${candidates})`
  const all = byWords ? sql`${best('title_words')} union ${best('words')}` : best(tier)
  const rank = byWords
    ? sql`2 * ts_rank_cd('{0.1, 0.2, 0.5, 1}', e.words, to_tsquery('baseline.mixed', ${question.text}), 1|32)`
    : sql`0`
  const { rows } = await sql<BaselineHit>`
    with candidate as materialized (${all})
    select e.id, e.title,
      ${rank} + 0.3 * e.score + case when lower(e.title) = lower(${question.title}) then 10 else 0 end as rank
    from candidate join baseline.entry e using (id)
    order by rank desc, id limit ${limit} offset ${offset}`.execute(db)
  return rows
}

async function isBroad(db: Db, text: string, candidates: number): Promise<boolean> {
  const { rows } = await sql<{ broad: boolean }>`
    select baseline.is_broad(${text}, ${candidates}::int) as broad`.execute(db)
  return rows[0]!.broad
}

/** The ranked page with the exact total and all ten facets, over one pass of the matching rows. */
export async function baselinePageWithFacets(db: Db, q: string): Promise<BaselineAnswer> {
  const question = readBaselineQuery(q)
  let tier: 'words' | 'partial_text' = 'words'
  let hits = await rankedPage(db, question, tier, 20, 0)
  if (hits.length === 0 && question.partial.length > 0) {
    tier = 'partial_text'
    hits = await rankedPage(db, question, tier, 20, 0)
  }
  return { hits, ...(await countFacets(db, condition(question, tier))) }
}

async function countFacets(db: Db, where: ReturnType<typeof condition>) {
  const { rows } = await sql<{ facet: FacetName | 'total'; value: string; count: number }>`
    with counted as materialized (
      select grouping(organisation_id, theme_set, format_set, plain_set) as level,
        coalesce(organisation_id, theme_set, format_set, plain_set) as id, count(*) as n
      from baseline.entry e where ${where}
      group by grouping sets ((organisation_id), (theme_set), (format_set), (plain_set))
    ), part as (
      select 'body' as facet, o.code as value, n from counted c join baseline.organisation o using (id) where level = 7
      union all
      select 'tier', o.tier, n from counted c join baseline.organisation o using (id) where level = 7
      union all
      select 'region', r, n from counted c join baseline.organisation o using (id), unnest(o.regions) r where level = 7
      union all
      select s.kind, v, n from counted c join baseline.facet_set s using (id), unnest(s.value) v where level in (11, 13)
      union all
      select (array['sharing', 'open', 'cycle', 'grade', 'database'])[i], v, n
      from counted c join baseline.facet_set s using (id), unnest(s.value) with ordinality u (v, i)
      where level = 14 and v is not null
      union all
      select 'total', '', n from counted where level = 14
    ), ranked as (
      select facet, value, sum(n) as count, row_number() over (partition by facet order by sum(n) desc, value) as place
      from part group by facet, value
    )
    select facet, value, count from ranked where place <= ${facetValues} order by facet, place`.execute(db)
  const facets = Object.fromEntries(
    facetNames.map((name) => [name, []]),
  ) as unknown as BaselineAnswer['facets']
  let total = 0
  for (const { facet, value, count } of rows)
    if (facet === 'total') total = count
    else facets[facet].push({ value, count })
  return { total, facets }
}

export interface BaselineFigures {
  /** Milliseconds; a statement that was stopped counts as `baselineTimeoutMs`. */
  pageP50: number
  pageP95: number
  facetsP50: number
  facetsP95: number
  /** Pages of either kind that were stopped. */
  timeouts: number
}

/**
 * Times every query `runs` times, one caller: the page, then page + total + facets. Nothing is warmed up but the
 * store's own cache by earlier runs; the first run counts where it is the only one. A query that was stopped is not
 * run again.
 */
export async function measureBaseline(
  db: Db,
  queries: { page: string[]; facets: string[] },
  runs: number,
): Promise<BaselineFigures> {
  let timeouts = 0
  const measure = (list: string[], ask: (session: Db, q: string) => Promise<unknown>) =>
    withBaselineSession(db, async (session) => {
      const times: number[] = []
      const stopped = new Set<string>()
      for (let run = 0; run < runs; run++) {
        for (const q of list) {
          if (stopped.has(q)) continue
          const started = performance.now()
          try {
            await ask(session, q)
            times.push(performance.now() - started)
          } catch (error) {
            if ((error as { code?: string }).code !== '57014') throw error
            timeouts++
            stopped.add(q)
            for (let rest = run; rest < runs; rest++) times.push(baselineTimeoutMs)
          }
        }
      }
      return times.sort((a, b) => a - b)
    })
  const page = await measure(queries.page, (session, q) => baselinePage(session, q))
  const facets = await measure(queries.facets, (session, q) => baselinePageWithFacets(session, q))
  return {
    pageP50: quantile(page, 0.5),
    pageP95: quantile(page, 0.95),
    facetsP50: quantile(facets, 0.5),
    facetsP95: quantile(facets, 0.95),
    timeouts,
  }
}
