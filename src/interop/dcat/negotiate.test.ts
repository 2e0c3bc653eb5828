import { expect, test } from 'vitest'
import { ConcordError } from '../../platform/errors.ts'
import { negotiate } from './negotiate.ts'

const offered = ['text/html', 'text/turtle', 'application/ld+json'] as const

test.each([
  [undefined, 'text/html'],
  ['', 'text/html'],
  ['*/*', 'text/html'],
  ['text/turtle', 'text/turtle'],
  ['TEXT/Turtle; charset=utf-8', 'text/turtle'],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'text/html'],
  ['text/*;q=0.3, text/turtle;q=0.2, application/ld+json;q=0.25', 'text/html'],
  ['text/html;q=0, */*;q=0.1', 'text/turtle'],
  ['application/*', 'application/ld+json'],
  ['nonsense, application/ld+json', 'application/ld+json'],
])('%j is answered with %s', (header, expected) => expect(negotiate(header, offered)).toBe(expected))

test.each(['image/png', 'text/turtle;q=0', 'nonsense', 'text/turtle;q=2'])('%j has a remedy', (header) => {
  const refuse = () => negotiate(header, offered)
  expect(refuse).toThrow(ConcordError)
  try {
    refuse()
  } catch (error) {
    const { status, faults } = error as ConcordError
    expect(status).toBe(406)
    expect(faults[0]!.remedy).toContain('text/turtle')
  }
})
