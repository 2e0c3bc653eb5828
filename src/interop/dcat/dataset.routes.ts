import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Quad } from 'n3'
import Type from 'typebox'
import { type Entry, getEntriesByUid, getPublicState } from '../../catalog/index.ts'
import { notFound } from '../../platform/errors.ts'
import { type App, problems } from '../../platform/http.ts'
import type { Db } from '../../platform/postgres.ts'
import { type PageHead, sendPage } from '../../platform/web.ts'
import { type Catalogue, mainTitle } from './catalogue.ts'
import { datasetQuads } from './graph.ts'
import { answerIn, linkText, sendText } from './graph-answer.ts'
import { describe, text, typed } from './graph-node.ts'
import { negotiate } from './negotiate.ts'
import { toSchemaOrg } from './schema-org.ts'
import { type GraphEnding, graphEndings, graphFormats, serialise } from './serialise.ts'
import { activity, datasetIri, dcat, dct } from './vocabulary.ts'

/** `UID` or `UID.ttl`. */
const address = new RegExp(
  `^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\\.(${graphEndings.join('|')}))?$`,
  'i',
)

/** Forms of the address without an ending: the page first, so that a browser or a bare request gets it. */
const forms = ['text/html', 'application/xhtml+xml', ...new Set(Object.values(graphFormats))] as const
/** Other names under which RDF is asked for. */
const aliases = { 'application/json': 'jsonld', 'application/xml': 'rdf', 'text/xml': 'rdf' } as const
const offered = [...forms, ...(Object.keys(aliases) as (keyof typeof aliases)[])]

const NameParams = Type.Object({
  name: Type.String({
    maxLength: 300,
    description: 'The uid, alone or followed by .ttl, .jsonld, .rdf, .xml, .nt or .n3',
  }),
})

/** Entries at their own addresses: a page for people, a graph for programs. */
export function datasetGraphRoutes(app: App, options: { db: Db; catalogue: Catalogue }): void {
  app.get(
    '/dataset/:name',
    {
      config: { action: 'dataset:read', anyOrigin: true },
      schema: {
        tags: ['dcat'],
        operationId: 'getDatasetGraph',
        summary: 'An entry as DCAT-AP 3, or its page',
        description: `By ending or by the Accept header. A retired entry answers 410 with what is left to say of it.`,
        params: NameParams,
        response: { 200: answerIn(forms), 410: answerIn(forms), ...problems },
      },
    },
    async (request, reply) => {
      const [, uid, ending] = address.exec(request.params.name) ?? []
      if (ending && uid)
        return sendGraph(request, reply, options, uid.toLowerCase(), ending.toLowerCase() as GraphEnding)
      reply.header('vary', 'Accept')
      const form = negotiate(request.headers.accept, offered)
      if (form === 'text/html' || form === 'application/xhtml+xml')
        return sendEntryPage(reply, options, uid?.toLowerCase())
      if (!uid) throw notFound(`The entry ${request.params.name}`)
      return sendGraph(request, reply, options, uid.toLowerCase(), endingOf(form))
    },
  )
}

const endingOf = (form: string): GraphEnding =>
  aliases[form as keyof typeof aliases] ?? graphEndings.find((ending) => graphFormats[ending] === form)!

/** The published entry, the time at which it was retired, or neither. */
async function find(db: Db, uid: string): Promise<{ entry?: Entry; retiredAt?: string }> {
  const [entry] = await getEntriesByUid(db, [uid])
  if (entry) return { entry }
  const state = await getPublicState(db, uid)
  return state ? { retiredAt: state.changedAt } : {}
}

const formLinks = ({ base }: Catalogue, uid: string) =>
  (['ttl', 'jsonld', 'rdf', 'nt'] as const).map((ending) => ({
    rel: 'alternate',
    type: graphFormats[ending],
    href: `${datasetIri(base, uid).value}.${ending}`,
  }))

async function sendGraph(
  request: FastifyRequest,
  reply: FastifyReply,
  { db, catalogue }: { db: Db; catalogue: Catalogue },
  uid: string,
  ending: GraphEnding,
): Promise<FastifyReply> {
  const { entry, retiredAt } = await find(db, uid)
  if (!entry && !retiredAt) throw notFound(`The entry ${uid}`)
  const quads = entry ? datasetQuads(entry, catalogue) : tombstone(catalogue.base, uid, retiredAt!)
  const type = graphFormats[ending]
  return sendText(request, reply, {
    type,
    text: serialise(quads, type, catalogue.base),
    modified: entry?.changedAt ?? retiredAt,
    status: entry ? 200 : 410,
    links: [{ rel: 'canonical', href: datasetIri(catalogue.base, uid).value }, ...formLinks(catalogue, uid)],
  })
}

/** What is left to say of a retired entry, in the words of Activity Streams 2. */
function tombstone(base: string, uid: string, at: string): Quad[] {
  const quads: Quad[] = []
  describe(quads, datasetIri(base, uid), activity('Tombstone'))
    .add(activity('formerType'), dcat('Dataset'))
    .add(activity('deleted'), typed(at, 'dateTime'))
    .add(dct('identifier'), text(uid))
  return quads
}

async function sendEntryPage(
  reply: FastifyReply,
  { db, catalogue }: { db: Db; catalogue: Catalogue },
  uid: string | undefined,
): Promise<FastifyReply> {
  const { entry, retiredAt } = uid === undefined ? {} : await find(db, uid)
  // The page itself says what is not there, or shows a draft to those who may see it.
  if (!entry || !uid) return sendPage(reply.code(retiredAt ? 410 : 404), { title: 'Concord' })
  const alternates = formLinks(catalogue, uid)
  const canonical = datasetIri(catalogue.base, uid).value
  reply.header('link', [{ rel: 'canonical', href: canonical }, ...alternates].map(linkText).join(', '))
  const head: PageHead = {
    title: `${entry.content.title} · ${mainTitle(catalogue)}`,
    description: entry.content.abstract || entry.content.title,
    links: [{ rel: 'canonical', href: canonical }, ...alternates],
    data: toSchemaOrg(entry, catalogue),
  }
  return sendPage(reply, head)
}
