import { type Example, jsonExample, textExample } from './example.ts'

/** What examples are made for: a node and one of its entries. */
export interface ExampleOf {
  /** Without a trailing slash. */
  base: string
  uid: string
}

/** A way in for programs; its texts are `developers.door.ID`. */
export interface Door {
  id: 'rest' | 'ckan' | 'dcat' | 'dcatUs' | 'schemaOrg' | 'sitemap' | 'changes' | 'ldes'
  /** Addresses of the door, as a developer looks for them. */
  addresses: readonly string[]
  /** Where the convention is described. */
  reference: string
  example(of: ExampleOf): Example
  /** Found in what the example prints: a test runs them all. */
  prints: RegExp
}

export const doors: readonly Door[] = [
  {
    id: 'rest',
    addresses: ['/api/v1/search', '/api/v1/search/items', '/api/v1/datasets/UID'],
    reference: '/api/docs',
    example: ({ base }) => jsonExample(`${base}/api/v1/search?q=address&limit=3`, 'hits.0.title'),
    prints: /address/i,
  },
  {
    id: 'ckan',
    addresses: ['/api/3/action/package_search', '/api/3/action/package_show', '/api/action/…'],
    reference: 'https://docs.ckan.org/en/latest/api/',
    example: ({ base }) =>
      jsonExample(`${base}/api/3/action/package_search?q=address&rows=3`, 'result.results.0.title'),
    prints: /address/i,
  },
  {
    id: 'dcat',
    addresses: ['/catalog.ttl', '/catalog.jsonld', '/catalog.rdf', '/catalog.nt', '/dataset/UID.ttl'],
    reference: 'https://semiceu.github.io/DCAT-AP/releases/3.0.1/',
    example: ({ base, uid }) => textExample(`${base}/dataset/${uid}`, 'text/turtle'),
    prints: /dcat:Dataset/,
  },
  {
    id: 'dcatUs',
    addresses: ['/data.json', '/data.json?page=1'],
    reference: 'https://resources.data.gov/resources/dcat-us/',
    example: ({ base }) => jsonExample(`${base}/data.json?page=1`, 'dataset.0.title'),
    prints: /\w/,
  },
  {
    id: 'schemaOrg',
    addresses: ['/dataset/UID'],
    reference: 'https://schema.org/Dataset',
    example: ({ base, uid }) => textExample(`${base}/dataset/${uid}`, 'text/html'),
    prints: /<script type="application\/ld\+json">\{"@context":"https:\/\/schema\.org\//,
  },
  {
    id: 'sitemap',
    addresses: ['/sitemap.xml', '/robots.txt'],
    reference: 'https://www.sitemaps.org/protocol.html',
    example: ({ base }) => textExample(`${base}/sitemap.xml`),
    prints: /<sitemapindex/,
  },
  {
    id: 'changes',
    addresses: ['/api/v1/changes?after=N'],
    reference: '/api/docs#/followers',
    example: ({ base }) =>
      jsonExample(`${base}/api/v1/changes?after=0&limit=2&entries=false`, 'changes.0.kind'),
    prints: /create/,
  },
  {
    id: 'ldes',
    addresses: ['/ldes', '/ldes/2'],
    reference: 'https://semiceu.github.io/LinkedDataEventStreams/',
    example: ({ base }) => textExample(`${base}/ldes`, 'application/trig'),
    prints: /ldes:EventStream/,
  },
]
