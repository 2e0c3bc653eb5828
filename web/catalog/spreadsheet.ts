import type { ProfileCode } from '../platform/profile.ts'

/** Cells of text copied from a spreadsheet: tabs between cells, lines between rows, quotes around what holds either. */
export function parseCells(text: string): string[][] {
  const rows: string[][] = [[]]
  let cell = ''
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const char = text[i]
    if (quoted) {
      if (char === '"' && text[i + 1] === '"') {
        cell += '"'
        i++
      } else if (char === '"') quoted = false
      else cell += char
    } else if (char === '"' && cell === '') quoted = true
    else if (char === '\t') {
      rows.at(-1)?.push(cell)
      cell = ''
    } else if (char === '\n') {
      rows.at(-1)?.push(cell)
      rows.push([])
      cell = ''
    } else if (char !== '\r') cell += char
  }
  if (cell !== '' || (rows.at(-1)?.length ?? 0) > 0) rows.at(-1)?.push(cell)
  return rows.filter((row) => row.length > 0)
}

/** The code meant by a word: the code itself, the national code, or a label in any language. */
export function readCode(entries: readonly ProfileCode[], word: string): string {
  const wanted = word.trim().toLowerCase()
  const found = entries.find(
    (entry) =>
      entry.code.toLowerCase() === wanted ||
      entry.nationalCode?.toLowerCase() === wanted ||
      Object.values(entry.label).some((label) => label.toLowerCase() === wanted),
  )
  return found?.code ?? word.trim()
}

/** Yes in the words that spreadsheets hold. */
export const readYes = (word: string): boolean => /^(1|y|yes|true|x|✓|是|√)$/i.test(word.trim())
