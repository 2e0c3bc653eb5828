import { addressOf, codeOf, type Node, nodesOf, valuesOf, wordsIn, wordsOf } from './mapping-dcat-values.ts'
import { compact, type MappedRecord, takeDate, takeUrl } from './mapping-entry.ts'
import { htmlToText } from './mapping-html.ts'
import { objectOf } from './mapping-values.ts'

/** Distributions without those that only lead to a data service, which is told as such. */
export const filesOf = (node: Node): Node[] =>
  nodesOf(node, 'dcat:distribution').filter(
    (d) =>
      valuesOf(d, 'dcat:accessService').length === 0 ||
      valuesOf(d, 'dcat:downloadURL', 'dct:format', 'dcat:mediaType').length > 0,
  )

/** The distributions of a data set. */
export function distributionsOf(
  record: MappedRecord,
  node: Node,
  language: string | undefined,
): Record<string, unknown>[] {
  return filesOf(node)
    .map((d, i) => distribution(record, d, `/dcat:distribution/${i}`, language))
    .filter((d) => Object.keys(d).length > 0)
}

function distribution(
  record: MappedRecord,
  node: Node,
  path: string,
  language: string | undefined,
): Record<string, unknown> {
  const words = (name: string) => wordsIn(valuesOf(node, name), language)
  const url = (name: string) => takeUrl(record, `${path}/${name}`, addressOf(valuesOf(node, name)[0]))
  const date = (name: string, form: 'date' | 'dateTime') =>
    takeDate(record, `${path}/${name}`, wordsOf(valuesOf(node, name)[0]), form)
  const size = Number(words('dcat:byteSize'))
  const licence = valuesOf(node, 'dct:license')[0]
  return compact({
    title: words('dct:title'),
    description: htmlToText(words('dct:description') ?? '') || undefined,
    format: formatOf(valuesOf(node, 'dct:format')[0]),
    mediaType: mediaTypeOf(valuesOf(node, 'dcat:mediaType')[0]),
    accessUrl: url('dcat:accessURL'),
    downloadUrl: url('dcat:downloadURL'),
    byteSize: Number.isSafeInteger(size) && size > 0 ? size : undefined,
    checksum: checksumOf(nodesOf(node, 'spdx:checksum')[0]),
    license: addressOf(licence) ?? wordsOf(licence, language),
    issued: date('dct:issued', 'date'),
    modified: date('dct:modified', 'dateTime'),
  })
}

/** The name of a format: of an authority table its code (`…/file-type/CSV`). */
function formatOf(value: unknown): string | undefined {
  const words = wordsOf(value)
  const address = addressOf(value)
  return (words && !/^https?:/.test(words) ? words : codeOf(address))?.slice(0, 100)
}

const mediaTypeOf = (value: unknown): string | undefined => {
  const address = addressOf(value) ?? wordsOf(value)
  return address?.replace(/^https?:\/\/www\.iana\.org\/assignments\/media-types\//, '').slice(0, 200)
}

function checksumOf(node: Node | undefined): string | undefined {
  const sum = wordsOf(valuesOf(node, 'spdx:checksumValue')[0])
  const algorithm = codeOf(addressOf(valuesOf(node, 'spdx:algorithm')[0]))?.replace(/^checksumAlgorithm_/, '')
  return sum && algorithm ? `${algorithm}:${sum}` : sum
}

/** Services of the distributions and those that say they serve the data set, each once; or the record itself. */
export function servicesOf(
  record: MappedRecord,
  node: Node,
  language: string | undefined,
  isService: boolean,
): Record<string, unknown>[] {
  const nodes = isService
    ? [node]
    : [
        ...nodesOf(node, 'dcat:distribution').flatMap((d) => nodesOf(d, 'dcat:accessService')),
        ...nodesOf(objectOf(node['@reverse']), 'dcat:servesDataset'),
      ]
  const found = new Map<string, Record<string, unknown>>()
  for (const one of nodes) {
    const service = serviceOf(record, one, language, isService)
    const key = String(service.endpointUrl ?? one['@id'] ?? service.title)
    if (Object.keys(service).length > 0 && !found.has(key)) found.set(key, service)
  }
  return [...found.values()]
}

function serviceOf(record: MappedRecord, node: Node, language: string | undefined, isRecord: boolean) {
  const url = (name: string) => takeUrl(record, `/${name}`, addressOf(valuesOf(node, name)[0]))
  const standard = valuesOf(node, 'dct:conformsTo')[0]
  return compact({
    title: wordsIn(valuesOf(node, 'dct:title', 'rdfs:label'), language) ?? record.title,
    // Of a record that is a service it is the abstract.
    description: isRecord
      ? undefined
      : htmlToText(wordsIn(valuesOf(node, 'dct:description'), language) ?? '') || undefined,
    endpointUrl: url('dcat:endpointURL'),
    endpointDescription: url('dcat:endpointDescription'),
    conformsTo: addressOf(standard) ?? wordsOf(standard, language),
  })
}
