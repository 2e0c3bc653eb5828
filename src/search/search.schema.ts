import Type, { type Static, type TSchema } from 'typebox'

/** What the search box, the results page and programs send and get. */

/** Characters of a query; more is cut with a note, never refused. */
export const maxQueryLength = 500
/** Entries on one page. */
export const maxPageSize = 100

export { type FacetName, facetNames } from './facet-names.ts'
export const sortNames = ['relevance', 'updated', 'name', 'use'] as const

const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
/** Several values of one facet are alternatives; different facets narrow each other. */
const FacetFilter = Type.Array(Type.String({ minLength: 1, maxLength: 100 }), { maxItems: 50 })

const filters = {
  theme: Type.Optional(FacetFilter),
  body: Type.Optional(FacetFilter),
  region: Type.Optional(FacetFilter),
  tier: Type.Optional(FacetFilter),
  sharing: Type.Optional(FacetFilter),
  open: Type.Optional(FacetFilter),
  format: Type.Optional(FacetFilter),
  cycle: Type.Optional(FacetFilter),
  grade: Type.Optional(FacetFilter),
  database: Type.Optional(FacetFilter),
}

export const SearchQuery = Type.Object(
  {
    q: Type.Optional(
      Type.String({
        maxLength: maxQueryLength,
        description: 'Words, "phrases", -without, item:, body:, code:, title:, tag:',
      }),
    ),
    ...filters,
    sort: Type.Optional(Type.Enum([...sortNames])),
    offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000_000, default: 0 })),
    limit: Type.Optional(Type.Integer({ minimum: 0, maximum: maxPageSize, default: 20 })),
    facets: Type.Optional(Type.Boolean({ default: true, description: 'Count the facets too' })),
  },
  { additionalProperties: false },
)
export type SearchQuery = Static<typeof SearchQuery>

/** A half-open range of UTF-16 units in a text that a query word matched. */
const Range = Type.Unsafe<[number, number]>(Type.Array(Type.Integer(), { minItems: 2, maxItems: 2 }))
const Highlight = Type.Array(Range, { description: '[from, to) in the text before' })

export const FacetValue = Type.Object({
  value: Type.String(),
  /** Label by language where the profile or the body has one. */
  label: Type.Record(Type.String(), Type.String()),
  count: Type.Integer(),
  selected: Type.Boolean(),
})
export type FacetValue = Static<typeof FacetValue>

export const SearchHit = Type.Object({
  uid: Type.String({ format: 'uuid' }),
  title: Type.String(),
  language: Type.String(),
  translations: Type.Record(Type.String(), Type.Unknown()),
  titleHighlight: Highlight,
  /** The part of the abstract around the match, at most 300 characters. */
  snippet: Type.String(),
  snippetHighlight: Highlight,
  /** Item names that matched, best first, at most 5. */
  matchingItems: Type.Array(Type.Object({ name: Type.String(), highlight: Highlight })),
  itemCount: Type.Integer(),
  /** Where the words were found: the strongest field. */
  why: Type.Enum(['exact_title', 'title', 'item', 'text', 'code', 'body', 'tag', 'all']),
  body: Type.Object({
    code: Type.String(),
    name: Type.String(),
    translations: Type.Record(Type.String(), Type.Unknown()),
    tier: Type.String(),
    divisionCode: Nullable(Type.String()),
  }),
  theme: Type.Array(Type.String()),
  format: Type.Array(Type.String()),
  sharingType: Type.String(),
  openType: Type.String(),
  updateCycle: Type.String(),
  grade: Nullable(Type.String()),
  database: Nullable(Type.String()),
  modified: Nullable(Type.String()),
  changedAt: Type.String(),
  useCount: Type.Integer(),
  quality: Type.Integer(),
})
export type SearchHit = Static<typeof SearchHit>

const answer = {
  total: Type.Integer(),
  /** True where `total` and the facet counts are estimates (phrases over very many entries). */
  estimated: Type.Boolean(),
  /** True where no entry has all words and those with most of them are shown. */
  relaxed: Type.Boolean(),
  tookMs: Type.Number(),
}

export const SearchResult = Type.Object(
  {
    ...answer,
    hits: Type.Array(SearchHit),
    facets: Type.Record(
      Type.String({
        description: 'theme, body, region, tier, sharing, open, format, cycle, grade, database',
      }),
      Type.Array(FacetValue),
    ),
  },
  { $id: 'SearchResult' },
)
export type SearchResult = Static<typeof SearchResult>

/** The item view: which data sets hold this item, and who is its source? */
export const ItemHit = Type.Object({
  name: Type.String(),
  highlight: Highlight,
  description: Nullable(Type.String()),
  translations: Nullable(Type.Record(Type.String(), Type.Unknown())),
  dataType: Nullable(Type.String()),
  isKey: Type.Boolean(),
  grade: Nullable(Type.String()),
  sharingType: Type.String(),
  openType: Type.String(),
  personal: Type.Boolean(),
  /** The body that answers for the item: its own, else the entry's. */
  source: Type.Object({
    code: Type.String(),
    name: Type.String(),
    translations: Type.Record(Type.String(), Type.Unknown()),
  }),
  /** True where the entry's own body is the source. */
  atSource: Type.Boolean(),
  dataset: Type.Object({
    uid: Type.String({ format: 'uuid' }),
    title: Type.String(),
    translations: Type.Record(Type.String(), Type.Unknown()),
    bodyCode: Type.String(),
    bodyName: Type.String(),
    updateCycle: Type.String(),
  }),
})
export type ItemHit = Static<typeof ItemHit>

export const ItemSearchResult = Type.Object(
  {
    ...answer,
    hits: Type.Array(ItemHit),
    /** Distinct matching item names with the number of data sets that hold each, most first, at most 30. */
    names: Type.Array(Type.Object({ name: Type.String(), count: Type.Integer() })),
    facets: SearchResult.properties.facets,
  },
  { $id: 'ItemSearchResult' },
)
export type ItemSearchResult = Static<typeof ItemSearchResult>

export const SuggestQuery = Type.Object(
  {
    q: Type.String({ minLength: 1, maxLength: 100 }),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 20, default: 10 })),
  },
  { additionalProperties: false },
)
export const Suggestion = Type.Object({
  kind: Type.Enum(['title', 'item', 'body', 'theme']),
  text: Type.String(),
  highlight: Highlight,
  /** Entries behind it, where known. */
  count: Nullable(Type.Integer()),
  /** uid of the entry, code of the body or theme. */
  target: Nullable(Type.String()),
})
export type Suggestion = Static<typeof Suggestion>
export const SuggestResult = Type.Object({ suggestions: Type.Array(Suggestion) }, { $id: 'SuggestResult' })
export type SuggestResult = Static<typeof SuggestResult>
