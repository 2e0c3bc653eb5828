import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

/** What dependency-cruiser cannot see: sizes, places of SQL, files every capability has. */

const root = new URL('..', import.meta.url).pathname
const tracked = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((f) => f && existsSync(root + f))
const sources = tracked.filter((f) => /^(src|web|bench)\/.*\.tsx?$/.test(f))
const read = (file: string) => readFileSync(root + file, 'utf8')

/** Lines a source file may have (architecture, conventions). */
const maxLines = 300
/** Still over it; they may shrink, not grow. */
const longFiles: Record<string, number> = {
  'bench/corpus.ts': 355,
}

test('there is something to check', () => {
  expect(sources.length).toBeGreaterThan(50)
})

test(`no source file is longer than ${maxLines} lines`, () => {
  const long = sources.filter(
    (f) => !f.includes('.test.') && read(f).split('\n').length > (longFiles[f] ?? maxLines) + 1,
  )
  expect(long).toEqual([])
})

test('no two advisory locks have the same number', () => {
  const numbers = sources.flatMap((f) => read(f).match(/\b7_226_\d{3}\b/g) ?? [])
  expect(numbers.length).toBeGreaterThan(5)
  expect(numbers.filter((n, i) => numbers.indexOf(n) !== i)).toEqual([])
})

test('SQL of the capabilities stands in *.queries.ts', () => {
  const statement = /sql(<[^`]*>)?`\s*(select|insert|update|delete|with|copy|truncate)\b/i
  const others = sources.filter((f) => /^src\/(?!platform\/)/.test(f) && !/\.(queries|test)\.ts$/.test(f))
  expect(others.filter((f) => statement.test(read(f)))).toEqual([])
})

describe('every capability', () => {
  const capabilities = readdirSync(`${root}src`, { withFileTypes: true })
    .filter((e) => e.isDirectory() && e.name !== 'platform')
    .map((e) => e.name)
  test.each(capabilities)('%s has a README and a public face', (name) => {
    expect(existsSync(`${root}src/${name}/README.md`)).toBe(true)
    expect(existsSync(`${root}src/${name}/index.ts`)).toBe(true)
  })
})

test('folders under src are at most one level deep', () => {
  expect(tracked.filter((f) => /^src\/[^/]+\/[^/]+\/[^/]+\//.test(f))).toEqual([])
})

test('nothing names a path of somebody’s machine', () => {
  const home = new RegExp(['/ho', 'me/|/Us', 'ers/|/ro', 'ot/'].join(''))
  expect(tracked.filter((f) => /\.(ts|tsx|js|md|json|yaml)$/.test(f) && home.test(read(f)))).toEqual([])
})

test('outside the web UI, addresses of the workbench come from `workPage`', () => {
  const address = new RegExp(['[\'"`*]/wo', 'rk/'].join(''))
  const others = tracked.filter((f) => /\.(ts|js)$/.test(f) && !f.startsWith('web/'))
  expect(others.filter((f) => address.test(read(f)))).toEqual([])
})
