import { type ItemName, render, type Term } from './item-name.ts'
import type { Words } from './item-words.ts'

/**
 * Other ways to write an item's name, folded as the index has them: the index knows texts only, so a synonym is found
 * by asking for each of its words.
 */

/**
 * Texts of one name that are looked up; a name of four synonyms of six words each would have thousands. They are for
 * what was registered since the last report, which knows every spelling.
 */
const maxVariants = 16

export function nameVariants(name: ItemName, words: Words, most = maxVariants): string[] {
  const found = new Set([name.folded].filter(Boolean))
  const single = name.terms.length === 1
  const scripts = (single ? [true, false] : [name.hasHan]).map((han) => ({
    han,
    texts: combinations(name.terms, han, most),
    affixes: affixWords(name, words, han),
  }))
  const rounds = Math.max(...scripts.map((s) => s.affixes.length))
  // All words with the likeliest ending come before any with the next one.
  for (let round = 0; round < rounds; round++)
    for (const { han, texts, affixes } of scripts) {
      const affix = affixes[round]
      if (affix === undefined) continue
      for (const text of texts) {
        if (found.size >= most) return [...found]
        if (text !== '') found.add(affix && !han ? `${text} ${affix}` : text + affix)
      }
    }
  return [...found]
}

/** The endings to try: the name's own, in all its words, and none; for a name without one those that change nothing. */
function affixWords({ affix, terms }: ItemName, { affixes }: Words, han: boolean): string[] {
  const side = han ? 'zh' : 'en'
  if (affix) return [...affix[side], '']
  const all = new Set((han ? affixes.han : affixes.latin).values())
  const known = terms.length === 1 && terms[0] && 'group' in terms[0]
  const harmless = [...all].filter(
    (a) => a.code === 'name' || a.code === 'text' || (a.code === 'code' && known),
  )
  return ['', ...harmless.flatMap((a) => a[side].slice(0, 2))]
}

function combinations(terms: Term[], han: boolean, most: number): string[] {
  let texts = ['']
  for (const [i, term] of terms.entries()) {
    const choices = 'text' in term ? [term.text] : han ? term.group.zh : term.group.en
    const next: string[] = []
    for (const choice of choices)
      for (const text of texts) {
        if (next.length >= most) break
        const before = terms[i - 1]
        const apart = text !== '' && (!han || (before && 'text' in before && before.latin))
        next.push(apart ? `${text} ${choice}` : text + choice)
      }
    texts = next
  }
  return texts
}

/** The ends of a name that could be names of their own: 法定代表人姓名 of 企业法定代表人姓名. */
export function shorterNames(name: ItemName): ItemName[] {
  return name.terms.slice(1).map((_, i) => {
    const terms = name.terms.slice(i + 1)
    const base = render(terms)
    return { ...name, terms, folded: '', base, key: base + (name.affix ? `~${name.affix.code}` : '') }
  })
}
