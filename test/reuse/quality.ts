import { readFileSync } from 'node:fs'
import type { Profile } from '../../src/platform/profile.ts'
import { compareItems, sameFrom } from '../../src/reuse/item-compare.ts'
import { readItemName } from '../../src/reuse/item-name.ts'
import { readWords } from '../../src/reuse/item-words.ts'

/** Pairs of items that people judged, and how well the rules agree with them. */

interface Side {
  name: string
  dataType?: string
}
interface Pair {
  a: Side
  b: Side
  same: boolean
}

export function readPairs(file: 'tuned' | 'held-out'): Pair[] {
  const side = (text: string): Side => {
    const [name, dataType] = text.split('::')
    return { name: name!, ...(dataType ? { dataType } : {}) }
  }
  return readFileSync(new URL(`${file}.psv`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line && !line.startsWith('#'))
    .map((line) => {
      const [a, b, same] = line.split('|')
      return { a: side(a!), b: side(b!), same: same === '1' }
    })
}

export interface Quality {
  pairs: number
  /** Of the pairs called the same, the share that is. */
  precision: number
  /** Of the pairs that are the same, the share that is called so. */
  recall: number
  wrong: string[]
}

export function measure(pairs: Pair[], profile: Profile): Quality {
  const words = readWords(profile.synonyms)
  let [hit, called, same] = [0, 0, 0]
  const wrong: string[] = []
  for (const { a, b, same: judged } of pairs) {
    const item = (s: Side) => ({ ...s, name: readItemName(s.name, words) })
    const { score } = compareItems(item(a), item(b))
    const found = score >= sameFrom
    if (judged) same++
    if (found) called++
    if (judged && found) hit++
    if (judged !== found)
      wrong.push(`${a.name} | ${b.name}: ${judged ? 'missed' : 'wrongly the same'} (${score.toFixed(2)})`)
  }
  return { pairs: pairs.length, precision: hit / called, recall: hit / same, wrong }
}
