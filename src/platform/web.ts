import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from './http.ts'

/** Where the build puts the web UI; the same folder seen from src/ and from dist/. */
const webRoot = fileURLToPath(new URL('../../dist/web/', import.meta.url))

/** Paths that belong to programs: an unknown one is an error there, never a page. */
const programPaths = /^\/(api|feeds|metrics|healthz|readyz|assets|embed)(\/|$|\?)/

/** First parts of the addresses of pages (web/routes/router.tsx): at all others the page says that there is nothing, with 404. */
const pagePaths = /^\/(search|dataset|body|bodies|theme|themes|coverage|developers|sign-in|work)?(\/|$|\?)/

/** Serves the built web UI: hashed assets for ever, `index.html` for every page address (`webPage`). */
export async function serveWeb(app: App): Promise<void> {
  await app.register(swaggerUi, { routePrefix: '/api/docs', staticCSP: false })
  if (!existsSync(webRoot)) return
  await app.register(fastifyStatic, { root: webRoot, serve: false, preCompressed: true })
  app.get(
    '/assets/*',
    { config: { action: 'public:read' }, schema: { hide: true } },
    async (request, reply) => {
      const file = `assets/${(request.params as { '*': string })['*']}`
      return reply.sendFile(file, { maxAge: '365d', immutable: true })
    },
  )
  serveWidget(app)
}

/** Seconds that a browser keeps the widget of other sites: its address stays when it changes. */
const widgetSeconds = 300

/** The search box for pages of other sites. */
function serveWidget(app: App): void {
  app.get(
    '/embed/search.js',
    { config: { action: 'public:read', anyOrigin: true }, schema: { hide: true } },
    (_request, reply) => reply.sendFile('embed/search.js', { maxAge: widgetSeconds * 1000 }),
  )
}

/** The page of an address, for `createHttp`: `index.html`, or a file beside it; undefined for addresses of programs. */
export function webPage(request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined {
  // Without the function the web UI was not there when the node started.
  if (request.method !== 'GET' || programPaths.test(request.url) || !reply.sendFile || !existsSync(webRoot))
    return undefined
  const file = /^\/[a-z0-9-]+\.(svg|ico|png|txt|webmanifest)$/.exec(request.url)?.[0].slice(1)
  return file && existsSync(webRoot + file)
    ? reply.sendFile(file, { maxAge: '1d' })
    : reply
        .status(pagePaths.test(request.url) ? 200 : 404)
        .header('cache-control', 'no-cache')
        .sendFile('index.html', { cacheControl: false })
}

/** What a page says of itself before any script runs: to search engines, previews and programs. */
export interface PageHead {
  title: string
  description?: string
  links?: { rel: string; href: string; type?: string; title?: string }[]
  /** Said as JSON-LD. */
  data?: object
}

/** Characters of a description that anybody shows. */
const shownDescription = 300
/** The page where no web UI was built: its head is all there is. */
const barePage = '<!doctype html>\n<html>\n<head><title>Concord</title></head>\n<body></body>\n</html>\n'

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
/** A text for the inside of an HTML element or attribute. */
export const htmlText = (text: string): string => text.replace(/[&<>"]/g, (char) => entities[char]!)

/** Sends the web UI with a head of its own. */
export async function sendPage(reply: FastifyReply, head: PageHead): Promise<FastifyReply> {
  const built = existsSync(webRoot)
  const page = built ? await readFile(`${webRoot}index.html`, 'utf8') : barePage
  return reply.header('cache-control', 'no-cache').type('text/html; charset=utf-8').send(withHead(page, head))
}

/** The page with its title and description replaced and the rest before the end of its head. */
export function withHead(page: string, { title, description, links = [], data }: PageHead): string {
  const tag = (name: string, attributes: Record<string, string | undefined>) =>
    `<${name}${Object.entries(attributes)
      .flatMap(([key, value]) => (value === undefined ? [] : ` ${key}="${htmlText(value)}"`))
      .join('')} />`
  const short = description?.replace(/\s+/g, ' ').trim().slice(0, shownDescription)
  const lines = [
    `<title>${htmlText(title)}</title>`,
    ...(short ? [tag('meta', { name: 'description', content: short })] : []),
    tag('meta', { property: 'og:title', content: title }),
    ...links.map((link) => tag('link', link)),
    // Data, not a script: what could end the element or begin a comment in it is escaped.
    ...(data
      ? [`<script type="application/ld+json">${JSON.stringify(data).replaceAll('<', '\\u003c')}</script>`]
      : []),
  ]
  return page
    .replace(/\s*<title>[^<]*<\/title>/, '')
    .replace(short ? /\s*<meta name="description"[^>]*>/ : /(?!)/, '')
    .replace('</head>', () => `  ${lines.join('\n    ')}\n  </head>`)
}
