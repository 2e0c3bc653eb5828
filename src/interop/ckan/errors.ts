import { ConcordError, type Fault } from '../../platform/errors.ts'

/** Failures of the Action API as CKAN tells them: a status, a `__type`, and either a message or messages by field. */
export class CkanError extends Error {
  readonly status: number
  readonly type: string
  /** Members of `error` beside `__type`. */
  readonly members: Record<string, unknown>

  constructor(status: number, type: string, members: Record<string, unknown>, cause?: unknown) {
    super(type, { cause })
    this.status = status
    this.type = type
    this.members = members
  }
}

/** What CKAN answers with a bare JSON string: the request is none that an action could take. */
export class BadRequest extends Error {}

export const validation = (fields: Record<string, unknown>) => new CkanError(409, 'Validation Error', fields)
export const invalidField = (field: string, message: string) => validation({ [field]: [message] })
export const missing = (field: string) => invalidField(field, 'Missing value')
/** Without a word of what, as CKAN's `*_show` have it. */
export const notFound = (what?: string) =>
  new CkanError(404, 'Not Found Error', { message: what ? `Not found: ${what}` : 'Not found' })
const denied = (why: string) =>
  new CkanError(403, 'Authorization Error', { message: `Access denied: ${why}` })
/** A search that says something it must not. */
export const badQuery = (why: string) =>
  new CkanError(400, 'Search Query Error', { message: `Search Query is invalid: ${pythonText(why)}` })

export const searchFailed = (cause: Error) =>
  new CkanError(409, 'Search Error', { message: `Search error: ${pythonText(cause.message)}` }, cause)

/** A text as Python writes it: clients show it, and some read it back. */
export function pythonText(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r')
  return `${quote}${quote === "'" ? escaped.replaceAll("'", "\\'") : escaped}${quote}`
}

/** Words of a fault with what to do about it. */
export const faultText = ({ message, remedy }: Fault) => (remedy ? `${message} ${remedy}` : message)

/** Any error in CKAN's words. What is not the caller's fault is told in one neutral sentence. */
export function toCkanError(error: unknown): CkanError | BadRequest {
  if (error instanceof CkanError || error instanceof BadRequest) return error
  // PostgreSQL's classes for data that it cannot take (22) and that contradict what is there (23).
  if (/^2[23]\d{3}$/.test((error as { code?: string }).code ?? ''))
    return new CkanError(400, 'Integrity Error', { message: 'The data contradicts what is kept.' }, error)
  if (!(error instanceof ConcordError)) return internal
  const { code, message, faults } = error
  if (code === 'not_signed_in' || code === 'forbidden' || code === 'csrf') return denied(message)
  if (code === 'not_found') return notFound(message)
  if (code === 'invalid_content') return validation(byField(faults, message))
  if (code === 'conflict' || code === 'stale' || code === 'held') return validation({ message: [message] })
  if (code === 'too_many_requests') return new CkanError(429, 'Rate Limit Error', { message })
  if (code === 'unavailable') return new CkanError(500, 'Search Connection Error', { message })
  if (code === 'too_large') return new CkanError(413, 'Too Large Error', { message })
  if (error.status < 500)
    return new BadRequest([message, ...faults.map((f) => `${f.path} ${f.message}`)].join(' '))
  return internal
}

const internal = new CkanError(500, 'Internal Server Error', { message: 'Internal Server Error' })

/** Faults of the catalogue's rules by the field of the package they stand in; `path` is that of the content. */
function byField(faults: Fault[], message: string): Record<string, string[]> {
  const fields: Record<string, string[]> = {}
  for (const fault of faults) {
    const field = fieldOf(fault.path)
    fields[field] = [...(fields[field] ?? []), `${fault.path}: ${faultText(fault)}`]
  }
  return faults.length > 0 ? fields : { message: [message] }
}

/** Members of a content that a package has under another name. */
const packageFields: Record<string, string> = {
  title: 'title',
  abstract: 'notes',
  body: 'owner_org',
  keyword: 'tags',
  theme: 'groups',
  license: 'license_id',
  landingPage: 'url',
  contact: 'maintainer',
  distributions: 'resources',
  services: 'resources',
}

const fieldOf = (path: string) => packageFields[path.split('/')[1] ?? ''] ?? 'extras'
