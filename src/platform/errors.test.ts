import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ConcordError, errorCodes } from './errors.ts'

test('every error code is documented with its status, and nothing else is', () => {
  const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')
  const documented = [...page.matchAll(/^\| <a id="(\w+)"><\/a>`(\w+)` \| (\d+) \|/gm)].map((m) => {
    expect(m[1]).toBe(m[2])
    return [m[1], Number(m[3])]
  })
  expect(Object.fromEntries(documented)).toEqual(
    Object.fromEntries(Object.entries(errorCodes).map(([code, [status]]) => [code, status])),
  )
})

test('an error knows its status', () => {
  expect(new ConcordError('stale', 'x').status).toBe(412)
})
