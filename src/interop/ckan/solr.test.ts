import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CkanError } from './errors.ts'
import { unifiedDiff } from './line-diff.ts'
import { parseSolr, parseWords, type SolrNode } from './solr.ts'
import { dateMath, naive, readMoment, toNaive } from './time.ts'

/** A query in brackets, as it was understood. */
function written(node: SolrNode): string {
  switch (node.type) {
    case 'and':
    case 'or':
      return `(${node.of.map(written).join(node.type === 'and' ? ' & ' : ' | ')})`
    case 'not':
      return `!${written(node.of)}`
    case 'everything':
      return '*'
    case 'range':
      return `${node.field}=${node.fromOpen ? '{' : '['}${node.from},${node.to}${node.toOpen ? '}' : ']'}`
    default:
      return `${node.field ? `${node.field}:` : ''}${node.phrase ? `"${node.text}"` : node.text}${node.prefix ? '…' : ''}`
  }
}

test.each([
  ['a b', '(a & b)'],
  ['a AND b OR c', '((a & b) | c)'],
  ['a && b || c', '((a & b) | c)'],
  ['-a +b !c NOT d', '(!a & b & !c & !d)'],
  ['title:(a OR b)', '(title:a | title:b)'],
  ['(title:a OR tags:"b c")', '(title:a | tags:"b c")'],
  ['tags:econ*', 'tags:econ…'],
  ['title:"a \\"b\\" c"~2', 'title:"a "b" c"'],
  ['title:water^4', 'title:water'],
  ['a\\:b', 'a:b'],
  [
    'metadata_modified:[2015-10-23T14:51:13.282361Z TO *]',
    'metadata_modified=[2015-10-23T14:51:13.282361Z,*]',
  ],
  ['metadata_created:{* TO NOW/DAY-7DAYS]', 'metadata_created={*,NOW/DAY-7DAYS]'],
  ['*:*', '*'],
  ['title:*', 'title:*'],
  ['url:http\\://x/y', 'url:http://x/y'],
  ['+state:active +(a OR -b)', '(state:active & (a | !b))'],
  ['水 AND title:学校', '(水 & title:学校)'],
  ['e-mail', 'e-mail'],
])('%s is understood', (text, expected) => {
  expect(written(parseSolr(text))).toBe(expected)
})

test.each(['(a', 'a)', 'a AND', 'OR a', 'title:', '"a', 'x:[a b]', 'title:()', '{!lucene}a', '[1 TO 2]'])(
  '%s is refused in words',
  (text) => expect(() => parseSolr(text)).toThrow(CkanError),
)

test('a query too long or too deep is refused', () => {
  for (const text of ['a'.repeat(10_001), '('.repeat(50), Array(200).fill('a').join(' ')])
    expect(() => parseSolr(text)).toThrow(CkanError)
})

test('any text is parsed or refused, and words without fields are never wrong', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'ab :()"[]{}+-!*\\AND OR NOT TO~^') }), (text) => {
      try {
        parseSolr(text)
      } catch (error) {
        expect(error).toBeInstanceOf(CkanError)
      }
      parseWords(text)
    }),
    { numRuns: 3_000 },
  )
})

test('moments keep their microseconds', () => {
  expect(readMoment('2015-10-23T14:51:13.282361Z')).toBeCloseTo(
    Date.parse('2015-10-23T14:51:13.282Z') + 0.361,
    3,
  )
  expect(readMoment('2015-10-23T14:51:13.283000')).toBe(Date.parse('2015-10-23T14:51:13.283Z'))
  expect(readMoment('2015-10-23')).toBe(Date.parse('2015-10-23T00:00:00Z'))
  expect(toNaive('2015-10-23T14:51:13.282361')).toBe('2015-10-23T14:51:13.282361')
  expect(toNaive('2015-10-23 16:51:13+02:00')).toBe('2015-10-23T14:51:13.000000')
  expect(naive('2015-10-23T14:51:13.282Z')).toBe('2015-10-23T14:51:13.282000')
  for (const wrong of ['', 'yesterday', '2015-13-01', '2015-10-23T99:00'])
    expect(readMoment(wrong)).toBeUndefined()
})

test('dates are reckoned as Solr does', () => {
  const now = new Date('2026-03-31T10:20:30.400Z')
  const at = (text: string) => {
    const ms = dateMath(text, now)
    return ms === undefined ? undefined : new Date(ms).toISOString()
  }
  expect(at('NOW')).toBe('2026-03-31T10:20:30.400Z')
  expect(at('NOW/DAY-7DAYS')).toBe('2026-03-24T00:00:00.000Z')
  expect(at('NOW-1HOUR')).toBe('2026-03-31T09:20:30.400Z')
  expect(at('NOW/YEAR+1MONTH')).toBe('2026-02-01T00:00:00.000Z')
  expect(at('2015-10-23T14:51:13Z+1DAY')).toBe('2015-10-24T14:51:13.000Z')
  expect(at('NOW+1FORTNIGHT')).toBeUndefined()
})

test('differences are told by lines', () => {
  expect(unifiedDiff(['a', 'b', 'c'], ['a', 'x', 'c'])).toBe('---\n+++\n@@ -1 +1 @@\n a\n-b\n+x\n c')
  expect(unifiedDiff(['a'], ['a'])).toBe('')
})
