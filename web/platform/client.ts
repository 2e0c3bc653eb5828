/** One place that talks to `/api/v1`: typed answers, typed errors, CSRF, If-Match, cancellation. */

export interface Fault {
  /** JSON pointer of the place at fault, e.g. `/items/3/name`. */
  path: string
  rule: string
  message: string
  remedy?: string
}

interface ProblemBody {
  title?: string
  detail?: string
  status?: number
  code?: string
  requestId?: string
  faults?: Fault[]
}

/** A failed call. `code` is one of docs/errors.md, or `network` where no answer came. */
export class ProblemError extends Error {
  readonly status: number
  readonly code: string
  readonly title: string
  readonly requestId: string | null
  readonly faults: Fault[]
  /** Every member of the problem document, also the extra ones such as `currentVersion`. */
  readonly body: Record<string, unknown>

  constructor(status: number, body: ProblemBody & Record<string, unknown>, requestId: string | null) {
    super(body.detail ?? body.title ?? `HTTP ${status}`)
    this.name = 'ProblemError'
    this.status = status
    this.code = body.code ?? 'internal'
    this.title = body.title ?? ''
    this.requestId = body.requestId ?? requestId
    this.faults = body.faults ?? []
    this.body = body
  }
}

export type QueryValue = string | number | boolean | undefined | null | readonly string[]

export interface CallOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  query?: Record<string, QueryValue>
  /** A value to send as JSON, or a ready body such as FormData or a File. */
  body?: unknown
  headers?: Record<string, string>
  ifMatch?: string
  /**
   * A change that must not happen twice: sent with an Idempotency-Key that stays the same while the same change is
   * tried again after an attempt whose end nobody knows (no answer, or a fault of the server).
   */
  once?: boolean
  signal?: AbortSignal
}

export interface Answer<T> {
  data: T
  etag: string | null
  headers: Headers
}

let csrfToken: string | null = null
/** The session's token; sent with every call that changes something. */
export function setCsrfToken(token: string | null): void {
  csrfToken = token
}
/** For uploads that need progress and so cannot use fetch. */
export function csrfHeaders(): Record<string, string> {
  return csrfToken ? { 'x-csrf-token': csrfToken } : {}
}

export const apiBase = '/api/v1'

/** 128 random bits; `randomUUID` is missing on pages served without TLS inside a network. */
export const newKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')

/** Keys of changes whose end is not known, by what was asked. */
const openKeys = new Map<string, string>()

/** Whether nobody can say if the change happened: no answer, or the server broke on it. */
export const isUnknownEnd = (error: unknown): boolean =>
  error instanceof ProblemError && (error.code === 'network' || error.status >= 500)

export function toQueryString(query: Record<string, QueryValue> = {}): string {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null || value === '') continue
    if (Array.isArray(value)) for (const one of value) params.append(name, one)
    else params.append(name, String(value))
  }
  const text = params.toString()
  return text ? `?${text}` : ''
}

function isRawBody(body: unknown): body is BodyInit {
  return body instanceof FormData || body instanceof Blob || typeof body === 'string'
}

async function readProblem(response: Response): Promise<ProblemError> {
  const requestId = response.headers.get('x-request-id')
  const body = (await response.json().catch(() => ({}))) as ProblemBody & Record<string, unknown>
  return new ProblemError(response.status, body, requestId)
}

/** Calls a route and gives the answer with its ETag. @throws ProblemError for every failure but an abort. */
export async function callFull<T>(path: string, options: CallOptions = {}): Promise<Answer<T>> {
  if (!options.once) return send(path, options)
  const asked = JSON.stringify([options.method, path, options.ifMatch, options.body])
  const key = openKeys.get(asked) ?? newKey()
  openKeys.set(asked, key)
  try {
    const answer = await send<T>(path, {
      ...options,
      headers: { 'idempotency-key': key, ...options.headers },
    })
    openKeys.delete(asked)
    return answer
  } catch (error) {
    if (!isUnknownEnd(error)) openKeys.delete(asked)
    throw error
  }
}

async function send<T>(path: string, options: CallOptions): Promise<Answer<T>> {
  const method = options.method ?? 'GET'
  const headers: Record<string, string> = { accept: 'application/json', ...options.headers }
  let body: BodyInit | undefined
  if (options.body !== undefined) {
    if (isRawBody(options.body)) body = options.body
    else {
      body = JSON.stringify(options.body)
      headers['content-type'] = 'application/json'
    }
  }
  if (method !== 'GET') Object.assign(headers, csrfHeaders())
  if (options.ifMatch) headers['if-match'] = options.ifMatch
  let response: Response
  try {
    response = await fetch(`${apiBase}${path}${toQueryString(options.query)}`, {
      method,
      headers,
      body,
      signal: options.signal,
      credentials: 'same-origin',
    })
  } catch (error) {
    if ((error as Error).name === 'AbortError') throw error
    throw new ProblemError(0, { code: 'network', detail: (error as Error).message }, null)
  }
  if (!response.ok) throw await readProblem(response)
  const isJson = response.headers.get('content-type')?.includes('json') ?? false
  const data = (
    response.status === 204 ? undefined : isJson ? await response.json() : await response.text()
  ) as T
  return { data, etag: response.headers.get('etag'), headers: response.headers }
}

/** Calls a route and gives its answer. @throws ProblemError */
export async function call<T>(path: string, options: CallOptions = {}): Promise<T> {
  return (await callFull<T>(path, options)).data
}
