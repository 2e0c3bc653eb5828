import { ConcordError, type Fault } from '../platform/errors.ts'
import type { App } from '../platform/http.ts'

/** Faults told of one request. */
const maxFaults = 20
/** Deeper nesting than any schema of ours has. */
const maxDepth = 100

/**
 * Refuses text that cannot be stored: U+0000 (PostgreSQL has none) and halves of surrogate pairs (not UTF-8).
 * No schema can say it for every member, so it is looked at once for every route.
 */
export function addTextGuard(app: App): void {
  app.addHook('preValidation', async (request) => {
    const faults: Fault[] = []
    inspect(request.params, 'params', faults, 0)
    inspect(request.query, 'querystring', faults, 0)
    inspect(request.body, 'body', faults, 0)
    if (faults.length > 0)
      throw new ConcordError('invalid_request', 'The request holds text that cannot be stored.', { faults })
  })
}

function inspect(value: unknown, path: string, faults: Fault[], depth: number): void {
  if (faults.length >= maxFaults) return
  if (typeof value === 'string') {
    if (isStorable(value)) return
    faults.push({
      path,
      rule: 'text',
      message: 'holds U+0000 or half of a surrogate pair',
      remedy: 'Remove the character, or send the text as UTF-8.',
    })
  } else if (typeof value === 'object' && value !== null && isPlain(value)) {
    if (depth >= maxDepth)
      faults.push({ path: path.slice(0, 200), rule: 'depth', message: `is nested deeper than ${maxDepth}` })
    else
      for (const [key, v] of Object.entries(value)) {
        if (!isStorable(key))
          faults.push({ path, rule: 'text', message: 'has a member whose name cannot be stored' })
        inspect(v, `${path}/${key.slice(0, 100)}`, faults, depth + 1)
      }
  }
}

/** Streams, files and buffers are not looked into. */
const isPlain = (value: object) => !ArrayBuffer.isView(value) && !(Symbol.asyncIterator in value)

/** True when PostgreSQL can keep the text. */
const isStorable = (text: string): boolean => !text.includes('\u0000') && isWellFormed(text)

const isWellFormed = (text: string) => !/\p{Surrogate}/u.test(text)
