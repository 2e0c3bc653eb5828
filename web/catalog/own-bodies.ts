import { useQuery } from '@tanstack/react-query'
import { useSession } from '../security/session.ts'
import { bodiesQuery, type TreeBody } from './api.ts'

/** The body of the person and those below it: the ones whose entries may be written. */
export function useOwnBodies(): TreeBody[] {
  const { person } = useSession()
  const { data = [] } = useQuery({ ...bodiesQuery, enabled: person !== null })
  const own = new Set([person?.organisationUid])
  // Parents may stand after their children; each pass adds one level.
  for (let size = 0; size !== own.size; ) {
    size = own.size
    for (const body of data) if (body.parentUid && own.has(body.parentUid)) own.add(body.uid)
  }
  return data.filter((body) => own.has(body.uid))
}

/** The code of the own body where there is none below it: lists begin with its entries, not with everybody's. */
export const onlyBody = (own: TreeBody[]): string | undefined => (own.length === 1 ? own[0]?.code : undefined)

/** The person's own body; undefined while it is being asked for. */
export const useOwnBody = (): TreeBody | undefined => useOwnBodyAnswer().body

/** The same with what went wrong, for pages that cannot do without it. */
export function useOwnBodyAnswer() {
  const { person } = useSession()
  const { data = [], error, refetch } = useQuery({ ...bodiesQuery, enabled: person !== null })
  return { body: data.find((one) => one.uid === person?.organisationUid), error, refetch }
}

/** Whether the person may change entries of a body; the server decides, this only spares a useless button. */
export function useMayWrite(bodyCode: string | undefined): boolean {
  const { may } = useSession()
  const own = useOwnBodies()
  return may('dataset:update') && own.some((body) => body.code === bodyCode)
}
