import Type from 'typebox'
import { filledRanges, streamAddresses } from '../../catalog/index.ts'
import { notFound } from '../../platform/errors.ts'
import { type App, problems } from '../../platform/http.ts'
import type { Db } from '../../platform/postgres.ts'
import { xmlText } from './rdfxml-writer.ts'
import { sendStream } from './stream-answer.ts'
import { datasetIri } from './vocabulary.ts'

/**
 * Row ids of one file. The protocol allows 50,000 addresses a file; a file for a range of ids never has more, keeps its
 * entries for ever and is found without counting.
 */
const rangeSize = 50_000
/** Pages of the web UI that stand by themselves. */
const pages = ['/', '/bodies', '/themes', '/developers']

const xml = 'application/xml; charset=utf-8'
const head = '<?xml version="1.0" encoding="UTF-8"?>\n'
const namespace = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'

/** What crawlers of search engines ask for first. */
export function sitemapRoutes(app: App, { db, base }: { db: Db; base: string }): void {
  const config = { action: 'dataset:read' }
  const schema = { tags: ['dcat'], response: { 200: Type.String(), ...problems } }
  app.get(
    '/robots.txt',
    {
      config: { action: 'public:read' },
      schema: {
        ...schema,
        operationId: 'getRobots',
        summary: 'What crawlers may read',
        produces: ['text/plain'],
      },
    },
    (_request, reply) => reply.type('text/plain; charset=utf-8').send(robots(base)),
  )
  app.get(
    '/sitemap.xml',
    {
      config,
      schema: {
        ...schema,
        operationId: 'getSitemap',
        summary: 'Index of the sitemaps',
        produces: ['application/xml'],
      },
    },
    async (_request, reply) => {
      const files = ['pages', ...(await filledRanges(db, rangeSize))]
      const lines = files.map(
        (name) => `<sitemap><loc>${xmlText(`${base}/sitemap/${name}.xml`)}</loc></sitemap>\n`,
      )
      return reply.type(xml).send(`${head}<sitemapindex ${namespace}>\n${lines.join('')}</sitemapindex>\n`)
    },
  )
  app.get(
    '/sitemap/:file',
    {
      config,
      schema: {
        ...schema,
        operationId: 'getSitemapFile',
        summary: 'Addresses of entries with the day of their last change',
        produces: ['application/xml'],
        params: Type.Object({ file: Type.String({ maxLength: 20 }) }),
      },
    },
    async (request, reply) => {
      const name = /^(pages|[1-9]\d{0,5})\.xml$/.exec(request.params.file)?.[1]
      const number = Number(name)
      const known = name === 'pages' || (await filledRanges(db, rangeSize)).includes(number)
      if (!known) throw notFound(`The sitemap ${request.params.file}`)
      return sendStream(reply, xml, name === 'pages' ? pageFile(base) : entryFile(db, base, number))
    },
  )
}

const robots = (base: string) => `User-agent: *
Allow: /
Disallow: /work
Disallow: /api/
Disallow: /search?
Sitemap: ${base}/sitemap.xml
`

async function* pageFile(base: string): AsyncGenerator<string> {
  yield `${head}<urlset ${namespace}>\n`
  for (const page of pages) yield `<url><loc>${xmlText(base + page)}</loc></url>\n`
  yield '</urlset>\n'
}

async function* entryFile(db: Db, base: string, number: number): AsyncGenerator<string> {
  yield `${head}<urlset ${namespace}>\n`
  for await (const rows of streamAddresses(db, (number - 1) * rangeSize, number * rangeSize))
    for (const { uid, changedAt } of rows)
      yield `<url><loc>${xmlText(datasetIri(base, uid).value)}</loc><lastmod>${changedAt}</lastmod></url>\n`
  yield '</urlset>\n'
}
