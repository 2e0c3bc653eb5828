/**
 * Ranges of the query's words in a text that the server did not mark, such as a translation.
 * Field names and excluded words are left out; quoted words count as one.
 */
export function rangesOf(text: string, query: string | undefined): [number, number][] {
  if (!query) return []
  const words = [...query.matchAll(/(-?)(?:(?:item|body|code|title|tag):)?(?:"([^"]+)"|([^\s"]+))/gi)]
    .filter((match) => match[1] !== '-')
    .map((match) => (match[2] ?? match[3] ?? '').toLowerCase())
    .filter((word) => word !== '')
  const lower = text.toLowerCase()
  const ranges: [number, number][] = []
  // Where lower-casing changes the length the places would not fit.
  if (lower.length !== text.length) return ranges
  for (const word of words) {
    for (let at = lower.indexOf(word); at >= 0; at = lower.indexOf(word, at + word.length))
      ranges.push([at, at + word.length])
  }
  return ranges
}
