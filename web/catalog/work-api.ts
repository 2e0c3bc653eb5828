import type { Static } from 'typebox'
import type {
  DatasetListItem as ListItem,
  DatasetList as ListSchema,
} from '../../src/catalog/dataset-list.schema.ts'
import { type Answer, call, callFull } from '../platform/client.ts'
import type { Dataset, DatasetWithTag } from './api.ts'
import type { Draft } from './editor-state.ts'

export type DatasetListItem = ListItem
type DatasetList = Static<typeof ListSchema>
type Signalled = { signal: AbortSignal }

export interface ListFilter {
  q?: string
  state?: string
  body?: string
  drafts?: boolean
  mine?: boolean
  order?: 'id' | 'changed'
}

export const listQuery = (filter: ListFilter, limit = 50) => ({
  queryKey: ['datasets', filter, limit],
  queryFn: ({ signal, pageParam }: Signalled & { pageParam: string | undefined }) =>
    call<DatasetList>('/datasets', { query: { ...filter, limit, cursor: pageParam }, signal }),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page: DatasetList) => page.next ?? undefined,
})

/** The newest version of an entry, its draft where it has one, with the ETag to send back. */
export const latestQuery = (uid: string) => ({
  queryKey: ['dataset', uid, 'latest'],
  queryFn: async ({ signal }: Signalled): Promise<DatasetWithTag> => {
    const path = `/datasets/${encodeURIComponent(uid)}`
    const published = await callFull<Dataset>(path, { signal })
    const { version, latestVersion } = published.data
    const answer =
      latestVersion > version
        ? await callFull<Dataset>(path, { query: { version: latestVersion }, signal })
        : published
    return { ...answer.data, etag: answer.etag }
  },
  staleTime: 0,
})

/** `key` is the Idempotency-Key: the same key with the same content makes one entry however often it is sent. */
export const createDataset = (
  content: Draft,
  reason: string | undefined,
  key: string,
): Promise<Answer<Dataset>> =>
  callFull('/datasets', {
    method: 'POST',
    body: { content, reason },
    headers: { 'idempotency-key': key },
  })

export const saveDataset = (
  uid: string,
  content: Draft,
  etag: string | null,
  reason?: string,
): Promise<Answer<Dataset>> =>
  callFull(`/datasets/${uid}`, {
    method: 'PUT',
    body: { content, reason },
    ifMatch: etag ?? undefined,
    once: true,
  })

export type Step = 'retire' | 'discard-draft'

export const takeStep = (
  uid: string,
  step: Step,
  etag: string | null,
  reason?: string,
): Promise<Answer<Dataset>> =>
  callFull(`/datasets/${uid}/${step}`, {
    method: 'POST',
    body: { reason: reason ?? null },
    ifMatch: etag ?? undefined,
    once: true,
  })

export const restoreVersion = (uid: string, version: number, reason: string): Promise<Answer<Dataset>> =>
  callFull(`/datasets/${uid}/restore`, { method: 'POST', body: { version, reason }, once: true })
