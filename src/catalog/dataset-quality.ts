import type { DatasetContent, Item } from './dataset.schema.ts'

/**
 * How complete an entry's description is, 0 to 1000: what a reader needs to decide whether the data helps,
 * in the order in which readers ask (docs: README.md of this folder). It says nothing about the data itself.
 */
const weights = {
  /** Grows to full marks at `fullAbstract` characters. */
  abstract: 170,
  /** Any items at all. */
  items: 170,
  /** Share of the items with a data type, a description, a grade of their own or of the entry. */
  itemTypes: 90,
  itemDescriptions: 60,
  grade: 60,
  /** A file, an address or a service through which the data is reached. */
  access: 140,
  format: 40,
  contact: 60,
  theme: 40,
  keyword: 50,
  /** When the data last changed or was issued, and which period it covers. */
  time: 50,
  duty: 40,
  translation: 30,
} as const

/** Characters: two sentences of English, one paragraph of Chinese counted double. */
const fullAbstract = 200
const fullKeywords = 3

const share = (items: Item[], has: (item: Item) => unknown) =>
  items.length === 0 ? 0 : items.reduce((n, item) => n + (has(item) ? 1 : 0), 0) / items.length

/** Ideographs say about twice as much as letters do. */
const weighAbstract = (text: string) => {
  let size = 0
  for (let i = 0; i < text.length && size < fullAbstract; i++) size += text.charCodeAt(i) >= 0x2e80 ? 2 : 1
  return Math.min(1, size / fullAbstract)
}

/** The static score of an entry, an integer from 0 to 1000; search ranks equal matches by it. */
export function qualityOf(c: DatasetContent): number {
  const items = c.items ?? []
  const distributions = c.distributions ?? []
  const reached = distributions.some((d) => d.accessUrl || d.downloadUrl) || (c.services?.length ?? 0) > 0
  const score =
    weights.abstract * weighAbstract(c.abstract ?? '') +
    weights.items * (items.length > 0 ? 1 : 0) +
    weights.itemTypes * share(items, (i) => i.dataType) +
    weights.itemDescriptions * share(items, (i) => i.description) +
    weights.grade * (c.grade ? 1 : share(items, (i) => i.grade)) +
    weights.access * (reached ? 1 : distributions.length > 0 || c.landingPage ? 0.5 : 0) +
    weights.format * (distributions.some((d) => d.format || d.mediaType) || c.services?.length ? 1 : 0) +
    weights.contact * (c.contact ? 1 : 0) +
    weights.theme * (c.theme?.length || c.classification?.length ? 1 : 0) +
    weights.keyword * Math.min(1, (c.keyword?.length ?? 0) / fullKeywords) +
    weights.time * ((c.modified || c.issued ? 0.6 : 0) + (c.temporalStart || c.temporalEnd ? 0.4 : 0)) +
    weights.duty * (c.duty || c.serviceMatter ? 1 : 0) +
    weights.translation * (c.translations ? 1 : 0)
  return Math.round(score)
}

/** Upper-case short names of an entry's formats, each once, for facets and results. */
export function formatsOf(c: DatasetContent): string[] {
  const formats = new Set<string>()
  for (const d of c.distributions ?? []) {
    const name = d.format ?? d.mediaType?.split(/[/;+]/)[1]
    if (name) formats.add(name.toUpperCase().slice(0, 40))
    if (formats.size >= maxFormats) break
  }
  if (c.services?.length) formats.add('API')
  return [...formats]
}
/** Formats of one entry that search keeps; more than that are variants of the same few. */
const maxFormats = 30
