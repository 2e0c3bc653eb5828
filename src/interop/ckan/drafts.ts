import { type CatalogContext, selectDraftIds } from '../../catalog/index.ts'
import type { Where } from '../../search/index.ts'
import { freshOrganisationTree, subtree } from '../../security/index.ts'
import type { Ckan } from './action.ts'
import { selectOwn } from './ckan.queries.ts'
import type { Loose } from './resource.ts'
import { type Asked, facetFields } from './solr-where.ts'
import { readMoment } from './time.ts'

/** Drafts of the caller's body and below, of which the search index knows nothing. */

/** Drafts of one read, and the newest ones that a search looks through. */
const page = 500
const searched = 1_000

async function* draftIds({ db }: Ckan, { actor }: CatalogContext) {
  if (actor.organisationId === null) return
  await freshOrganisationTree(db)
  const bodies = subtree(actor.organisationId)
  for (let before: number | undefined; ; ) {
    const rows = await selectDraftIds(db, bodies, before, page)
    if (rows.length === 0) return
    yield rows
    before = rows.at(-1)!.id
  }
}

export async function* draftNames(ckan: Ckan, ctx: CatalogContext): AsyncGenerator<string[]> {
  for await (const rows of draftIds(ckan, ctx)) {
    const owns = await selectOwn(
      ckan.db,
      rows.map((r) => r.id),
    )
    yield rows.map((r) => owns.get(r.id)?.name ?? r.uid)
  }
}

/** The drafts that satisfy the conditions of a search, the newest first. */
export async function matchingDrafts(ckan: Ckan, ctx: CatalogContext, asked: Asked): Promise<string[]> {
  const found: string[] = []
  let looked = 0
  for await (const rows of draftIds(ckan, ctx)) {
    for (const { id, uid } of rows) {
      if (++looked > searched) return found
      const { entry, own } = await ckan.packages.find(ckan.db, ctx, uid)
      const pack = await ckan.packages.toDict(entry, own)
      if (satisfies(pack, id, asked)) found.push(JSON.stringify(pack))
    }
  }
  return found
}

const satisfies = (pack: Loose, id: number, { clauses, filters, where }: Asked): boolean =>
  [
    ...clauses.map((clause): Where => ({ kind: 'words', clause })),
    ...Object.entries(filters).map(
      ([facet, values]): Where => ({ kind: 'facet', facet: facet as keyof typeof filters, values }),
    ),
    ...where,
  ].every((w) => holds(pack, id, w))

function holds(pack: Loose, id: number, w: Where): boolean {
  switch (w.kind) {
    case 'all':
      return w.of.every((part) => holds(pack, id, part))
    case 'any':
      return w.of.some((part) => holds(pack, id, part))
    case 'not':
      return !holds(pack, id, w.of)
    case 'ids':
      return w.ids.includes(id)
    case 'after':
      return id > w.id
    case 'words': {
      const text = (w.clause.field === 'title' ? String(pack.title) : JSON.stringify(pack)).toLowerCase()
      const words = w.clause.phrase ? [w.clause.text] : w.clause.text.split(/\s+/)
      return words.every((word) => text.includes(word.toLowerCase()))
    }
    case 'tag': {
      const names = (pack.tags as { name: string }[]).map((t) => t.name.toLowerCase())
      const wanted = w.tag.toLowerCase()
      return names.some((name) => (w.prefix ? name.startsWith(wanted) : name === wanted))
    }
    case 'facet':
      return valuesOf(pack, w.facet).some((value) => w.values.includes(value))
    default: {
      const at =
        readMoment(String(w.kind === 'changed' ? pack.metadata_modified : pack.metadata_created)) ?? 0
      return at >= (w.from ?? 0) && at <= (w.to ?? Number.POSITIVE_INFINITY)
    }
  }
}

function valuesOf(pack: Loose, facet: string): string[] {
  const names = (list: unknown) => (list as { name: string }[]).map((o) => o.name)
  if (facet === 'body') return names([pack.organization])
  if (facet === 'theme') return names(pack.groups)
  if (facet === 'license') return [pack.license_id, pack.license_title, pack.license_url].map(String)
  if (facet === 'format') return (pack.resources as { format: string }[]).map((r) => r.format.toUpperCase())
  const key = Object.entries(facetFields).find(([, name]) => name === facet)?.[0]
  return (pack.extras as { key: string; value: string }[]).filter((e) => e.key === key).map((e) => e.value)
}
