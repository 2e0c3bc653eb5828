import Type, { type Static } from 'typebox'
import { Evidence } from './profile-evidence.ts'

/** A word of an item name: short, or it would be a sentence. */
const Word = Type.String({ minLength: 1, maxLength: 60 })
const wordGroup = {
  code: Type.String({ pattern: '^[a-z][a-z0-9_]{0,40}$' }),
  zh: Type.Array(Word, { maxItems: 40 }),
  en: Type.Array(Word, { maxItems: 40 }),
}

/** Different words of administration for the same thing, by which items of different bodies are recognised. */
export const Synonyms = Type.Object(
  {
    evidence: Evidence,
    source: Type.Optional(Type.String({ minLength: 1 })),
    /** Words that mean the same wherever they stand in a name. */
    groups: Type.Array(Type.Object(wordGroup, { additionalProperties: false }), { maxItems: 2_000 }),
    /** Endings that say how a thing is written down (its name, code, number) and not which thing it is. */
    affixes: Type.Array(Type.Object(wordGroup, { additionalProperties: false }), { maxItems: 40 }),
  },
  { additionalProperties: false },
)
export type Synonyms = Static<typeof Synonyms>

/** A word may belong to one group only: otherwise nobody could say what it means. */
export function synonymFaults({ groups, affixes }: Synonyms): string[] {
  const faults: string[] = []
  for (const [list, entries] of [
    ['groups', groups],
    ['affixes', affixes],
  ] as const) {
    const codes = new Set<string>()
    const homes = new Map<string, string>()
    for (const { code, zh, en } of entries) {
      if (codes.has(code)) faults.push(`/synonyms/${list} has ${code} twice`)
      codes.add(code)
      if (zh.length + en.length === 0) faults.push(`/synonyms/${list}/${code} has no word`)
      for (const word of new Set([...zh, ...en].map((w) => w.toLowerCase()))) {
        const home = homes.get(word)
        if (home) faults.push(`/synonyms/${list}: ${word} is in ${home} and in ${code}`)
        homes.set(word, code)
      }
    }
  }
  return faults
}
