import { DataFactory, type NamedNode, type Quad } from 'n3'
import { type Change, getChanged, getChanges } from '../../catalog/index.ts'
import type { Db } from '../../platform/postgres.ts'
import type { Profile } from '../../platform/profile.ts'
import { datasetQuads } from '../dcat/graph.ts'
import { describe, text, typed } from '../dcat/graph-node.ts'
import { activity, datasetIri, dct, ldes, prov, rdf, tree } from '../dcat/vocabulary.ts'

const { namedNode, quad, blankNode } = DataFactory

/** Members of a page: some 10,000 quads, a megabyte, 30 ms to write out. Part of every address: never change it. */
export const pageSize = 100

export interface StreamOptions {
  db: Db
  profile: Profile
  /** Where people reach this node, without a trailing slash. */
  base: string
  /** What the catalogue is called. */
  title: string
}

export interface StreamPage {
  quads: Quad[]
  /** There are later pages: this one will never change. */
  complete: boolean
  /** Place of its newest change. */
  last: number
}

/** The address of a page; the first one is where the stream is entered. */
const pageIri = (base: string, page: number) =>
  namedNode(page === 1 ? `${base}/ldes` : `${base}/ldes/${page}`)

/**
 * A page of the Linked Data Event Stream (TREE): every version of every entry that was ever published, and the deletes,
 * each an immutable member in a graph of its own. Pages are filled in order, so that a client reads each full page
 * once and comes back for the last one only. @returns undefined beyond the last page.
 */
export async function streamPage(options: StreamOptions, page: number): Promise<StreamPage | undefined> {
  const first = (page - 1) * pageSize
  const found = await getChanges(options.db, first, pageSize + 1)
  if (page > 1 && found.length === 0) return undefined
  const changes = found.slice(0, pageSize)
  const next = found[pageSize]
  const entries = await getChanged(options.db, changes)
  const quads = describeStream(options, page, next)
  for (const change of changes) addMember(quads, options, change, entries.get(change.ordinal))
  return { quads, complete: next !== undefined, last: changes.at(-1)?.ordinal ?? 0 }
}

const streamIri = (base: string) => namedNode(`${base}/ldes#stream`)

function describeStream({ base, title }: StreamOptions, page: number, next: Change | undefined): Quad[] {
  const quads: Quad[] = []
  const view = pageIri(base, page)
  describe(quads, streamIri(base), ldes('EventStream'))
    .add(dct('title'), text(title))
    .add(ldes('timestampPath'), prov('generatedAtTime'))
    .add(ldes('versionOfPath'), dct('isVersionOf'))
    .add(tree('view'), pageIri(base, 1))
  describe(quads, view, tree('Node'))
  if (!next) return quads
  // Members come in the order of their times: what follows is not older than the first of it.
  const relation = blankNode('next')
  quads.push(
    quad(view, tree('relation'), relation),
    quad(relation, rdf('type'), tree('GreaterThanOrEqualToRelation')),
    quad(relation, tree('path'), prov('generatedAtTime')),
    quad(relation, tree('value'), typed(next.at, 'dateTime') as NamedNode),
    quad(relation, tree('node'), pageIri(base, page + 1)),
  )
  return quads
}

/** What happened, in the words of Activity Streams 2. */
const kinds = { create: 'Create', update: 'Update', delete: 'Delete' } as const

function addMember(
  quads: Quad[],
  options: StreamOptions,
  change: Change,
  entry: Parameters<typeof datasetQuads>[0] | undefined,
): void {
  const dataset = datasetIri(options.base, change.uid)
  const id = namedNode(`${dataset.value}?change=${change.ordinal}`)
  const member: Quad[] = []
  describe(member, id, activity(kinds[change.kind]))
    .add(dct('isVersionOf'), dataset)
    .add(prov('generatedAtTime'), typed(change.at, 'dateTime'))
  if (entry) member.push(...datasetQuads(entry, { ...options, id }))
  quads.push(quad(streamIri(options.base), tree('member'), id))
  for (const q of member) quads.push(quad(q.subject, q.predicate, q.object, id))
}
