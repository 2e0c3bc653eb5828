import { useQuery } from '@tanstack/react-query'
import type { Static } from 'typebox'
import type { SignInMethods as ServerMethods, SessionState } from '../../src/security/session.schema.ts'
import { call, setCsrfToken } from '../platform/client.ts'
import { forgetDeviceDrafts } from '../platform/device-drafts.ts'
import { queryClient } from '../platform/query.ts'

/** Who is signed in and what they may do; `allowed` holds names of actions such as `dataset:create`. */
type Session = Static<typeof SessionState>
/** A demo node also names its accounts; they open nothing real. */
export type SignInMethods = Static<typeof ServerMethods> & {
  demo?: { login: string; password: string; role: string; does?: Record<string, string> }[]
}

async function readSession(signal?: AbortSignal): Promise<Session> {
  const session = await call<Session>('/session', { signal })
  setCsrfToken(session.csrfToken)
  // Somebody else sits here now, by whatever way they signed in: what the one before left is not for them.
  if (session.actor.kind === 'person' && session.actor.uid) forgetDeviceDrafts(session.actor.uid)
  return session
}

export const sessionQuery = {
  queryKey: ['session'],
  queryFn: ({ signal }: { signal: AbortSignal }) => readSession(signal),
  staleTime: 300_000,
}

export function useSession() {
  const { data, isPending } = useQuery(sessionQuery)
  return {
    pending: isPending,
    /** Null for a visitor. */
    person: data && data.actor.kind !== 'anonymous' ? data.actor : null,
    may: (action: Session['allowed'][number]) => data?.allowed.includes(action) ?? false,
  }
}

/** Signs in and forgets what the person before could see. @throws ProblemError sign_in_failed, too_many_requests */
export async function signIn(login: string, password: string): Promise<void> {
  await call('/session', { method: 'POST', body: { login, password } })
  queryClient.clear()
  await queryClient.fetchQuery(sessionQuery)
}

/** Signs out and leaves nothing of the person on the device. */
export async function signOut(): Promise<void> {
  await call('/session', { method: 'DELETE' })
  setCsrfToken(null)
  forgetDeviceDrafts()
  queryClient.clear()
  await queryClient.fetchQuery(sessionQuery)
}
