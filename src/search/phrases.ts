import { countHits, dropHit, forEachHit } from './hits.ts'
import type { Clause, Query } from './query.ts'
import { findPart } from './ranking.ts'
import type { Segment } from './segment.ts'
import type { SegmentHits } from './select-page.ts'

/**
 * Entries whose text is read to see whether a phrase really stands there. Reading takes about 5 µs each;
 * beyond this many the rest is judged by the share that held among those read.
 */
const phraseReads = 3000

/**
 * Drops the hits in which a quoted phrase does not stand as it is.
 * @returns the share of the unread hits that can be expected to hold: 1 when all were read.
 */
export function verifyPhrases(parts: SegmentHits[], query: Query): number {
  const phrases = query.clauses.filter(
    (c) => c.phrase && !c.not && (c.field === 'any' || c.field === 'title') && needsReading(c),
  )
  if (phrases.length === 0) return 1
  const total = parts.reduce((sum, part) => sum + countHits(part.hits), 0)
  let budget = phraseReads
  let read = 0
  let held = 0
  for (const { segment, hits } of parts) {
    // Every segment is read in proportion, from its best entries on.
    const share =
      total <= phraseReads ? Number.POSITIVE_INFINITY : Math.ceil((phraseReads * countHits(hits)) / total)
    const failed: number[] = []
    let here = 0
    forEachHit(hits, (document) => {
      if (here >= share || budget <= 0) return
      here++
      budget--
      read++
      if (holds(segment, document, phrases)) held++
      else failed.push(document)
    })
    for (const document of failed) dropHit(hits, document)
  }
  return read >= total || read === 0 ? 1 : (held + (total - read) * (held / read)) / (held + (total - read))
}

/** One ideograph or word stands wherever its token does. */
const needsReading = (clause: Clause) => clause.tokens.length > 1

function holds(segment: Segment, document: number, phrases: Clause[]): boolean {
  const place = segment.textPlace[document]!
  const titles = phrases.every((p) => p.field === 'title') ? segment.text.head(place).titles : undefined
  const fields = titles ?? segment.text.fields(place)
  return phrases.every((phrase) => {
    const within = phrase.field === 'title' ? (titles ?? segment.text.head(place).titles) : fields
    return within.some((field) => findPart(field, phrase.text) >= 0)
  })
}
