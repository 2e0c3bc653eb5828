import { ConcordError, type Fault } from '../../platform/errors.ts'
import { type Actor, authorize, isAllowed, listOrganisations } from '../../security/index.ts'
import type { ImportPreview } from '../import.schema.ts'
import { previewRecords, shownRecord } from '../import-preview.ts'
import { bodyResolver } from '../import-run.ts'
import type { Mapping } from '../mapping.schema.ts'
import { checkMapping, compileMapping } from '../mapping.ts'
import { mappingOfColumns } from '../mapping-proposal.ts'
import { objectOf } from '../mapping-values.ts'
import type { RemotePage } from '../remote/index.ts'
import { sameOrigin } from '../source-identity.ts'
import { sourceNameOf } from '../source-name.ts'
import { findSource } from './list.ts'
import { remoteLimitsOf } from './read.ts'
import { type HarvestNode, remoteOf } from './runner.ts'
import { formatOf } from './runs.ts'
import type { SourceRow } from './source.queries.ts'
import type { SourceChange } from './source.schema.ts'

/** A test of a connection ends by then (ms): a person waits for it. */
const testMs = 60_000

export type SourceTest = ImportPreview & {
  /** Records that the source announces. */
  total: number | null
}

/** The settings to be tested: those of a form, with the token kept for the source where the form has none. */
type Tested = Pick<SourceChange, 'kind' | 'url' | 'filter' | 'mapping' | 'body' | 'limits' | 'token'>

/**
 * Reads the first records of a source and shows what they would become; nothing is written. A source that cannot be read
 * is an answer too: its faults say why.
 */
export async function testSource(
  node: HarvestNode,
  actor: Actor,
  tested: Tested,
  uid?: string,
): Promise<SourceTest> {
  authorize(actor, 'source:create')
  const kept = uid === undefined ? undefined : await findSource(node.db, actor, uid, 'source:update')
  const faults: Fault[] = []
  const page = await firstPage(node, tested, kept).catch((error: unknown) => {
    faults.push(...faultsOf(error))
    return undefined
  })
  faults.push(...(page?.faults ?? []), ...(page?.notes ?? []))
  const format = formatOf(tested.kind)
  const events = (page?.events ?? []).slice(0, previewRecords)
  const first = events.find((e) => e.kind === 'record')
  const columns = first?.kind === 'record' ? Object.keys(objectOf(first.value) ?? {}) : []
  const attempt = <T>(work: () => T): T | undefined => {
    try {
      return work()
    } catch (error) {
      faults.push(...faultsOf(error))
      return undefined
    }
  }
  const mapping = attempt(() => mappingFor(tested, format, columns))
  const map = mapping && compileMapping(mapping, node.profile)
  const organisations = await listOrganisations(node.db)
  const bodyOf = attempt(() =>
    bodyResolver(organisations, {
      body: tested.body ?? null,
      mapping: mapping ?? null,
      organisationId: kept?.organisationId ?? actor.organisationId,
    }),
  )
  return {
    format,
    encoding: null,
    delimiter: null,
    columns,
    source: kept?.name ?? sourceNameOf(hostOf(tested.url)),
    mapping: mapping ?? null,
    mayPublish: isAllowed(actor, 'dataset:publish'),
    faults,
    total: page?.total ?? null,
    records: events.map((event) => shownRecord(event, node.profile, map, bodyOf)),
  }
}

async function firstPage(
  node: HarvestNode,
  tested: Tested,
  kept: SourceRow | undefined,
): Promise<RemotePage | undefined> {
  const { limits, token } = tested
  const usesKept = token === undefined && kept !== undefined && sameOrigin(kept.url, tested.url)
  const secret = usesKept ? (await remoteOf(node, kept)).authorization : (token ?? undefined)
  const remote = {
    kind: tested.kind,
    url: tested.url,
    ...(tested.filter && { filter: tested.filter }),
    ...(tested.mapping?.read && { read: tested.mapping.read }),
    ...(limits?.ignoreRobots && { ignoreRobots: true }),
    // A kept token goes to the origin it was entered for, and nowhere else.
    ...(secret && { authorization: secret }),
  }
  const signal = AbortSignal.timeout(testMs)
  for await (const page of node.open(remote, {
    signal,
    access: node.access,
    limits: remoteLimitsOf({ limits: limits ?? {} }),
  }))
    return page
  return undefined
}

const hostOf = (url: string) => (URL.canParse(url) ? new URL(url).hostname : url)

function mappingFor(tested: Tested, format: Mapping['format'], columns: string[]): Mapping {
  if (tested.mapping) return checkMapping(tested.mapping)
  if (format !== 'csv' && format !== 'xlsx' && format !== 'json')
    return checkMapping({ name: format, format })
  const proposed = mappingOfColumns(format, columns)
  if (proposed) return proposed
  throw new ConcordError(
    'invalid_content',
    `No column looks like a title (columns: ${columns.join(', ').slice(0, 500)}).`,
    {
      faults: [
        {
          path: '/mapping',
          rule: 'required',
          message: 'no column looks like a title',
          remedy: 'Say in the mapping which column is what.',
        },
      ],
    },
  )
}

function faultsOf(error: unknown): Fault[] {
  if (error instanceof ConcordError)
    return error.faults.length > 0 ? error.faults : [{ path: '', rule: error.code, message: error.message }]
  if ((error as Error).name === 'TimeoutError')
    return [{ path: '', rule: 'no_answer', message: `the source did not answer within ${testMs / 1_000} s` }]
  throw error
}
