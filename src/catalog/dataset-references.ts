import type { Fault } from '../platform/errors.ts'
import type { Bodies } from './bodies.ts'
import { limits } from './dataset.schema.ts'
import { type Loose, list, objects, text } from './rulebook.ts'

/** A code of something outside the content, with its place in it. */
interface Reference {
  path: string
  code: string
}

/** What a content names that only the database knows. */
export interface References {
  bodies: Reference[]
  resourceCodes: Reference[]
}

/** Characters of a code of a body and of a resource code (dataset.schema.ts). */
const maxBodyCode = 64
const maxResourceCode = 100
/** A statement takes no control characters and no halves of surrogate pairs. */
const askable = /^[^\p{Cc}\p{Cs}]+$/u

/**
 * The references of a tidied content. It need not fit the schema: what only the database knows is asked together
 * with the rest, so that all faults are told at once. A place with a fault already is left out.
 */
export function referencesOf(content: unknown, faults: readonly Fault[] = []): References {
  const found: References = { bodies: [], resourceCodes: [] }
  if (typeof content !== 'object' || content === null) return found
  const faulty = new Set(faults.map((f) => f.path))
  const add = (to: Reference[], path: string, value: unknown, max: number) => {
    const code = text(value)
    if (code && code.length <= max && askable.test(code) && !faulty.has(path)) to.push({ path, code })
  }
  const c = content as Loose
  add(found.bodies, '/body', c.body, maxBodyCode)
  for (const [i, item] of objects(c.items).slice(0, limits.items))
    if (item.body !== undefined) add(found.bodies, `/items/${i}/body`, item.body, maxBodyCode)
  for (const [i, code] of list(c.resourceCode).slice(0, limits.classifications).entries())
    add(found.resourceCodes, `/resourceCode/${i}`, code, maxResourceCode)
  return found
}

/** Faults of the codes of bodies: a code nobody registered. */
export const bodyFaults = ({ bodies: named }: References, bodies: Bodies): Fault[] =>
  named
    .filter(({ code }) => !bodies.byCode.has(code))
    .map(({ path, code }) => ({
      path,
      rule: 'unknown_body',
      message: `No body has the code "${code}".`,
      remedy: 'Register the body first, or correct the code (GET /api/v1/organisations).',
    }))

/** Faults of resource codes that another entry than `self` holds. */
export const codeFaults = (
  { resourceCodes }: References,
  owners: ReadonlyMap<string, number>,
  self: number | undefined,
): Fault[] =>
  resourceCodes
    .filter(({ code }) => owners.has(code) && owners.get(code) !== self)
    .map(({ path, code }) => ({
      path,
      rule: 'duplicate_identifier',
      message: `Another entry has the resource code ${code}.`,
      remedy: 'Give the entry the next free sequence of its classification.',
    }))
