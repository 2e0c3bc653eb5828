import { randomOf } from './random.ts'

const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY'
const weights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]
const organisationWeights = [3, 7, 9, 10, 5, 8, 4, 2]

/** Organisation code's check character (eight digits; domain reference 9.3). */
function organisationCheck(digits: string): string {
  const sum = [...digits].reduce((s, d, i) => s + Number(d) * organisationWeights[i]!, 0)
  const check = 11 - (sum % 11)
  return check === 10 ? 'X' : check === 11 ? '0' : String(check)
}

/**
 * An invented code of GB 32100 form for a body of the demo: authority 1, kind 1 (public body), the
 * territory, an organisation code and both check characters.
 */
export function demoCreditCode(bodyCode: string, division: string): string {
  const r = randomOf(`credit ${bodyCode}`)
  const digits = Array.from({ length: 8 }, () => r.int(0, 9)).join('')
  const territory = /^\d{6}$/.test(division) ? division : '100000'
  const body = `11${territory}${digits}${organisationCheck(digits)}`
  const sum = [...body].reduce((s, c, i) => s + alphabet.indexOf(c) * weights[i]!, 0)
  return body + alphabet[(31 - (sum % 31)) % 31]!
}
