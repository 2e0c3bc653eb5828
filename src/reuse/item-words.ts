import type { Synonyms } from '../platform/profile-synonyms.ts'
import { normalise, stem } from '../search/index.ts'

/** The synonyms of a profile, ready to be found inside names. */

export interface WordGroup {
  code: string
  /** Folded; Han words without blanks, others with one between words. */
  zh: string[]
  en: string[]
  /** How much a name says with it: characters of its first Chinese word. */
  weight: number
}

export interface WordIndex {
  /** Han word → group; `longest` characters at most. */
  han: Map<string, WordGroup>
  longestHan: number
  /** Stemmed Latin words with blanks between → group; `longest` words at most. */
  latin: Map<string, WordGroup>
  longestLatin: number
}

export interface Words {
  groups: WordIndex
  /** Endings that say how a thing is written down. */
  affixes: WordIndex
}

const hanWord = /^\p{Script=Han}+$/u
export const stemmed = (words: string): string => words.split(' ').map(stem).join(' ')
/** Weight of a group without a Chinese word, per Latin word. */
const latinWeight = 2

export function readWords({ groups, affixes }: Pick<Synonyms, 'groups' | 'affixes'>): Words {
  return { groups: indexOf(groups), affixes: indexOf(affixes) }
}

function indexOf(list: Synonyms['groups']): WordIndex {
  const index: WordIndex = { han: new Map(), longestHan: 0, latin: new Map(), longestLatin: 0 }
  for (const { code, ...words } of list) {
    const zh = words.zh.map((w) => normalise(w).replaceAll(' ', ''))
    const en = words.en.map(normalise)
    const weight = zh[0]?.length ?? (en[0]?.split(' ').length ?? 1) * latinWeight
    const group: WordGroup = { code, zh, en, weight }
    for (const word of zh) {
      if (!hanWord.test(word)) continue
      index.han.set(word, group)
      index.longestHan = Math.max(index.longestHan, word.length)
    }
    for (const word of en) {
      index.latin.set(stemmed(word), group)
      index.longestLatin = Math.max(index.longestLatin, word.split(' ').length)
    }
  }
  return index
}
