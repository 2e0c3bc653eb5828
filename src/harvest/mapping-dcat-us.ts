import { compact, emptyRecord, type MappedRecord, takeDate, takeUrl, takeWords } from './mapping-entry.ts'
import { htmlToText } from './mapping-html.ts'
import { accessOf } from './mapping-sharing.ts'
import { cycleOf, languageOf, listOf, objectOf, shown, textOf, warning } from './mapping-values.ts'
import type { RecordContext } from './reader-event.ts'

/**
 * A data set or data service of DCAT-US 1.1 (resources.data.gov/resources/dcat-us) or 3.0. Wanted are the members that
 * both versions demand: title, description, publisher, contactPoint, identifier. What only one demands and real
 * catalogues leave out (modified, keyword) warns.
 */
export function mapDcatUsRecord(value: unknown, context: RecordContext = {}): MappedRecord {
  const record = emptyRecord()
  const dataset = objectOf(value)
  if (!dataset) {
    record.faults.push(warning('', 'type', 'the record is no data set: an object is wanted'))
    return record
  }
  record.sourceId =
    identifierOf(dataset.identifier) ?? (context.type === 'service' ? textOf(dataset['@id']) : undefined)
  record.title = wording(dataset.title) ?? ''
  record.bodyName = wording(objectOf(listOf(dataset.publisher)[0])?.name)
  demand(record, dataset)
  const cycle = cycleAndDate(record, dataset)
  const [temporalStart, temporalEnd] = period(record, dataset.temporal)
  const access = accessOf(record, dataset, wording(dataset.rights) ?? wording(dataset.accessRights))
  record.content = compact({
    language: languageOf(dataset.language),
    title: record.title,
    abstract: htmlToText(wording(dataset.description) ?? ''),
    keyword: takeWords([...listOf(dataset.keyword), ...listOf(dataset.theme)].map(wording)),
    openType: access.openType,
    openCondition: access.openCondition,
    updateCycle: cycle,
    spatial: places(record, dataset.spatial),
    temporalStart,
    temporalEnd,
    issued: takeDate(record, '/issued', dataset.issued, 'date'),
    modified: isRepetition(dataset.modified)
      ? undefined
      : takeDate(record, '/modified', dataset.modified, 'dateTime'),
    landingPage: takeUrl(record, '/landingPage', addressOf(dataset.landingPage)),
    license: textOf(addressOf(dataset.license)),
    contact: contact(record, dataset.contactPoint),
    distributions: listOf(dataset.distribution)
      .map((d, i) => distribution(record, d, `/distribution/${i}`))
      .filter((d) => Object.keys(d).length > 0),
    services: services(record, dataset, context),
    related: related(dataset, context),
    sharingType: access.sharingType,
    sharingCondition: access.sharingCondition,
    sharingScope: access.sharingScope,
  })
  const { issued, modified } = record.content as { issued?: string; modified?: string }
  if (issued && modified && issued > modified.slice(0, 10))
    record.warnings.push(
      warning(
        '/issued',
        'issued_after_modified',
        `issued ${issued} is after modified ${modified.slice(0, 10)}`,
      ),
    )
  return record
}

/** A text, or the first one of a text in several languages. */
function wording(value: unknown): string | undefined {
  const object = objectOf(value)
  return object ? (textOf(object['@value']) ?? textOf(object.prefLabel) ?? textOf(object.en)) : textOf(value)
}

/** An address given as text or as an object with `@id`. */
const addressOf = (value: unknown): unknown => {
  const first = Array.isArray(value) ? value[0] : value
  return objectOf(first)?.['@id'] ?? (objectOf(first) ? undefined : first)
}

/** Text, the `@id` of an identifier object, or its notation with the agency that gave it. */
function identifierOf(value: unknown): string | undefined {
  const object = objectOf(value)
  if (!object) return textOf(value)
  const notation = textOf(object.notation) ?? textOf(object['@value'])
  const agency = textOf(object.schemaAgency)
  return textOf(object['@id']) ?? (notation ? (agency ? `${agency}: ${notation}` : notation) : undefined)
}

function demand(record: MappedRecord, dataset: Record<string, unknown>): void {
  const missing = (name: string) => {
    const value = dataset[name]
    return (
      value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
    )
  }
  for (const name of ['title', 'description', 'publisher', 'contactPoint'])
    if (missing(name))
      record.faults.push(
        warning(
          `/${name}`,
          'required',
          `${name} is missing`,
          `DCAT-US demands ${name}; add it at the source.`,
        ),
      )
  if (record.sourceId === undefined)
    record.faults.push(
      warning(
        '/identifier',
        'identifier_missing',
        missing('identifier') ? 'identifier is missing' : 'identifier holds nothing that identifies',
        'Give every record an identifier that stays; without it a second import would double the entry.',
      ),
    )
  if ('modified' in dataset && dataset.modified === null)
    record.warnings.push(warning('/modified', 'empty', 'modified is null and is left out'))
}

const isRepetition = (value: unknown) => /^R\d*\//i.test(textOf(value) ?? '')

