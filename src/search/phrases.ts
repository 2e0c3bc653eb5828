import type { BodyTable } from './bodies.ts'
import { evaluate } from './evaluate.ts'
import { countHits, dropHit, forEachHit, isHit } from './hits.ts'
import type { Evaluation } from './leaf.ts'
import { type Clause, phraseNeedsReading, type Query } from './query.ts'
import { findPart } from './ranking.ts'
import type { Segment } from './segment.ts'
import type { SegmentHits } from './select-page.ts'

/**
 * Entries whose text is read to see whether a phrase really stands there. Reading takes about 5 µs each;
 * beyond this many the rest is judged by the share that held among those read.
 */
const phraseReads = 3000

/** Whether an entry has every phrase asked for and none that must not be there. */
export type Holds = (segment: Segment, document: number) => boolean

export interface VerifiedPhrases {
  /** The share of the hits left that can be expected to hold: 1 when all were read. */
  share: number
  /** Given where not every hit was read: what is shown must be looked at. */
  holds: Holds | undefined
}

/** Drops the hits in which a quoted phrase does not stand as it is, or stands where it must not. */
export function verifyPhrases(
  parts: SegmentHits[],
  query: Query,
  evaluations: Evaluation[],
): VerifiedPhrases {
  const inText = query.clauses.filter(
    (c) => c.phrase && (c.field === 'any' || c.field === 'title') && phraseNeedsReading(c),
  )
  const wanted = inText.filter((c) => !c.not)
  const unwanted = inText.filter((c) => c.not)
  if (inText.length === 0) return { share: 1, holds: undefined }
  const { bodies } = evaluations[0] ?? { bodies: undefined }
  const holds: Holds = (segment, document) =>
    wanted.every((c) => stands(segment, document, c, bodies)) &&
    !unwanted.some((c) => stands(segment, document, c, bodies))
  let budget = phraseReads
  let complete = true
  for (const [s, part] of parts.entries()) {
    if (unwanted.length === 0) break
    const suspects = haveWords(part, unwanted, evaluations[s]!)
    for (const document of suspects) {
      // Beyond the budget an entry with all the words counts as one with the phrase.
      if (budget-- <= 0) complete = false
      if (budget < 0 || unwanted.some((c) => stands(part.segment, document, c, bodies)))
        dropHit(part.hits, document)
    }
  }
  const share = wanted.length > 0 ? dropWithout(parts, holds) : 1
  return { share: complete ? share : Math.min(share, almostOne), holds: share < 1 ? holds : undefined }
}

/** Marks a total as an estimate without changing it. */
const almostOne = 1 - 1e-9

/** Hits that have all words of one of the phrases: only they can have it. */
function haveWords({ hits }: SegmentHits, phrases: Clause[], at: Evaluation): number[] {
  const found = new Set<number>()
  for (const phrase of phrases) {
    const words = evaluate([{ ...phrase, not: false }], { ...at, tiers: false })
    forEachHit(words, (document) => {
      if (isHit(hits, document)) found.add(document)
    })
  }
  return [...found]
}

/** Reads hits and drops those that do not hold. @returns the share of the hits left that can be expected to hold. */
function dropWithout(parts: SegmentHits[], holds: Holds): number {
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
      if (holds(segment, document)) held++
      else failed.push(document)
    })
    for (const document of failed) dropHit(hits, document)
  }
  return read >= total || read === 0 ? 1 : (held + (total - read) * (held / read)) / (held + (total - read))
}

/** True when the phrase stands in the title, or in any text of the entry and the names of its body. */
function stands(segment: Segment, document: number, phrase: Clause, bodies: BodyTable | undefined): boolean {
  const place = segment.textPlace[document]!
  const within = (texts: string[]) => texts.some((text) => findPart(text, phrase.text) >= 0)
  if (within(segment.text.head(place).titles)) return true
  if (phrase.field === 'title') return false
  const body = bodies?.folded.get(segment.bodyIds[segment.body[document]!]!)
  return within(segment.text.fields(place)) || (body !== undefined && within(body.split('\n')))
}
