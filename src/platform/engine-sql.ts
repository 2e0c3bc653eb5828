/**
 * As much reading of a statement as a server must do before it hands it on: what kind it is, whether it is one,
 * where its FORMAT and SETTINGS clauses are. Strings, quoted names, comments and brackets are skipped.
 */
export interface Statement {
  /** Upper-case first word: SELECT (also for WITH, FROM and a bracket), INSERT, CREATE … */
  kind: string
  /** Without the closing semicolon. For an insert with data in its text, the data too. */
  sql: string
  /** The FORMAT clause, when there is one. */
  format?: string
  /** Where the clauses after the query body begin: FORMAT of a select; FORMAT, VALUES or SETTINGS of an insert. */
  tailAt: number
  /** The insert's data follows in its own text. */
  inlineData: boolean
  /** Text after a semicolon. */
  several: boolean
  /** Upper-case words outside brackets, for rules such as CREATE TEMPORARY. */
  words: string[]
}

const token =
  /\s+|--[^\n]*|#[ !][^\n]*|\/\*[\s\S]*?\*\/|\$(\w*)\$[\s\S]*?\$\1\$|'[^'\\]*(?:\\[\s\S][^'\\]*)*'|`[^`\\]*(?:\\[\s\S][^`\\]*)*`|"[^"\\]*(?:\\[\s\S][^"\\]*)*"|[A-Za-z_][A-Za-z0-9_]*|\d[\w.]*|[\s\S]/gy

interface Word {
  text: string
  at: number
  end: number
}

/** Reads one statement. */
export function readStatement(text: string): Statement {
  const words: Word[] = []
  let depth = 0
  let semicolon = -1
  let several = false
  let end = 0
  token.lastIndex = 0
  for (let match = token.exec(text); match; match = token.exec(text)) {
    const part = match[0]
    const at = match.index
    if (/^(?:\s|--|#[ !]|\/\*)/.test(part)) continue
    if (semicolon >= 0) {
      several = true
      break
    }
    if (part === ';' && depth <= 0) {
      semicolon = at
      continue
    }
    end = at + part.length
    if (part === '(' || part === '[' || part === '{') depth++
    if (depth === 0 || (depth === 1 && words.length === 0)) words.push({ text: part.toUpperCase(), at, end })
    if (part === ')' || part === ']' || part === '}') depth--
    if (words[0]?.text === 'INSERT' && isData(words)) {
      // What follows is data, not SQL.
      end = text.length
      break
    }
  }
  return describe(text.slice(0, end), words, several)
}

/** True when the last word read begins the data of an insert: VALUES, or the name after FORMAT. */
function isData(words: Word[]): boolean {
  const last = words.at(-1)!
  if (words.some((w) => w.text === 'SELECT' || w.text === 'WITH')) return false
  return last.text === 'VALUES' || (words.at(-2)?.text === 'FORMAT' && /^[A-Z]\w*$/.test(last.text))
}

function describe(sql: string, words: Word[], several: boolean): Statement {
  const texts = words.map((w) => w.text)
  const first = texts[0] ?? ''
  const kind = ['WITH', 'FROM', '('].includes(first) ? 'SELECT' : first
  const base = { kind, sql, several, words: texts, inlineData: false, tailAt: sql.length }
  if (kind === 'INSERT') {
    const last = words.at(-1)!
    const settings = texts.findIndex((w, i) => w === 'SETTINGS' && texts[i + 2] === '=')
    if (!isData(words)) return { ...base, tailAt: settings >= 0 ? words[settings]!.at : sql.length }
    const clause = last.text === 'VALUES' ? last : words.at(-2)!
    const format = last.text === 'VALUES' ? 'Values' : sql.slice(last.at, last.end)
    const tailAt = settings >= 0 ? words[settings]!.at : clause.at
    return { ...base, format, tailAt, inlineData: /\S/.test(sql.slice(last.end).replace(/^\s*;?\s*$/, '')) }
  }
  const at = texts.findLastIndex(
    (w, i) =>
      w === 'FORMAT' &&
      /^[A-Z]\w*$/.test(texts[i + 1] ?? '') &&
      ['SETTINGS', undefined].includes(texts[i + 2]),
  )
  if (at < 0) return base
  return { ...base, format: sql.slice(words[at + 1]!.at, words[at + 1]!.end), tailAt: words[at]!.at }
}

/** A text in SQL of ClickHouse. */
export const quote = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

/** `name = 'value'` pairs of a SETTINGS clause. */
const assignments = (settings: [string, string][]) =>
  settings.map(([name, value]) => `${name} = ${quote(value)}`).join(', ')

/**
 * A select with settings and, for answers spooled to a file, the file. Settings given first lose against those
 * of the statement itself when those stand before FORMAT.
 */
export function composeSelect(
  s: Statement,
  options: { format: string; settings: [string, string][]; outfile?: string },
): string {
  const tail = s.sql
    .slice(s.tailAt)
    .replace(/^FORMAT\s+\w+/i, '')
    .trim()
  const out = options.outfile ? `\nINTO OUTFILE ${quote(options.outfile)} TRUNCATE` : ''
  const own = tail.replace(/^SETTINGS\s+/i, '')
  const all = [options.settings.length > 0 ? assignments(options.settings) : '', own]
    .filter(Boolean)
    .join(', ')
  return `${s.sql.slice(0, s.tailAt)}${out}\nFORMAT ${options.format}${all ? `\nSETTINGS ${all}` : ''}`
}

/** An insert with settings, reading its data from a file when one is given. */
export function composeInsert(
  s: Statement,
  options: { settings: [string, string][]; infile?: string },
): string {
  if (options.settings.length === 0 && !options.infile) return s.sql
  let tail = s.sql.slice(s.tailAt)
  if (options.infile) tail = tail.replace(/VALUES\s*;?\s*$/i, 'FORMAT Values').replace(/[\s;]+$/, '')
  if (options.settings.length > 0) {
    const set = `SETTINGS ${assignments(options.settings)}`
    tail = /^SETTINGS\s/i.test(tail) ? tail.replace(/^SETTINGS\s+/i, () => `${set}, `) : `${set} ${tail}`
  }
  return `${s.sql.slice(0, s.tailAt)}${options.infile ? ` FROM INFILE ${quote(options.infile)} ` : ' '}${tail}`.trim()
}
