import type { ImportPreview } from '../../src/harvest/import.schema.ts'
import type {
  SourceChange as ChangeType,
  DatasetOrigin,
  SourceKind as KindType,
  HarvestRun as RunType,
  SourceInput,
  Source as SourceType,
} from '../../src/harvest/source/source.schema.ts'
import { call, callFull } from '../platform/client.ts'
import { queryClient } from '../platform/query.ts'

export type HarvestRun = RunType
export type Source = SourceType
export type SourceChange = ChangeType
export type SourceKind = KindType

export const sourceKinds = [
  'ckan',
  'dcat',
  'dcat-us',
  'concord',
  'csv',
  'xlsx',
  'jsonl',
  'json',
] as const satisfies readonly SourceKind[]

interface Page<T> {
  items: T[]
  next: string | null
}
type Signalled = { signal: AbortSignal }

/** While a run is at work, the page looks again this often (ms). */
const pollMs = 1_000
const working = new Set(['queued', 'running'])
export const isHarvesting = (run: HarvestRun | null | undefined) => run != null && working.has(run.state)

export interface SourceFilter {
  registry?: boolean
  q?: string
  kind?: string
  country?: string
  problems?: boolean
}
export const sourcesQuery = (filter: SourceFilter) => ({
  queryKey: ['sources', 'list', filter],
  queryFn: ({ signal, pageParam }: Signalled & { pageParam: string | undefined }) =>
    call<Page<Source>>('/sources', { query: { ...filter, cursor: pageParam, limit: 50 }, signal }),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page: Page<Source>) => page.next ?? undefined,
})

export const sourceQuery = (uid: string) => ({
  queryKey: ['sources', uid],
  queryFn: ({ signal }: Signalled) => call<Source>(`/sources/${encodeURIComponent(uid)}`, { signal }),
  staleTime: 0,
  refetchInterval: (query: { state: { data?: Source } }) =>
    isHarvesting(query.state.data?.lastRun) ? pollMs : (false as const),
})

export const runsQuery = (uid: string) => ({
  queryKey: ['sources', uid, 'runs'],
  queryFn: ({ signal, pageParam }: Signalled & { pageParam: string | undefined }) =>
    call<Page<HarvestRun>>(`/sources/${encodeURIComponent(uid)}/runs`, {
      query: { cursor: pageParam, limit: 20 },
      signal,
    }),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page: Page<HarvestRun>) => page.next ?? undefined,
})

export const originQuery = (uid: string) => ({
  queryKey: ['dataset', uid, 'origin'],
  queryFn: ({ signal }: Signalled) =>
    call<DatasetOrigin>(`/datasets/${encodeURIComponent(uid)}/origin`, { signal }),
})

const afterChange = <T>(result: T): T => {
  void queryClient.invalidateQueries({ queryKey: ['sources'] })
  return result
}

export const createSource = (input: SourceInput) =>
  call<Source>('/sources', { method: 'POST', body: input, once: true }).then(afterChange)

/** The version that was read is sent back, so that nobody's change is lost. */
export const changeSource = (source: Source, change: SourceChange) =>
  callFull<Source>(`/sources/${source.uid}`, {
    method: 'PUT',
    body: change,
    ifMatch: `"v${source.version}"`,
  }).then(({ data }) => afterChange(data))

export const removeSource = (uid: string, entries: 'keep' | 'retire') =>
  call<HarvestRun | null>(`/sources/${uid}`, { method: 'DELETE', query: { entries } }).then(afterChange)

export type SourceTest = ImportPreview & { total: number | null }
export const testSource = (
  input: Pick<SourceChange, 'kind' | 'url' | 'filter' | 'mapping' | 'limits' | 'token'> & { uid?: string },
) => call<SourceTest>('/sources/test', { method: 'POST', body: input })

export const startHarvest = (uid: string, full: boolean) =>
  call<HarvestRun>(`/sources/${uid}/run`, { method: 'POST', query: full ? { full } : {} }).then(afterChange)
export const actOnRun = (uid: string, verb: 'stop' | 'resume') =>
  call<HarvestRun>(`/harvest-runs/${uid}/${verb}`, { method: 'POST' }).then(afterChange)
export const decideRemovals = (uid: string, approve: boolean) =>
  call<HarvestRun>(`/harvest-runs/${uid}/decide`, { method: 'POST', body: { approve } }).then(afterChange)

export function uploadRegistry(file: File) {
  const form = new FormData()
  form.append('file', file)
  return call<{ read: number; added: number; changed: number; unchanged: number; rejected: number }>(
    '/sources/registry',
    { method: 'POST', body: form },
  ).then(afterChange)
}
