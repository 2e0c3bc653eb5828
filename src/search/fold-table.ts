import { Converter } from 'opencc-js/t2cn'

/** Tables over the basic plane that folding and tokenising read, made once a process (about 50 ms). */

export const kindSeparator = 0
export const kindLatin = 1
export const kindDigit = 2
/** Scripts without blanks between words: one token a character, one a pair. */
export const kindIdeographic = 3
export const kindLetter = 4
export const kindMark = 5
/** Needs NFKC of the whole text: becomes several units, or joins its neighbour. */
export const kindCompose = 6
export const kindHighSurrogate = 7

/** The folded form of every UTF-16 unit: NFKC, lower case, Latin without accents, Simplified. */
export const fold = new Uint16Array(65536)
/** What sort of unit it is. */
export const kind = new Uint8Array(65536)
buildTables()

/** OpenCC's conversion of every single ideograph of the basic plane; one line each keeps its phrases out. */
function traditionalToSimplified(): Map<number, number> {
  const codes: number[] = []
  for (let code = 0x3400; code <= 0x9fff; code++) codes.push(code)
  const lines = codes.map((code) => String.fromCharCode(code)).join('\n')
  const converted = Converter({ from: 't', to: 'cn' })(lines).split('\n')
  const map = new Map<number, number>()
  for (const [i, code] of codes.entries()) {
    const to = converted[i]
    if (to?.length === 1 && to.charCodeAt(0) !== code) map.set(code, to.charCodeAt(0))
  }
  return map
}

function kindOf(char: string): number {
  if (/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}ー]/u.test(char))
    return kindIdeographic
  if (/[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u.test(char)) return kindIdeographic
  if (/\p{Nd}/u.test(char)) return kindDigit
  if (/\p{L}/u.test(char)) return /\p{Script=Latin}/u.test(char) ? kindLatin : kindLetter
  if (/\p{M}/u.test(char)) return kindMark
  return kindSeparator
}

function buildTables(): void {
  const simplified = traditionalToSimplified()
  for (let code = 0; code < 65536; code++) {
    if (code >= 0x4e00 && code <= 0x9fff) {
      fold[code] = simplified.get(code) ?? code
      kind[code] = kindIdeographic
    } else if (code >= 0xac00 && code <= 0xd7a3) {
      fold[code] = code
      kind[code] = kindIdeographic
    } else if (code >= 0xd800 && code <= 0xdfff)
      kind[code] = code < 0xdc00 ? kindHighSurrogate : kindSeparator
    else if (code < 0xe000 || code >= 0xf900) foldOne(code, simplified)
  }
}

function foldOne(code: number, simplified: Map<number, number>): void {
  const composed = String.fromCharCode(code).normalize('NFKC').toLowerCase()
  const isJamo = code >= 0x1100 && code <= 0x11ff
  const isHalfWidthVoicing = code === 0xff9e || code === 0xff9f
  if (composed.length !== 1 || isJamo || isHalfWidthVoicing) {
    kind[code] = kindCompose
    fold[code] = 0
    return
  }
  let folded = composed
  const base = composed.normalize('NFD')
  if (base.length > 1 && /^[a-z]/.test(base)) folded = base.charAt(0)
  const at = folded.charCodeAt(0)
  fold[code] = simplified.get(at) ?? at
  kind[code] = kindOf(folded)
}
