import { readFile } from 'node:fs/promises'
import type { Quad } from '@rdfjs/types'
import type { Syntax } from './rdf-syntax.ts'

/** The text is not what it should be; with its place where the parser knows it. */
export class RdfError extends Error {
  readonly rule: string
  readonly at: string | undefined
  readonly remedy: string | undefined
  constructor(rule: string, message: string, o: { at?: string; remedy?: string } = {}) {
    super(message)
    this.rule = rule
    this.at = o.at
    this.remedy = o.remedy
  }
}

/** Statements of one page: 50 MB of Turtle have about half of it. */
const quadLimit = 2_000_000
/** Objects and lists within each other; honest JSON-LD has about ten. */
const depthLimit = 100
const bundled = new URL('../../../mappings/contexts/', import.meta.url)
/** Contexts kept with the program, by the addresses under which catalogues name them. */
const contexts: [RegExp, string][] = [
  [
    /^https?:\/\/semiceu\.github\.io\/DCAT-AP\/releases\/3\.[\d.]+\/context\/dcat-ap\.jsonld$/i,
    'dcat-ap-3.jsonld',
  ],
]

/**
 * Reads the statements of a page, handing over each. Nothing outside the text is loaded, whatever it names.
 * @throws RdfError where the text is broken or forbidden; statements before the place are handed over
 */
export async function parseRdf(
  text: string,
  o: { syntax: Syntax; base: string },
  onQuad: (quad: Quad) => void,
): Promise<void> {
  let count = 0
  const take = (quad: Quad) => {
    if (++count > quadLimit)
      throw new RdfError('too_many_statements', `has more than ${quadLimit.toLocaleString('en')} statements`)
    onQuad(quad)
  }
  if (o.syntax === 'json-ld') await parseJsonLd(text, o.base, take)
  else if (o.syntax === 'rdf-xml') await parseXml(text, o.base, take)
  else await parseTurtle(text, o, take)
}

async function parseTurtle(text: string, o: { syntax: Syntax; base: string }, take: (quad: Quad) => void) {
  const { Parser } = await import('n3')
  const format = o.syntax === 'turtle' ? 'text/turtle' : `application/${o.syntax}`
  const parser = new Parser({ format, ...(o.syntax.startsWith('n-') ? {} : { baseIRI: o.base }) })
  await new Promise<void>((resolve, reject) => {
    parser.parse(text, (error, quad) => {
      if (error) reject(turtleError(error))
      else if (!quad) resolve()
      else
        try {
          take(quad as unknown as Quad)
        } catch (cause) {
          reject(cause)
        }
    })
  })
}

function turtleError(error: Error & { context?: { line?: number } }): RdfError {
  const [, prefix] = /Undefined prefix "(.*?):?"/.exec(error.message) ?? []
  const line = error.context?.line ?? Number(/line (\d+)/.exec(error.message)?.[1] ?? 0)
  return new RdfError(
    prefix === undefined ? 'turtle' : 'undeclared_prefix',
    prefix === undefined
      ? error.message.replace(/ on line \d+\.?$/, '')
      : `the prefix "${prefix}" is used but not declared`,
    {
      ...(line > 0 ? { at: `line ${line}` } : {}),
      remedy: 'Ask the publisher to write the page with an RDF library.',
    },
  )
}

async function parseXml(text: string, base: string, take: (quad: Quad) => void): Promise<void> {
  refuseDeclarations(text)
  const { RdfXmlParser } = await import('rdfxml-streaming-parser')
  const parser = new RdfXmlParser({ baseIRI: base, trackPosition: true })
  await new Promise<void>((resolve, reject) => {
    const stop = (error: Error & { line?: number; column?: number }) => {
      parser.destroy()
      if (error instanceof RdfError) return reject(error)
      const at = error.line === undefined ? {} : { at: `line ${error.line}, column ${error.column ?? 0}` }
      reject(new RdfError('rdf_xml', error.message.replace(/^\d+:\d+: /, '').slice(0, 300), at))
    }
    parser.on('data', (quad: Quad) => {
      try {
        take(quad)
      } catch (cause) {
        stop(cause as Error)
      }
    })
    parser.on('error', stop)
    parser.on('end', () => resolve())
    parser.end(text)
  })
}

/** A document type that declares anything could name files of this machine, or grow to any size when it is expanded. */
function refuseDeclarations(text: string): void {
  const prolog = /^\ufeff?(?:\s+|<\?[\s\S]*?\?>|<!--[\s\S]*?-->)*/.exec(text)![0]
  const rest = text.slice(prolog.length, prolog.length + 4_096)
  if (!/^<!DOCTYPE/i.test(rest) || !/^<!DOCTYPE[^[>]*(\[|$)/i.test(rest)) return
  throw new RdfError(
    'document_type',
    'has a document type with declarations of its own, which are not read',
    {
      at: `line ${prolog.split('\n').length}`,
      remedy: 'Ask the publisher to leave the DOCTYPE out, or to serve Turtle.',
    },
  )
}

async function parseJsonLd(text: string, base: string, take: (quad: Quad) => void): Promise<void> {
  refuseDepth(text)
  const document = parseJson(text)
  const { default: jsonld } = await import('jsonld')
  try {
    // The types of the library want a document loader to be told apart by its result; ours only knows bundled ones.
    const quads = (await jsonld.toRDF(document as object, {
      base,
      documentLoader: loadBundled as never,
    })) as Iterable<Quad>
    for (const quad of quads) take(quad)
  } catch (error) {
    const inner = causeOf(error)
    if (inner instanceof RdfError) throw inner
    throw new RdfError('json_ld', String((error as Error).message).slice(0, 300))
  }
}

/** The library wraps what a loader throws. */
function causeOf(error: unknown): unknown {
  let at = error as { cause?: unknown; details?: { cause?: unknown } } | undefined
  for (let depth = 0; at && depth < 5 && !(at instanceof RdfError); depth++)
    at = (at.details?.cause ?? at.cause) as typeof at
  return at
}

async function loadBundled(url: string) {
  const file = contexts.find(([address]) => address.test(url))?.[1]
  if (!file)
    throw new RdfError('remote_context', `needs the context ${url.slice(0, 200)}, which is not loaded`, {
      remedy: 'Ask the publisher to send the context within the page, or to serve Turtle.',
    })
  const document = JSON.parse(await readFile(new URL(file, bundled), 'utf8')) as Record<string, object>
  // The published context defines `Xsd:dateTime` and the like, which JSON-LD 1.1 forbids; no page uses them.
  const terms = Object.entries(document['@context']!).filter(([term]) => !term.includes(':'))
  return { contextUrl: undefined, documentUrl: url, document: { '@context': Object.fromEntries(terms) } }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const message = (error as Error).message
    const offset = Number(/position (\d+)/.exec(message)?.[1] ?? -1)
    const lines = offset < 0 ? [] : text.slice(0, offset).split('\n')
    throw new RdfError('json', message.slice(0, 300), {
      ...(lines.length > 0 ? { at: `line ${lines.length}, column ${lines.at(-1)!.length + 1}` } : {}),
    })
  }
}

function refuseDepth(text: string): void {
  let depth = 0
  let inString = false
  let line = 1
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i)
    if (char === 0x0a) line++
    if (inString) {
      if (char === 0x5c) i++
      else if (char === 0x22) inString = false
    } else if (char === 0x22) inString = true
    else if (char === 0x7b || char === 0x5b) {
      if (++depth > depthLimit)
        throw new RdfError('too_deep', `has more than ${depthLimit} objects within each other`, {
          at: `line ${line}`,
        })
    } else if (char === 0x7d || char === 0x5d) depth--
  }
}
