/**
 * Plain text of a description that may be HTML: CKAN's notes and DCAT's description may hold markup by their formats.
 * Nothing of it is ever rendered; tags are taken out so that search and readers do not trip over `span style=`.
 * Titles and all other fields keep their characters as they are.
 */

/** Characters: longer texts break the limit of a description anyway. */
const longest = 200_000
const tag = /^<\/?[a-zA-Z][a-zA-Z0-9]*(?=[\s/>])/
const names: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  mdash: '—',
  ndash: '–',
  rsquo: '’',
  lsquo: '‘',
  ldquo: '“',
  rdquo: '”',
  hellip: '…',
}
const block = /^<\/?(p|div|br|li|ul|ol|h[1-6]|tr|table|blockquote|section|article|dl|dt|dd|hr)\b/i

/** The text without tags, without the content of scripts and styles, with entities decoded. One pass, linear time. */
export function htmlToText(html: string): string {
  if (html.length > longest) return html
  const marked = html.includes('<') && /<\/?[a-zA-Z!]/.test(html)
  if (!marked) return decodeEntities(html)
  let out = ''
  let i = 0
  const lastClose = html.lastIndexOf('>')
  while (i < html.length) {
    const open = html.indexOf('<', i)
    if (open < 0) break
    out += html.slice(i, open)
    const head = html.slice(open, open + 40)
    if (head.startsWith('<!--')) {
      i = afterOr(html, '-->', open + 4)
      continue
    }
    if (!tag.test(head) || open > lastClose) {
      out += '<'
      i = open + 1
      continue
    }
    const hidden = /^<(script|style)\b/i.exec(head)?.[1]?.toLowerCase()
    const end = hidden ? closingTag(html, hidden, open) : html.indexOf('>', open)
    if (block.test(head)) out += '\n'
    if (end < 0) {
      i = html.length
      break
    }
    i = end + 1
  }
  return tidy(decodeEntities(out + html.slice(i)))
}

const afterOr = (text: string, what: string, from: number) => {
  const at = text.indexOf(what, from)
  return at < 0 ? text.length : at + what.length
}

/** Position of the `>` that ends the element; the end of the text when it is never closed. */
function closingTag(html: string, name: string, from: number): number {
  const close = new RegExp(`</${name}\\s*>`, 'gi')
  close.lastIndex = from
  const match = close.exec(html)
  return match ? match.index + match[0].length - 1 : -1
}

function decodeEntities(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]{2,6});/gi, (whole, entity: string) => {
    if (!entity.startsWith('#')) return names[entity.toLowerCase()] ?? whole
    const code = /^#x/i.test(entity) ? Number.parseInt(entity.slice(2), 16) : Number(entity.slice(1))
    const valid = code >= 0x20 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff)
    return valid ? String.fromCodePoint(code) : ''
  })
}

const tidy = (text: string) =>
  text
    .replace(/[ \t\u00a0]{2,}|[\t\u00a0]/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
