import Type from 'typebox'
import { ConcordError } from '../platform/errors.ts'

/** A paging cursor in a query: where the page before ended. Opaque to callers. */
export const Cursor = Type.String({
  pattern: '^[A-Za-z0-9_-]+$',
  maxLength: 100,
  description: '`next` of the page before.',
})

const encodeCursor = (key: string | number): string => Buffer.from(String(key)).toString('base64url')

/** The number in a cursor. @throws invalid_cursor */
export function decodeNumberCursor(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined
  const text = decodeTextCursor(cursor)!
  if (!/^\d{1,15}$/.test(text)) throw new ConcordError('invalid_cursor', 'This is not a cursor of this list.')
  return Number(text)
}

/** The text in a cursor. @throws invalid_cursor */
export function decodeTextCursor(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined
  const text = Buffer.from(cursor, 'base64url').toString('utf8')
  if (!/^[\w.-]+$/.test(text)) throw new ConcordError('invalid_cursor', 'This is not a cursor of this list.')
  return text
}

/** A page of `rows` read with one more than `limit`, and the cursor of the next. */
export function page<T>(rows: T[], limit: number, key: (row: T) => string | number) {
  const items = rows.slice(0, limit)
  return { items, next: rows.length > limit ? encodeCursor(key(items.at(-1)!)) : null }
}