/** DCAT-US 1.1 lets `modified` be a repetition; it then says how often, not when. */
function cycleAndDate(record: MappedRecord, dataset: Record<string, unknown>): string | undefined {
  const said = dataset.accrualPeriodicity ?? (isRepetition(dataset.modified) ? dataset.modified : undefined)
  const value = addressOf(said)
  if (textOf(value) === undefined) return undefined
  const code = cycleOf(value)
  if (!code)
    record.warnings.push(
      warning(
        '/accrualPeriodicity',
        'update_cycle',
        `the update frequency ${shown(value)} is not known; "irregular" is taken`,
      ),
    )
  return code ?? 'irregular'
}

/** Longest name of a place. */
const placeLength = 200

function places(record: MappedRecord, value: unknown): string[] {
  const names: string[] = []
  for (const [i, place] of listOf(value).entries()) {
    const object = objectOf(place)
    const name = object ? (wording(object.prefLabel) ?? wording(object.label)) : textOf(place)
    if (name && name.length <= placeLength && !/^[[{]/.test(name)) names.push(name)
    else if (place !== null)
      record.warnings.push(
        warning(
          Array.isArray(value) ? `/spatial/${i}` : '/spatial',
          'spatial',
          `${shown(place)} names no place and is left out`,
        ),
      )
  }
  return takeWords(names)
}

function period(record: MappedRecord, value: unknown): [string | undefined, string | undefined] {
  const first = Array.isArray(value) ? value[0] : value
  const object = objectOf(first)
  const [start, end] = object
    ? [textOf(object.startDate), textOf(object.endDate)]
    : (textOf(first) ?? '').split('/')
  return [takeDate(record, '/temporal', start, 'date'), takeDate(record, '/temporal', end, 'date')]
}

function contact(record: MappedRecord, value: unknown) {
  const point = objectOf(listOf(value)[0])
  if (!point) return undefined
  const mail = textOf(listOf(point.hasEmail)[0])
  if (mail && !/^mailto:/i.test(mail))
    record.warnings.push(
      warning(
        '/contactPoint/hasEmail',
        'mailto',
        `${shown(mail)} does not begin with mailto:; it is taken as a mail address`,
      ),
    )
  const found = compact({
    name: wording(point.fn),
    email: mail?.replace(/^mailto:/i, ''),
    phone: textOf(listOf(point.hasTelephone ?? point.tel)[0])?.replace(/^tel:/i, ''),
  })
  return Object.keys(found).length > 0 ? found : undefined
}

/** Top-level media types of the IANA registry. */
const mediaTypes =
  /^(application|audio|chemical|font|haptics|image|message|model|multipart|text|video)\/[^\s/]+$/i

function distribution(record: MappedRecord, value: unknown, path: string): Record<string, unknown> {
  const d = objectOf(value)
  if (!d) return {}
  const mediaType = textOf(addressOf(d.mediaType))?.replace(
    /^https?:\/\/www\.iana\.org\/assignments\/media-types\//,
    '',
  )
  if (mediaType && !mediaTypes.test(mediaType))
    record.warnings.push(
      warning(`${path}/mediaType`, 'media_type', `${shown(mediaType)} is no known media type`),
    )
  const size = Number(d.byteSize)
  const known = compact({
    accessUrl: takeUrl(record, `${path}/accessURL`, addressOf(d.accessURL)),
    downloadUrl: takeUrl(record, `${path}/downloadURL`, addressOf(d.downloadURL)),
    title: wording(d.title),
    description: htmlToText(wording(d.description) ?? '') || undefined,
    format: wording(addressOf(d.format)),
    mediaType,
    byteSize: Number.isSafeInteger(size) && size > 0 ? size : undefined,
    license: textOf(addressOf(d.license)),
    issued: takeDate(record, `${path}/issued`, d.issued, 'date'),
    modified: takeDate(record, `${path}/modified`, d.modified, 'dateTime'),
  })
  return known
}

function services(record: MappedRecord, dataset: Record<string, unknown>, context: RecordContext) {
  const value = context.type === 'service' ? dataset : context.service
  if (!value) return undefined
  const own = compact({
    title: wording(value.title) ?? record.title,
    description: context.service ? wording(value.description) : undefined,
    endpointUrl: takeUrl(record, '/endpointURL', addressOf(value.endpointURL)),
    endpointDescription: takeUrl(record, '/endpointDescription', addressOf(value.endpointDescription)),
    conformsTo: textOf(addressOf(value.conformsTo)),
  })
  return [own]
}

/** Members of a related list are limited by the catalogue; identifiers longer than an address are none. */
function related(dataset: Record<string, unknown>, context: RecordContext): Record<string, unknown>[] {
  const found: Record<string, unknown>[] = []
  const part = textOf(addressOf(dataset.isPartOf))
  if (part) found.push({ identifier: part, kind: 'part_of' })
  const series = textOf(addressOf(dataset.inSeries)) ?? context.series?.id
  if (series) found.push(compact({ identifier: series, kind: 'part_of', title: context.series?.title }))
  return found
}
