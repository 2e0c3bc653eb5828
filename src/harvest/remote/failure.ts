import { ConcordError, type ErrorCode, type Fault } from '../../platform/errors.ts'

/** Why nothing usable came from an address. A page may fail and the run go on; what ends a run is thrown as it is. */
export class RemoteFailure extends ConcordError {
  /** Trying again may help. */
  readonly transient: boolean
  /** HTTP status of the answer, when there was one. */
  readonly answered: number | undefined
  /** How long the server asked to wait (ms). */
  readonly retryAfterMs: number | undefined
  /** The beginning of the body that came with the status. */
  readonly answer: string

  constructor(
    code: Extract<ErrorCode, 'address_refused' | 'source_failed'>,
    fault: Fault,
    options: {
      transient?: boolean
      answered?: number
      retryAfterMs?: number
      answer?: string
      cause?: unknown
    } = {},
  ) {
    super(code, `${fault.path} ${fault.message}`.trim(), {
      faults: [fault],
      cause: options.cause,
      more: options.retryAfterMs === undefined ? {} : { retryAfter: Math.ceil(options.retryAfterMs / 1_000) },
    })
    this.name = 'RemoteFailure'
    this.transient = options.transient ?? false
    this.answered = options.answered
    this.retryAfterMs = options.retryAfterMs
    this.answer = options.answer ?? ''
  }

  get fault(): Fault {
    return this.faults[0]!
  }
}

/** The address may not be fetched from this node. */
export const refused = (address: string, rule: string, message: string, remedy: string) =>
  new RemoteFailure('address_refused', { path: address, rule, message, remedy })

/** The source did not answer as it should. */
export const failed = (
  address: string,
  rule: string,
  message: string,
  options: { remedy?: string; transient?: boolean; cause?: unknown } = {},
) =>
  new RemoteFailure(
    'source_failed',
    { path: address, rule, message, ...(options.remedy ? { remedy: options.remedy } : {}) },
    options,
  )

/** An address for messages: without what follows the path, which may hold secrets, and not endless. */
export function shownAddress(url: URL | string): string {
  const parsed = typeof url === 'string' ? (URL.canParse(url) ? new URL(url) : undefined) : url
  const text = parsed ? `${parsed.origin}${parsed.pathname}` : String(url)
  return text.length > 300 ? `${text.slice(0, 300)}…` : text
}
