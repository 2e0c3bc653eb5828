import type { DecisionRequest, EntryReuse } from '../../src/reuse/decision.schema.ts'
import type { Duplicate, DuplicateBodies, Duplicates } from '../../src/reuse/duplicate.schema.ts'
import type {
  ItemHolder,
  ItemMatch,
  ProposedSource,
  SimilarAnswer,
  SimilarItem,
  WantedItem,
} from '../../src/reuse/reuse.schema.ts'
import { call, callFull } from '../platform/client.ts'
import type { DuplicateFilter } from './filter.ts'

export type { Duplicate, EntryReuse, ItemHolder, ItemMatch, ProposedSource, SimilarItem }
export type Decision = DecisionRequest['decisions'][number]
type Signalled = { signal: AbortSignal }
type Paged = Signalled & { pageParam: string | undefined }

export const askSimilar = (
  items: WantedItem[],
  dataset: string | undefined,
  signal: AbortSignal,
): Promise<SimilarAnswer> => call('/reuse/similar', { method: 'POST', body: { items, dataset }, signal })

/** What others hold of an entry's items as they are saved; another version is another question. */
export const entryReuseQuery = (uid: string, version: number) => ({
  queryKey: ['reuse', uid, version],
  queryFn: ({ signal }: Signalled) =>
    call<EntryReuse>(`/datasets/${encodeURIComponent(uid)}/reuse`, { signal }),
  staleTime: 0,
})

export const decide = (uid: string, decisions: Decision[]) =>
  callFull(`/datasets/${encodeURIComponent(uid)}/reuse`, { method: 'PUT', body: { decisions }, once: true })

export const duplicatesQuery = (filter: DuplicateFilter) => ({
  queryKey: ['duplicates', filter],
  queryFn: ({ signal, pageParam }: Paged) =>
    call<Duplicates>('/reuse/duplicates', { query: { ...filter, cursor: pageParam }, signal }),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page: Duplicates) => page.next ?? undefined,
})

export const duplicateQuery = (item: string) => ({
  queryKey: ['duplicate', item],
  queryFn: ({ signal, pageParam }: Paged) =>
    call<DuplicateBodies>(`/reuse/duplicates/${item}`, { query: { cursor: pageParam }, signal }),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page: DuplicateBodies) => page.next ?? undefined,
})

export const runReport = () => callFull('/reuse/duplicates/run', { method: 'POST' })
