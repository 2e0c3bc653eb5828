import type { Static } from 'typebox'
import type {
  AuditEvent as EventSchema,
  AuditVerification as VerificationSchema,
} from '../../src/security/audit.schema.ts'
import type { Person as ServerPerson } from '../../src/security/person.schema.ts'
import type { NewToken as NewTokenSchema, Token as TokenSchema } from '../../src/security/token.schema.ts'
import { call } from '../platform/client.ts'
import { queryClient } from '../platform/query.ts'

export type Person = ServerPerson
export type Token = Static<typeof TokenSchema>
export type NewToken = Static<typeof NewTokenSchema>
export type AuditEvent = Static<typeof EventSchema>
export type AuditVerification = Static<typeof VerificationSchema>

/** One page of a list that is read by cursor. */
export interface Page<T> {
  items: T[]
  next: string | null
}

type Signalled = { signal: AbortSignal }

export const tokensQuery = {
  queryKey: ['tokens'],
  queryFn: async ({ signal }: Signalled) => (await call<{ items: Token[] }>('/tokens', { signal })).items,
}

export const createToken = (input: { name: string; scopes: string[]; expiresAt: string }) =>
  call<NewToken>('/tokens', { method: 'POST', body: input })
export const revokeToken = (uid: string) => call<void>(`/tokens/${uid}`, { method: 'DELETE' })

export const peopleQuery = (filter: { q?: string; role?: string }) => ({
  queryKey: ['people', filter],
  queryFn: ({ signal, pageParam }: Signalled & { pageParam: string | undefined }) =>
    call<Page<Person>>('/people', { query: { ...filter, cursor: pageParam }, signal }),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page: Page<Person>) => page.next ?? undefined,
})

export const refreshPeople = () => queryClient.invalidateQueries({ queryKey: ['people'] })

export const createPerson = (input: {
  login: string
  name: string
  email: string | null
  organisationUid: string
  password: string | null
}) => call<Person>('/people', { method: 'POST', body: input })
export const setDisabled = (uid: string, disabled: boolean) =>
  call<Person>(`/people/${uid}/disabled`, { method: 'PUT', body: { disabled } })
export const grantRole = (uid: string, role: string) =>
  call<void>(`/people/${uid}/roles/${role}`, { method: 'PUT' })
export const revokeRole = (uid: string, role: string) =>
  call<void>(`/people/${uid}/roles/${role}`, { method: 'DELETE' })

export interface AuditFilter {
  action?: string
  actor?: string
  object?: string
  decision?: string
  /** First and last day, by the clock of the reader. */
  from?: string
  to?: string
}

/** The beginning of a day, by the clock of the reader. */
const beginning = (day: string, plusDays = 0) => {
  const [y, m, d] = day.split('-').map(Number) as [number, number, number]
  return new Date(y, m - 1, d + plusDays).toISOString()
}

export const auditQuery = ({ from, to, ...filter }: AuditFilter) => ({
  queryKey: ['audit', filter, from, to],
  queryFn: ({ signal, pageParam }: Signalled & { pageParam: string | undefined }) =>
    call<Page<AuditEvent>>('/audit', {
      query: {
        ...filter,
        from: from && beginning(from),
        to: to && beginning(to, 1),
        cursor: pageParam,
      },
      signal,
    }),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page: Page<AuditEvent>) => page.next ?? undefined,
})
export const verifyAudit = () => call<AuditVerification>('/audit/verify')
