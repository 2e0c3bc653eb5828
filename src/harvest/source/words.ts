/** Words of a text as they are looked for: folded; of Chinese, Japanese and Korean every pair of characters. */
const runs = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]+|[\p{L}\p{M}\p{N}]+/gu
const cjk = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u
/** Words of one source, and of one question. */
const wordLimit = 200
const queryLimit = 12

const fold = (text: string) => text.normalize('NFKC').toLowerCase()

function* pairs(run: string): Generator<string> {
  const characters = [...run]
  if (characters.length === 1) yield run
  for (let i = 0; i + 1 < characters.length; i++) yield characters[i]! + characters[i + 1]!
}

function wordsOf(text: string): string[] {
  // A new expression each time would be compiled each time; a shared one must begin at its start.
  return [...fold(text).matchAll(runs)].flatMap(([run]) => (cjk.test(run) ? [...pairs(run)] : [run]))
}

/** The words a source is found by. */
export const sourceWords = (texts: (string | null | undefined)[]): string[] =>
  [...new Set(texts.flatMap((t) => (t ? wordsOf(t) : [])))].slice(0, wordLimit)

/** A question as PostgreSQL's text search reads it: every word, each also as a beginning. Empty when there is no word. */
export const wordQuery = (text: string): string =>
  [...new Set(wordsOf(text))]
    .slice(0, queryLimit)
    .map((word) => `'${word.replaceAll("'", "''")}':*`)
    .join(' & ')
