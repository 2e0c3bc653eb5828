import type { Entry } from '../../catalog/index.ts'
import { fileTypeOf } from './authorities.ts'
import { type GraphNode, text, textIn, time, typed } from './graph-node.ts'
import { dcat, dct, foaf, iri, rdfs, spdx } from './vocabulary.ts'

type Content = Entry['content']

/** Files and addresses at which the data is had. */
export function addDistributions(node: GraphNode, content: Content): void {
  for (const [i, d] of (content.distributions ?? []).entries()) {
    const part = node.part(dcat('distribution'), `distribution-${i + 1}`, dcat('Distribution'))
    part.add(dct('title'), textIn(d.title, content.language))
    part.add(dct('description'), textIn(d.description, content.language))
    // The shapes ask for an address of every distribution: where there is none, the entry says how to get it.
    const access = [d.accessUrl, d.downloadUrl, content.landingPage].map(iri).find((one) => one)
    part.add(dcat('accessURL'), access ?? node.id)
    part.add(dcat('downloadURL'), iri(d.downloadUrl))
    addFormat(part, `distribution-${i + 1}-format`, d.format)
    part.link(dcat('mediaType'), mediaTypeIri(d.mediaType), dct('MediaType'))
    part.add(dcat('byteSize'), typed(d.byteSize, 'nonNegativeInteger'))
    part.add(dct('issued'), time(d.issued))
    part.add(dct('modified'), time(d.modified))
    addChecksum(part, `distribution-${i + 1}-checksum`, d.checksum)
    addLicence(part, `distribution-${i + 1}-licence`, d.license ?? content.license)
  }
}

function addFormat(part: GraphNode, name: string, format: string | null | undefined): void {
  if (!format) return
  const known = fileTypeOf(format)
  const node = known
    ? part.link(dct('format'), known, dct('MediaTypeOrExtent'))
    : part.part(dct('format'), name, dct('MediaTypeOrExtent'))
  // One address, one name: what a file type is called is not for each entry to say.
  node.add(rdfs('label'), text(known ? known.value.replace(/.*\//, '') : format))
}

const mediaTypeIri = (type: string | null | undefined) =>
  type && /^[\w.+-]+\/[\w.+-]+$/.test(type)
    ? iri(`https://www.iana.org/assignments/media-types/${type}`)
    : undefined

/** Hexadecimal digits of a sum say which algorithm made it, unless it is named before a colon. */
const algorithms: Record<number, string> = {
  32: 'md5',
  40: 'sha1',
  64: 'sha256',
  96: 'sha384',
  128: 'sha512',
}

function addChecksum(part: GraphNode, name: string, sum: string | null | undefined): void {
  const [, named, value] = /^(?:(\w+)[:-])?([0-9a-f]{32,128})$/i.exec(sum ?? '') ?? []
  const algorithm = named?.toLowerCase() ?? algorithms[value?.length ?? 0]
  if (!value || !algorithm || !Object.values(algorithms).includes(algorithm)) return
  part
    .part(spdx('checksum'), name, spdx('Checksum'))
    .add(spdx('checksumValue'), typed(value.toLowerCase(), 'hexBinary'))
    .link(spdx('algorithm'), spdx(`checksumAlgorithm_${algorithm}`), spdx('ChecksumAlgorithm'))
}

function addLicence(part: GraphNode, name: string, licence: string | null | undefined): void {
  if (!licence) return
  const address = iri(licence)
  if (address) part.link(dct('license'), address, dct('LicenseDocument'))
  else part.part(dct('license'), name, dct('LicenseDocument')).add(rdfs('label'), text(licence))
}

/** Services through which the data is had. */
export function addServices(node: GraphNode, content: Content): void {
  for (const [i, s] of (content.services ?? []).entries()) {
    const name = `service-${i + 1}`
    // Reached through a distribution, as DCAT has it.
    const way = node.part(dcat('distribution'), `${name}-access`, dcat('Distribution'))
    const endpoint = [s.endpointUrl, s.endpointDescription, content.landingPage].map(iri).find((one) => one)
    way.add(dct('title'), textIn(s.title, content.language)).add(dcat('accessURL'), endpoint ?? node.id)
    const service = way.part(dcat('accessService'), name, dcat('DataService'))
    service
      .add(dct('title'), textIn(s.title, content.language))
      .add(dct('description'), textIn(s.description, content.language))
      .add(dcat('endpointURL'), endpoint ?? node.id)
      .add(dcat('endpointDescription'), iri(s.endpointDescription))
      .add(dcat('servesDataset'), node.id)
    const standard = iri(s.conformsTo)
    if (standard) service.link(dct('conformsTo'), standard, dct('Standard'))
    else if (s.conformsTo)
      service
        .part(dct('conformsTo'), `${name}-standard`, dct('Standard'))
        .add(rdfs('label'), text(s.conformsTo))
    if (content.landingPage) service.link(dcat('landingPage'), iri(content.landingPage), foaf('Document'))
  }
}
