import type { Db } from '../platform/postgres.ts'
import { isNoticeKind, type NoticeParams, paramsOf } from './kind.schema.ts'
import { insertNotices, type NoticeInput } from './notice.queries.ts'
import { noticeLimits } from './notice.schema.ts'

/** Rows of one statement: it stays below a second. */
const rowsPerStatement = 10_000
/** A path of ours: no other site, no line break that could end a header. */
const pathPattern = /^\/(?!\/)[\x21-\x7e]{0,500}$/

/**
 * Tells people something, in the transaction of the change it is about: they know when it is so, and only then.
 * One statement for up to 10,000 notices.
 */
export async function notify(tx: Db, input: NoticeInput | NoticeInput[]): Promise<void> {
  const notices = [input].flat()
  for (const notice of notices) check(notice)
  let rows = 0
  let batch: NoticeInput[] = []
  const flush = async () => {
    if (batch.length > 0) await insertNotices(tx, batch)
    rows = 0
    batch = []
  }
  for (const notice of notices) {
    const people = [...new Set(notice.to)]
    for (let at = 0; at < people.length; at += rowsPerStatement) {
      const to = people.slice(at, at + rowsPerStatement)
      if (rows + to.length > rowsPerStatement) await flush()
      batch.push({ ...notice, to, params: shortened(notice.params) })
      rows += to.length
    }
  }
  await flush()
}

/** Faults of a caller, not of a user: a text with a hole, a link to elsewhere. */
function check({ kind, params, link }: NoticeInput): void {
  if (!isNoticeKind(kind)) throw new Error(`${kind} is not in notice/kind.schema.ts`)
  const missing = paramsOf(kind).filter((name) => params[name] === undefined)
  if (missing.length > 0) throw new Error(`the notice ${kind} lacks ${missing.join(', ')}`)
  if (!pathPattern.test(link))
    throw new Error(`the notice ${kind} links to ${link}, which is no path of the web UI`)
}

const shortened = (params: NoticeParams): NoticeParams =>
  Object.fromEntries(
    Object.entries(params).map(([name, value]) => [
      name,
      typeof value === 'string' && value.length > noticeLimits.param
        ? `${value.slice(0, noticeLimits.param - 1).toWellFormed()}…`
        : value,
    ]),
  )
