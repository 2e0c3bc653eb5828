import type { Dataset, DatasetContent, VersionInfo } from '../../src/catalog/dataset.schema.ts'
import type { Figures } from '../../src/catalog/figure.schema.ts'
import type { Organisation, Division as ServerDivision } from '../../src/security/organisation.schema.ts'
import { call, callFull } from '../platform/client.ts'

export type { Dataset, DatasetContent, VersionInfo }
export type Item = NonNullable<DatasetContent['items']>[number]
export type Division = ServerDivision

/** A body in the tree of bodies. */
export type TreeBody = Pick<
  Organisation,
  'uid' | 'code' | 'name' | 'translations' | 'tier' | 'divisionCode' | 'parentUid'
>
export type BodyPageData = Organisation & {
  path: { uid: string; code: string; name: string; translations: Record<string, unknown> }[]
  children: number
}

/** An entry together with the ETag that a change must send back. */
export type DatasetWithTag = Dataset & { etag: string | null }

type Signalled = { signal: AbortSignal }

export const datasetQuery = (uid: string) => ({
  queryKey: ['dataset', uid],
  queryFn: async ({ signal }: Signalled): Promise<DatasetWithTag> => {
    const answer = await callFull<Dataset>(`/datasets/${encodeURIComponent(uid)}`, { signal })
    return { ...answer.data, etag: answer.etag }
  },
})

export const versionsQuery = (uid: string) => ({
  queryKey: ['dataset', uid, 'versions'],
  queryFn: ({ signal, pageParam }: Signalled & { pageParam: string | null }) =>
    call<{ versions: VersionInfo[]; next: string | null }>(
      `/datasets/${encodeURIComponent(uid)}/versions${pageParam ? `?cursor=${pageParam}` : ''}`,
      { signal },
    ),
  initialPageParam: null as string | null,
  getNextPageParam: (page: { next: string | null }) => page.next,
})

/** The content of one version, old or draft. */
export const versionQuery = (uid: string, version: number) => ({
  queryKey: ['dataset', uid, 'version', version],
  queryFn: ({ signal }: Signalled) =>
    call<Dataset>(`/datasets/${encodeURIComponent(uid)}/versions/${version}`, { signal }),
  staleTime: Number.POSITIVE_INFINITY,
})

/** Counts of the whole catalogue. */
export const figuresQuery = {
  queryKey: ['figures'],
  queryFn: ({ signal }: Signalled) => call<Figures>('/figures', { signal }),
}

export const bodyQuery = (code: string) => ({
  queryKey: ['body', code],
  queryFn: ({ signal }: Signalled) =>
    call<BodyPageData>(`/organisations/${encodeURIComponent(code)}`, { signal }),
})

/** Bodies by a part of their name or code, a handful. */
export const bodiesNamedQuery = (q: string) => ({
  queryKey: ['bodies', 'named', q],
  queryFn: async ({ signal }: Signalled) =>
    (await call<{ items: TreeBody[] }>('/organisations', { query: { q, limit: 10 }, signal })).items,
  staleTime: 300_000,
})
export const bodiesQuery = {
  queryKey: ['bodies'],
  queryFn: async ({ signal }: Signalled) =>
    (await call<{ items: TreeBody[] }>('/organisations/tree', { signal })).items,
  staleTime: 300_000,
}
