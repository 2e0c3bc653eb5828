import type { Notice as ServerNotice } from '../../src/notice/notice.schema.ts'
import type {
  NoticeSettingsInput,
  NoticeSettings as ServerSettings,
} from '../../src/notice/setting.schema.ts'
import { call, ProblemError } from '../platform/client.ts'
import { queryClient } from '../platform/query.ts'

export type Notice = ServerNotice
export type NoticeSettings = ServerSettings

interface Page {
  items: Notice[]
  next: string | null
  unread: number
}
type Signalled = { signal: AbortSignal }

/** An open page that is seen asks for the count this often (ms). */
const pollMs = 60_000

export const unreadQuery = {
  queryKey: ['notices', 'unread'],
  queryFn: async ({ signal }: Signalled) =>
    (await call<{ unread: number }>('/notices/unread', { signal })).unread,
  refetchOnWindowFocus: true,
  // Nobody is signed in any more: asking on would only fill the log of refusals.
  refetchInterval: (query: { state: { error: Error | null } }) =>
    query.state.error instanceof ProblemError && query.state.error.status === 401 ? (false as const) : pollMs,
}

export const noticesQuery = (unread: boolean) => ({
  queryKey: ['notices', 'list', unread],
  queryFn: ({ signal, pageParam }: Signalled & { pageParam: string | undefined }) =>
    call<Page>('/notices', { query: { unread: unread || undefined, cursor: pageParam }, signal }),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page: Page) => page.next ?? undefined,
  staleTime: 0,
})

export const settingsQuery = {
  queryKey: ['notice-settings'],
  queryFn: ({ signal }: Signalled) => call<NoticeSettings>('/notices/settings', { signal }),
}

/** @returns which were unread, for the undo. */
export const markRead = async (which: { ids: number[] } | { upTo: number }): Promise<number[]> =>
  (await call<{ ids: number[] }>('/notices/read', { method: 'POST', body: which })).ids
export const markUnread = (ids: number[]) => call<void>('/notices/unread', { method: 'POST', body: { ids } })
export const saveSettings = (input: NoticeSettingsInput) =>
  call<NoticeSettings>('/notices/settings', { method: 'PUT', body: input })

export const refreshNotices = () => queryClient.invalidateQueries({ queryKey: ['notices'] })
