/** An answer in the shape of ClickHouse's own exceptions: code, name, text, HTTP status. */
export class EngineError extends Error {
  readonly code: number
  readonly status: number

  constructor(code: number, text: string, status = statusOf(code)) {
    super(text)
    this.code = code
    this.status = status
  }
}

/** A refusal by this server, worded like one of ClickHouse. */
export const refuse = (code: number, name: string, text: string, status?: number) =>
  new EngineError(code, `Code: ${code}. DB::Exception: ${text}. (${name})`, status)

/** What chDB threw, or a fault of ours (code 1001, as ClickHouse calls other exceptions). */
export function clickHouseError(error: unknown, version: string): EngineError {
  if (error instanceof EngineError) return error
  const text = error instanceof Error ? error.message : String(error)
  const code = /Code: (\d+)\./.exec(text)?.[1]
  if (code === undefined)
    return new EngineError(1001, `Code: 1001. DB::Exception: ${text}. (STD_EXCEPTION)`, 500)
  return new EngineError(
    Number(code),
    /\(version /.test(text) ? text : `${text.trimEnd()} (version ${version})`,
  )
}

/** HTTP status of an exception code, after ClickHouse's exceptionCodeToHTTPStatus. */
const statuses = new Map<number, number>([
  ...[192, 193, 194, 516].map((code) => [code, 403] as const),
  ...[
    6, 26, 27, 32, 33, 36, 38, 41, 42, 43, 44, 46, 47, 50, 53, 62, 70, 72, 115, 117, 130, 131, 452, 456, 457,
  ].map((code) => [code, 400] as const),
  ...[60, 81].map((code) => [code, 404] as const),
  [202, 503],
  [1002, 413],
])

const statusOf = (code: number): number => statuses.get(code) ?? 500
