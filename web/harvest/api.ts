import type {
  ImportPreview as PreviewType,
  ImportRecord as RecordType,
  ImportRun as RunType,
  StartRequest,
} from '../../src/harvest/import.schema.ts'
import type { Format as FormatType, Mapping as MappingType } from '../../src/harvest/mapping.schema.ts'
import { apiBase, call, csrfHeaders, ProblemError } from '../platform/client.ts'

export type ImportRun = RunType
export type ImportRecord = RecordType
export type ImportPreview = PreviewType
export type Mapping = MappingType
export type Format = FormatType

export const formats = [
  'ckan',
  'dcat-us',
  'csv',
  'xlsx',
  'jsonl',
  'json',
] as const satisfies readonly Format[]

interface Page<T> {
  items: T[]
  next: string | null
}
type Signalled = { signal: AbortSignal }

/** While something runs, the page looks again this often (ms). */
const pollMs = 800
export const isWorking = (run: ImportRun | undefined) => run?.state === 'queued' || run?.state === 'running'

export const importsQuery = {
  queryKey: ['imports'],
  queryFn: ({ signal, pageParam }: Signalled & { pageParam: string | undefined }) =>
    call<Page<ImportRun>>('/imports', { query: { cursor: pageParam, limit: 30 }, signal }),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page: Page<ImportRun>) => page.next ?? undefined,
}

export const importQuery = (uid: string) => ({
  queryKey: ['imports', uid],
  queryFn: ({ signal }: Signalled) => call<ImportRun>(`/imports/${encodeURIComponent(uid)}`, { signal }),
  staleTime: 0,
  refetchInterval: (query: { state: { data?: ImportRun } }) =>
    isWorking(query.state.data) ? pollMs : (false as const),
})

export const recordsQuery = (uid: string, outcome: string | undefined) => ({
  queryKey: ['imports', uid, 'records', outcome],
  queryFn: ({ signal, pageParam }: Signalled & { pageParam: string | undefined }) =>
    call<Page<ImportRecord>>(`/imports/${encodeURIComponent(uid)}/records`, {
      query: { outcome, cursor: pageParam, limit: 100 },
      signal,
    }),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page: Page<ImportRecord>) => page.next ?? undefined,
})

export const mappingsQuery = {
  queryKey: ['imports', 'mappings'],
  queryFn: async ({ signal }: Signalled) =>
    (await call<{ items: { mapping: Mapping; builtIn: boolean }[] }>('/imports/mappings', { signal })).items,
}

export interface PreviewInput {
  uid: string
  format?: Format
  encoding?: string
  mapping?: Mapping
  body?: string
}
export const previewQuery = (input: PreviewInput) => ({
  queryKey: ['imports', 'preview', input],
  queryFn: ({ signal }: Signalled) =>
    call<ImportPreview>('/imports/preview', { method: 'POST', body: input, signal }),
  retry: false,
})

export const startImport = (uid: string, input: StartRequest) =>
  call<ImportRun>(`/imports/${uid}/start`, { method: 'POST', body: input })
export const stopImport = (uid: string) => call<ImportRun>(`/imports/${uid}/stop`, { method: 'POST' })
export const saveMapping = (mapping: Mapping) =>
  call<Mapping>(`/imports/mappings/${mapping.name}`, { method: 'PUT', body: mapping })
export const reportAddress = (uid: string, format: 'csv' | 'jsonl') =>
  `${apiBase}/imports/${uid}/report.${format}`

/** Sends a file and tells how far it is; fetch cannot, so this is the one place with XMLHttpRequest. */
export function uploadFile(file: File, onProgress: (share: number) => void): Promise<ImportRun> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', `${apiBase}/imports`)
    for (const [name, value] of Object.entries(csrfHeaders())) request.setRequestHeader(name, value)
    request.responseType = 'json'
    request.upload.onprogress = (event) => onProgress(event.total > 0 ? event.loaded / event.total : 0)
    request.onerror = () => reject(new ProblemError(0, { code: 'network' }, null))
    request.onload = () => {
      if (request.status < 300) resolve(request.response as ImportRun)
      else
        reject(
          new ProblemError(request.status, request.response ?? {}, request.getResponseHeader('x-request-id')),
        )
    }
    const form = new FormData()
    form.append('file', file)
    request.send(form)
  })
}
