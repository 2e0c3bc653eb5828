import {
  fold,
  kind,
  kindCompose,
  kindDigit,
  kindHighSurrogate,
  kindIdeographic,
  kindLatin,
  kindLetter,
  kindMark,
  kindSeparator,
} from './fold-table.ts'

/**
 * Words of the index and of a query, made by one function so that both always agree.
 *
 * Folding, per UTF-16 unit by table: NFKC (full-width = half-width), lower case, Latin without accents,
 * Traditional to Simplified Chinese (OpenCC's character list). Runs of letters and runs of digits are
 * words of their own ("GB2312" = gb + 2312 = "GB 2312"); English plurals lose their ending; Han, kana,
 * hangul and other scripts written without blanks give single characters and pairs of neighbours.
 */

/** Raise when a token may come out differently: a segment of another version is not searched but rebuilt. */
export const tokeniserVersion = 1
/** UTF-16 units of one word; the rest of a longer one is cut, so that it can still be found by its beginning. */
export const maxWordLength = 40

/** Receives the tokens of a text in order. */
export interface TokenSink {
  /** One character of a script without blanks; `previous` is its left neighbour in the run, or 0. */
  ideograph(code: number, previous: number): void
  /** The first `length` units of `wordUnits` are the word. */
  word(length: number): void
}

/** Units of the word that a sink is told of. */
export const wordUnits = new Uint16Array(maxWordLength)
/** The word that a sink is told of. */
export const wordText = (length: number): string =>
  String.fromCharCode.apply(undefined, wordUnits.subarray(0, length) as unknown as number[])

/** Brings composed and compatibility characters to one form where a text has any; otherwise the text itself. */
function composeIfNeeded(text: string): string {
  for (let i = 0; i < text.length; i++)
    if (kind[text.charCodeAt(i)] === kindCompose) return text.normalize('NFKC')
  return text
}

const isAscii = (code: number) => code < 128

/** An English plural without its ending: schools, addresses, cities, boxes. Others stay as they are. */
export function stem(word: string): string {
  const n = word.length
  if (n < 4 || word.charCodeAt(n - 1) !== 115) return word
  const before = word.charCodeAt(n - 2)
  if (!isAscii(before)) return word
  if (before === 101) {
    if (n > 4 && word.charCodeAt(n - 3) === 105) return `${word.slice(0, n - 3)}y`
    if (/(?:ss|x|z|ch|sh)es$/.test(word)) return word.slice(0, n - 2)
    return word.slice(0, n - 1)
  }
  // -ss, -us, -is: class, status, analysis are not plurals.
  if (before === 115 || before === 117 || before === 105) return word
  return word.slice(0, n - 1)
}

/** Sends every token of a text that went through `normalise` to the sink. */
export function tokenise(text: string, sink: TokenSink): void {
  const length = text.length
  let previous = 0
  let i = 0
  while (i < length) {
    const code = text.charCodeAt(i)
    const k = kind[code]!
    if (k === kindIdeographic) {
      const folded = fold[code]!
      sink.ideograph(folded, previous)
      previous = folded
      i++
      continue
    }
    previous = 0
    if (k === kindLatin || k === kindDigit || k === kindLetter) i = takeWord(text, i, k, sink)
    else if (k === kindHighSurrogate) i = takeAstral(text, i, sink)
    else i++
  }
}

/** Reads one run of the same kind from `start`; returns where it ends. */
function takeWord(text: string, start: number, k: number, sink: TokenSink): number {
  let i = start
  let n = 0
  for (; i < text.length; i++) {
    const code = text.charCodeAt(i)
    const other = kind[code]!
    if (other === kindMark && k === kindLetter) {
      if (n < maxWordLength) wordUnits[n++] = fold[code]!
      continue
    }
    if (other !== k) break
    if (n < maxWordLength) wordUnits[n++] = fold[code]!
  }
  sink.word(k === kindLatin ? stemUnits(n) : n)
  return i
}

/** `stem` of the word in `wordUnits`; returns its new length. */
function stemUnits(n: number): number {
  if (n < 4 || wordUnits[n - 1] !== 115) return n
  const stemmed = stem(wordText(n))
  for (let i = 0; i < stemmed.length; i++) wordUnits[i] = stemmed.charCodeAt(i)
  return stemmed.length
}

/** Rare ideographs beyond the basic plane are words of two units. */
function takeAstral(text: string, i: number, sink: TokenSink): number {
  const low = text.charCodeAt(i + 1)
  if (!(low >= 0xdc00 && low <= 0xdfff)) return i + 1
  if (/\p{L}/u.test(text.slice(i, i + 2))) {
    wordUnits[0] = text.charCodeAt(i)
    wordUnits[1] = low
    sink.word(2)
  }
  return i + 2
}

