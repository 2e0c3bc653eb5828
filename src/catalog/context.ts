import type { FastifyRequest } from 'fastify'
import type { Profile } from '../platform/profile.ts'
import type { Actor } from '../security/index.ts'

/** Who acts, in which request, under which rules. */
export interface CatalogContext {
  actor: Actor
  requestId?: string
  profile: Profile
}

export const contextOf = (
  request: Pick<FastifyRequest, 'actor' | 'id'>,
  profile: Profile,
): CatalogContext => ({
  actor: request.actor,
  requestId: request.id,
  profile,
})
