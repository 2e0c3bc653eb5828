import { expect, test } from 'vitest'
import { creditCodeCheck, isCreditCode } from './credit-code.ts'

test.each([
  '91350100M000100Y43',
  '91110000101623741K',
  '911101066976941872',
  '11370800MB28559184',
  // Boundaries: remainder 0, where 31 - r reads past the alphabet, and remainder 1.
  '910000000000000040',
  '91000000000000023Y',
])('%s is a credit code', (code) => expect(isCreditCode(code)).toBe(true))

test.each([
  ['91350211M0000XUF46', 'R'],
  ['91310115MA1H8R7C6D', '7'],
])('%s has a wrong check character', (code, right) => {
  expect(isCreditCode(code)).toBe(false)
  expect(creditCodeCheck(code.slice(0, 17))).toBe(right)
})

test.each([
  '',
  '9135',
  '91350100M000100Y4',
  '91350100I000100Y43',
  '91350100m000100Y43',
  '91350100M000100Y433',
])('%j is not one', (code) => expect(isCreditCode(code)).toBe(false))