/** The tokens of any text as the index stores them, each once, in order of first appearance. */
export function tokensOf(text: string): string[] {
  const seen = new Set<string>()
  tokenise(normalise(text), {
    ideograph(code, previous) {
      seen.add(String.fromCharCode(code))
      if (previous) seen.add(String.fromCharCode(previous, code))
    },
    word: (length) => void seen.add(wordText(length)),
  })
  return [...seen]
}

/**
 * The tokens that a query for this text asks for: pairs instead of single characters where a run has
 * more than one, so that 车站 asks for the pair and not for 车 and 站 anywhere.
 */
export function queryTokens(text: string): string[] {
  const tokens: string[] = []
  let single = false
  tokenise(normalise(text), {
    ideograph(code, previous) {
      if (previous === 0) {
        tokens.push(String.fromCharCode(code))
        single = true
        return
      }
      if (single) tokens.pop()
      single = false
      tokens.push(String.fromCharCode(previous, code))
    },
    word: (length) => {
      single = false
      tokens.push(wordText(length))
    },
  })
  return [...new Set(tokens)]
}

const unitBuffer: number[] = []
const placeBuffer: number[] = []

/**
 * A text as it is compared: folded, words whole and unstemmed, one blank for any separators, none at the
 * ends, English possessive 's dropped. "Ｈousehold-ADDRESS（住址）" becomes "household address 住址".
 * Idempotent. Never throws; unpaired surrogates and control characters separate words.
 */
export function normalise(raw: string): string {
  foldInto(composeIfNeeded(raw), false)
  return joinUnits(unitBuffer)
}

/**
 * `normalise`, with the place in `raw` that each unit came from, for highlighting. No places are given for
 * a text whose composed form has another length.
 */
export function normaliseWithPlaces(raw: string): { text: string; places: Int32Array } {
  const composed = composeIfNeeded(raw)
  foldInto(composed, true)
  return {
    text: joinUnits(unitBuffer),
    places: composed.length === raw.length ? Int32Array.from(placeBuffer) : new Int32Array(0),
  }
}

function foldInto(text: string, withPlaces: boolean): void {
  const units = unitBuffer
  units.length = 0
  placeBuffer.length = 0
  let gap = false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    const k = kind[code]!
    if (k === kindMark) {
      // Vowel signs of Indic and other scripts belong to their word; accents over Latin letters were dropped.
      if (units.length > 0 && !gap && kind[units[units.length - 1]!]! >= kindLetter)
        pushUnit(fold[code]!, i, withPlaces)
      continue
    }
    const pair = k === kindHighSurrogate && isLowSurrogate(text.charCodeAt(i + 1))
    if (k === kindSeparator || k === kindCompose || (k === kindHighSurrogate && !pair)) {
      if (isPossessive(text, i, code)) i++
      gap = units.length > 0
      continue
    }
    if (gap) pushUnit(32, i, withPlaces)
    gap = false
    pushUnit(pair ? code : fold[code]!, i, withPlaces)
    if (pair) pushUnit(text.charCodeAt(++i), i, withPlaces)
  }
}

function pushUnit(unit: number, place: number, withPlaces: boolean): void {
  unitBuffer.push(unit)
  if (withPlaces) placeBuffer.push(place)
}

const isLowSurrogate = (code: number) => code >= 0xdc00 && code <= 0xdfff

/** "children's": the s after the apostrophe is no word. */
function isPossessive(text: string, i: number, code: number): boolean {
  if (code !== 0x27 && code !== 0x2019) return false
  if (i === 0 || kind[text.charCodeAt(i - 1)] !== kindLatin || fold[text.charCodeAt(i + 1)] !== 115)
    return false
  return i + 2 >= text.length || kind[text.charCodeAt(i + 2)] !== kindLatin
}

/** Units per call of String.fromCharCode; a larger list of arguments may overflow the stack. */
const joinChunk = 8192

function joinUnits(units: number[]): string {
  if (units.length <= joinChunk) return String.fromCharCode.apply(undefined, units)
  let text = ''
  for (let i = 0; i < units.length; i += joinChunk) {
    text += String.fromCharCode.apply(undefined, units.slice(i, i + joinChunk))
  }
  return text
}

/** True for a unit of a script that is written with blanks between words (Latin, digits, Cyrillic, Arabic …). */
export function isWordUnit(code: number): boolean {
  const k = kind[code]
  return k === kindLatin || k === kindDigit || k === kindLetter
}
