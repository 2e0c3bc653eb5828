import { hasBit, setBit } from './bits.ts'
import { combine } from './combine.ts'
import { bodyLeaf, codeLeaf, itemLeaf, tagLeaf } from './field-leaves.ts'
import { type Hits, noHits } from './hits.ts'
import { type Evaluation, emptyLeaf, type Leaf } from './leaf.ts'
import { denseBits, documentCount, isDense } from './postings.ts'
import { type Clause, isPrefixToken, phraseNeedsReading } from './query.ts'
import { findTerm, isTermAt, prefixRange, type TermTable } from './term-table.ts'
import { type Shape, shaped, uniteTerms } from './unite.ts'

/** Terms that one prefix looks at, and those it uses: the most frequent, and always the word itself. */
const prefixScan = 65_536
const prefixTerms = 2048

/** The live documents of a segment that satisfy every clause. */
export function evaluate(clauses: Clause[], at: Evaluation): Hits {
  const leaves: Leaf[] = []
  for (const clause of clauses) if (!clause.not && !addLeaves(clause, at, leaves)) return noHits
  const hits = leaves.length === 0 ? everything(at) : combine(leaves, at)
  // A phrase that must not stand there is looked for in the text, by `verifyPhrases`.
  for (const clause of clauses)
    if (clause.not && !(clause.phrase && phraseNeedsReading(clause))) subtract(hits, clause, at)
  return hits
}

function everything({ segment, arena }: Evaluation): Hits {
  const all = arena.list(segment.words)
  all.set(segment.live)
  return { kind: 'bits', title: undefined, item: undefined, all }
}

/** Adds what a clause asks for; false when no document can satisfy it. */
function addLeaves(clause: Clause, at: Evaluation, leaves: Leaf[]): boolean {
  const add = (leaf: Leaf) => {
    leaves.push(leaf)
    return leaf.count > 0
  }
  switch (clause.field) {
    case 'item':
      return add(itemLeaf(clause, at))
    case 'body':
      return add(bodyLeaf(clause, at))
    case 'code':
      return add(codeLeaf(clause, at))
    case 'tag':
      return add(tagLeaf(clause, at))
    default: {
      const titleOnly = clause.field === 'title'
      return clause.tokens.every((token) =>
        // What is left out is left out as it stands: "-car" keeps "card".
        add(tokenLeaf(token, !clause.phrase && !clause.not && isPrefixToken(token), titleOnly, at)),
      )
    }
  }
}

/** Documents of a token, and with `prefix` of the words that begin with it, those one tier lower. */
function tokenLeaf(token: string, prefix: boolean, titleOnly: boolean, at: Evaluation): Leaf {
  const { terms } = at.segment
  const plain: Shape = { titleOnly, lower: false }
  if (!prefix) {
    const index = findTerm(terms, token)
    return index < 0 ? emptyLeaf : shaped(termLeaf(terms, index), plain, at)
  }
  const [from, to] = prefixRange(terms, token)
  if (from === to) return emptyLeaf
  // Nothing that begins with the word comes before it.
  const exact = isTermAt(terms, from, token) ? from : -1
  const shapeOf = (index: number): Shape =>
    index === exact || titleOnly ? plain : { titleOnly, lower: true }
  if (to - from === 1) return shaped(termLeaf(terms, from), shapeOf(from), at)
  return uniteTerms(termsOfPrefix(at, from, to), shapeOf, at)
}

/** A term's documents: bits where it is dense, else its postings to be read. */
function termLeaf(terms: TermTable, index: number): Leaf {
  const count = documentCount(terms, index)
  return isDense(terms, index)
    ? { kind: 'bits', count, ...denseBits(terms, index) }
    : { kind: 'term', count, terms, index }
}

/** The terms of a range, the most frequent ones where there are very many. */
function termsOfPrefix(at: Evaluation, from: number, to: number): number[] {
  if (to - from <= prefixTerms) return Array.from({ length: to - from }, (_, i) => from + i)
  at.cut = true
  const size = Math.min(to - from, prefixScan)
  const packed = new Float64Array(size)
  for (let i = 0; i < size; i++) packed[i] = documentCount(at.segment.terms, from + i) * prefixScan + i
  packed.sort()
  const chosen = Array.from(packed.subarray(size - prefixTerms), (p) => from + (p % prefixScan))
  return chosen.includes(from) ? chosen : [from, ...chosen]
}

function subtract(hits: Hits, clause: Clause, at: Evaluation): void {
  const leaves: Leaf[] = []
  if (!addLeaves(clause, { ...at, tiers: false }, leaves)) return
  const out = combine(leaves, { ...at, tiers: false })
  const without = out.kind === 'bits' ? out.all : toBits(out, at)
  if (hits.kind === 'list') {
    let n = 0
    for (let i = 0; i < hits.count; i++)
      if (!hasBit(without, hits.list[i]! >>> 2)) hits.list[n++] = hits.list[i]!
    hits.count = n
    return
  }
  for (const bits of [hits.all, hits.title, hits.item]) {
    if (bits) for (let w = 0; w < bits.length; w++) bits[w]! &= ~without[w]!
  }
}

function toBits(hits: Hits & { kind: 'list' }, { segment, arena }: Evaluation): Uint32Array {
  const bits = arena.bits(segment.words)
  for (let i = 0; i < hits.count; i++) setBit(bits, hits.list[i]! >>> 2)
  return bits
}
