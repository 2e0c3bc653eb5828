import { objectOf, textOf } from '../mapping-values.ts'
import type { SourceKind } from './source.schema.ts'

/** Types of endpoints in a registry by the kind that reads them, the best first: whole lists before pages of feeds. */
const kinds: [type: RegExp, kind: SourceKind][] = [
  [/^ckan(:package-search|:package-list)?$/, 'ckan'],
  [/^dcat:(ttl|n3|turtle)$/, 'dcat'],
  [/^dcat:(jsonld|json-ld)$/, 'dcat'],
  [/^dcat:(xml|rdf)$/, 'dcat'],
  [/(^|:)dcatus(11|3|30)$/, 'dcat-us'],
  [/^dcatap\d*$/, 'dcat'],
]

/** How a portal of a registry can be read, and where; undefined when none of its endpoints is of a kind that is read here. */
export function endpointOf(portal: Record<string, unknown>): { kind: SourceKind; url: string } | undefined {
  const endpoints = (Array.isArray(portal.endpoints) ? portal.endpoints : []).flatMap((e) => {
    const endpoint = objectOf(e)
    const [type, url] = [textOf(endpoint?.type), textOf(endpoint?.url)]
    return type && url && /^https?:\/\/\S+$/.test(url) && URL.canParse(url) ? [{ type, url }] : []
  })
  for (const [type, kind] of kinds) {
    const found = endpoints.find((e) => type.test(e.type))
    if (found) return { kind, url: kind === 'ckan' ? siteOf(found.url) : found.url }
  }
  return undefined
}

/** The address of a CKAN site from that of one of its actions. */
const siteOf = (url: string) => url.replace(/\/api(\/.*)?$/, '/')
