/**
 * Errors that a caller can act on. Every one has a stable code, documented in docs/errors.md,
 * and is sent as RFC 9457 problem JSON. Anything else that is thrown is a fault of ours and
 * becomes `internal` with its text kept out of the answer.
 */
export interface Fault {
  /** JSON pointer or `line:column` of the place at fault. */
  path: string
  /** The rule that failed, a stable word such as `required` or `citation_required`. */
  rule: string
  /** What is wrong, in words. */
  message: string
  /** What to do about it. */
  remedy?: string
}

/** Stable error codes with their HTTP status and title. docs/errors.md lists the same; a test compares them. */
export const errorCodes = {
  invalid_request: [400, 'The request is not valid'],
  invalid_cursor: [400, 'The paging cursor is not valid'],
  not_signed_in: [401, 'Sign in first'],
  sign_in_failed: [401, 'Name or password is wrong'],
  forbidden: [403, 'Not allowed'],
  separation_of_duties: [403, 'This needs another person'],
  four_eyes: [403, 'Somebody else must decide about this'],
  csrf: [403, 'The request does not come from a page of this site'],
  not_found: [404, 'Not found'],
  not_acceptable: [406, 'Not available in the form asked for'],
  conflict: [409, 'The request contradicts the present state'],
  held: [409, 'Somebody else decides about this at the moment'],
  idempotency_conflict: [409, 'The same Idempotency-Key came with another request'],
  stale: [412, 'Somebody changed this in the meantime'],
  too_large: [413, 'The request is too large'],
  unsupported_media_type: [415, 'This media type is not read here'],
  address_refused: [422, 'This address is not fetched from here'],
  invalid_content: [422, 'The content breaks a rule'],
  etag_required: [428, 'Say which version you are changing'],
  too_many_requests: [429, 'Too many requests'],
  internal: [500, 'Something failed on our side'],
  source_failed: [502, 'The source gave no usable answer'],
  unavailable: [503, 'Not available at the moment'],
  calendar_year_missing: [503, 'The working days of this year are not known'],
} as const satisfies Record<string, readonly [number, string]>

export type ErrorCode = keyof typeof errorCodes

export class ConcordError extends Error {
  readonly code: ErrorCode
  readonly faults: Fault[]
  /** More members for the problem document, e.g. `retryAfter` (seconds) or `currentVersion`. */
  readonly more: Record<string, unknown>

  constructor(
    code: ErrorCode,
    detail: string,
    options: { faults?: Fault[]; more?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(detail, { cause: options.cause })
    this.name = 'ConcordError'
    this.code = code
    this.faults = options.faults ?? []
    this.more = options.more ?? {}
  }

  get status(): number {
    return errorCodes[this.code][0]
  }
}

export const notFound = (what: string) =>
  new ConcordError('not_found', `${what} does not exist, or you may not see it.`)
