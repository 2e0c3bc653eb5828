export const syntaxes = ['turtle', 'n-triples', 'n-quads', 'trig', 'json-ld', 'rdf-xml'] as const
export type Syntax = (typeof syntaxes)[number]

/** What is asked for, best first. */
export const rdfAccept =
  'text/turtle, application/n-triples;q=0.9, application/ld+json;q=0.8, application/rdf+xml;q=0.7, */*;q=0.1'

const ofType: Record<string, Syntax> = {
  'text/turtle': 'turtle',
  'application/x-turtle': 'turtle',
  'text/n3': 'turtle',
  'application/n-triples': 'n-triples',
  'application/n-quads': 'n-quads',
  'application/trig': 'trig',
  'application/ld+json': 'json-ld',
  'application/json': 'json-ld',
  'application/rdf+xml': 'rdf-xml',
  'application/xml': 'rdf-xml',
  'text/xml': 'rdf-xml',
}

/**
 * The syntax of an answer: as its content type says, where its beginning does not contradict; else by the beginning.
 * Undefined when it is no RDF, e.g. the page of a web site.
 */
export function syntaxOf(contentType: string, head: string): Syntax | undefined {
  const told = ofType[contentType.split(';')[0]!.trim().toLowerCase()]
  const start = head.replace(/^\ufeff/, '').trimStart()
  if (told && fits(told, start)) return told
  if (/^<(\?xml|rdf:RDF|!DOCTYPE\s+rdf|!--)/i.test(start) || /<rdf:RDF[\s>]/.test(start.slice(0, 2_000)))
    return 'rdf-xml'
  if (/^\{|^\[\s*[{\]]/.test(start)) return 'json-ld'
  if (/^(#.*\n\s*)*(@prefix|@base|prefix\s|base\s|<[a-z][a-z0-9+.-]*:[^<>\s]*>|_:|\[)/i.test(start))
    return 'turtle'
  return undefined
}

/** False where the first character cannot begin a text of the syntax. */
function fits(syntax: Syntax, start: string): boolean {
  const isMarkup = /^<(\?xml|!|html|rdf:RDF)/i.test(start)
  if (syntax === 'json-ld') return /^[{[]/.test(start)
  if (syntax === 'rdf-xml') return start.startsWith('<') && !/^<(!doctype\s+)?html/i.test(start)
  return !isMarkup && (syntax === 'trig' || !/^\{|^\[\s*\{/.test(start))
}

/** The text of an answer. UTF-8, unless a byte order mark, its content type or its XML declaration says otherwise. */
export function decodeText(body: Buffer, contentType: string): string {
  const declared =
    /charset\s*=\s*"?([\w.:-]+)/i.exec(contentType)?.[1] ??
    /^<\?xml[^>]*\bencoding\s*=\s*["']([\w.:-]+)/i.exec(body.toString('latin1', 0, 200))?.[1]
  const marked =
    body[0] === 0xff && body[1] === 0xfe
      ? 'utf-16le'
      : body[0] === 0xfe && body[1] === 0xff
        ? 'utf-16be'
        : undefined
  try {
    return new TextDecoder(marked ?? declared ?? 'utf-8').decode(body)
  } catch {
    // A name that nobody knows; the text is most likely what all others send.
    return body.toString('utf8')
  }
}
