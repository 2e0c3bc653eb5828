/**
 * Unified social credit code of GB 32100-2015: 17 characters and a check character, modulo 31.
 * The alphabet leaves out I O Z S V; a character's value is its index.
 */
const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY'
const weights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]

/** The check character of the first 17 characters, or undefined when one is outside the alphabet. */
export function creditCodeCheck(body: string): string | undefined {
  if (body.length < 17) return undefined
  let sum = 0
  for (let i = 0; i < 17; i++) {
    const value = alphabet.indexOf(body[i]!)
    if (value < 0) return undefined
    sum += value * weights[i]!
  }
  // The outer modulo matters: for a remainder of 0, 31 - 0 would read past the alphabet's end.
  return alphabet[(31 - (sum % 31)) % 31]
}

/** True for 18 characters of the alphabet of which the last is the right check character. */
export const isCreditCode = (code: string): boolean =>
  code.length === 18 && creditCodeCheck(code) === code[17]
