import { setFlagsFromString } from 'node:v8'
import * as cedar from '@cedar-policy/cedar-wasm/nodejs'
import { ConcordError } from '../platform/errors.ts'
import { type Action, actions, isAction } from './action.schema.ts'
import type { Actor } from './actor.ts'
import { isWithin, pathToRoot, treeGeneration } from './organisation-tree.ts'
import { policies } from './policies.ts'

/** What is acted on, as far as a policy needs to know. */
export interface Resource {
  /** A noun: `dataset`, `person`, `token` … */
  kind: string
  organisationId?: number | null
  state?: string
  /** Row of the person it belongs to. */
  ownerId?: number | null
}

const policySetId = 'concord'
/** Decisions kept in memory: far more than roles × actions × relations; then it starts over. */
const maxRemembered = 20_000

// Node 20's compiler inlines calls of WebAssembly wrongly where it must go back to unoptimised code, and the whole process
// ends ("unreachable code" in DoComputeBuiltinContinuation): seen under load, two runs of eight; none without it.
setFlagsFromString('--no-turbo-inline-js-wasm-calls')

const parsed = cedar.preparsePolicySet(policySetId, { staticPolicies: policies })
if (parsed.type !== 'success')
  throw new Error(`The policies do not parse: ${parsed.errors.map((e) => e.message).join('; ')}`)

let remembered = new Map<string, boolean>()
let rememberedFor = -1

/**
 * True when the policies permit `actor` to do `action` on `resource`. Without a resource: whether the actor
 * may do it on anything at all (the check of a route); a rule that knows the object must pass it.
 * Fails closed: an unknown action, an unknown body, or any fault in the evaluation is a refusal.
 */
export function isAllowed(actor: Actor, action: string, resource?: Resource): boolean {
  if (!isAction(action)) return false
  if (rememberedFor !== treeGeneration() || remembered.size > maxRemembered) {
    remembered = new Map()
    rememberedFor = treeGeneration()
  }
  // Cedar takes 0.3 ms; everything it is told is in this key.
  const key = JSON.stringify([
    actor.kind,
    actor.roles,
    inScope(actor, action),
    action,
    resource && [
      resource.kind,
      resource.state,
      resource.ownerId != null && resource.ownerId === actor.personId,
      resource.organisationId != null &&
        actor.organisationId != null &&
        isWithin(resource.organisationId, actor.organisationId),
    ],
  ])
  const known = remembered.get(key)
  if (known !== undefined) return known
  const decision = decide(actor, action, resource)
  remembered.set(key, decision)
  return decision
}

/**
 * Refuses what `isAllowed` does not permit.
 * @throws ConcordError `not_signed_in` for the public, `forbidden` for everybody else.
 */
export function authorize(actor: Actor, action: string, resource?: Resource): void {
  if (isAllowed(actor, action, resource)) return
  if (actor.kind === 'anonymous') throw new ConcordError('not_signed_in', 'Sign in to do this.')
  throw new ConcordError(
    'forbidden',
    actor.kind === 'token' && !inScope(actor, action as Action)
      ? `This token is not made for ${action}.`
      : `Your roles do not permit ${action}${resource ? ` on this ${resource.kind}` : ''}.`,
  )
}

const inScope = (actor: Actor, action: Action) => actor.scopes === null || actor.scopes.includes(action)

const uid = (type: string, id: string | number) => ({ type, id: String(id) })

/** The entities of one question: the actor with its roles, the object below its body and the bodies above. */
function decide(actor: Actor, action: Action, resource: Resource | undefined): boolean {
  const principal = uid('Actor', actor.personId ?? actor.kind)
  const groups: string[] = [...actor.roles]
  // The program acting for a body has roles, and only their rights.
  if ((actor.kind === 'system' && actor.roles.length === 0) || actor.kind === 'token') groups.push(actor.kind)
  if (actor.personId !== null) groups.push('signed_in')
  const path = resource?.organisationId != null ? pathToRoot(resource.organisationId) : []
  const object = uid('Object', resource?.kind ?? 'any')
  const attrs: Record<string, cedar.CedarValueJson> = {}
  if (resource?.state !== undefined) attrs.state = resource.state
  if (resource?.ownerId != null) attrs.owner = { __entity: uid('Actor', resource.ownerId) }
  const entities: cedar.EntityJson[] = [
    {
      uid: principal,
      attrs:
        actor.organisationId === null
          ? {}
          : { organisation: { __entity: uid('Organisation', actor.organisationId) } },
      parents: groups.map((name) => uid('Role', name)),
    },
    { uid: object, attrs, parents: path.length > 0 ? [uid('Organisation', path[0]!)] : [] },
    { uid: uid('Action', action), attrs: {}, parents: [uid('Action', `area:${actions[action][0]}`)] },
    ...path.map((id, i) => ({
      uid: uid('Organisation', id),
      attrs: {},
      parents: i + 1 < path.length ? [uid('Organisation', path[i + 1]!)] : [],
    })),
  ]
  try {
    const answer = cedar.statefulIsAuthorized({
      principal,
      action: uid('Action', action),
      resource: object,
      context: { somewhere: resource === undefined, inScope: inScope(actor, action) },
      preparsedPolicySetId: policySetId,
      entities,
    })
    return (
      answer.type === 'success' &&
      answer.response.decision === 'allow' &&
      answer.response.diagnostics.errors.length === 0
    )
  } catch {
    return false
  }
}
