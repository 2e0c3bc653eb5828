import { type Corpus, random } from './corpus.ts'
import { attributes, kinds, qualifiers, subjects } from './vocabulary.ts'

const even = <T>(list: readonly T[], r: number): T => list[Math.floor(r * list.length)]!

/** The queries of the benches: 200 different ones of every form people type, from a single character to a full title. */
export function benchQueries(corpus: Corpus, size: number, count = 200): string[] {
  const r = random(7)
  const queries = new Set<string>()
  const place = () => even(corpus.world.places, r())
  const body = () => even(corpus.world.bodies, r())
  const forms: (() => string)[] = [
    () => even(subjects, r())[0],
    () => even(subjects, r())[1],
    () => even(subjects, r())[0] + even(kinds, r())[0],
    () => `${even(subjects, r())[0]} ${even(kinds, r())[0]}`,
    () => `${even(subjects, r())[1]} ${even(kinds, r())[1]}`,
    () => place().zh + even(subjects, r())[0],
    () => `${place().zh} ${even(subjects, r())[0]} ${2005 + Math.floor(r() * 20)}`,
    () => place().en,
    () => even(attributes, r())[0],
    () => even(attributes, r())[1],
    () => even(subjects, r())[0] + even(attributes, r())[0],
    () => `item:${even(subjects, r())[0]}${even(attributes, r())[0]}`,
    () => `${even(qualifiers, r())[1]} ${even(attributes, r())[1]}`,
    () => body().zh,
    () => `body:${body().zh} ${even(kinds, r())[0]}`,
    () => `"${even(subjects, r())[0]}${even(kinds, r())[0]}"`,
    () => `${even(subjects, r())[0]} -${even(kinds, r())[0]}`,
    () =>
      even(
        [
          '车',
          '水',
          '人',
          '房',
          '税',
          '路',
          '数据',
          '信息',
          '统计',
          'data',
          'information',
          'register',
          '2019',
          '2024',
        ],
        r(),
      ),
    () => corpus.entry(1 + Math.floor(r() * size)).title,
    () => corpus.entry(1 + Math.floor(r() * size)).code,
    () => even(subjects, r())[1].slice(0, 4),
    () => corpus.entry(1 + Math.floor(r() * size)).items[0]!.name,
  ]
  // Each form in turn; one that has nothing new to say is passed over.
  for (let turn = 0; queries.size < count; turn++) queries.add(forms[turn % forms.length]!())
  return [...queries]
}

/** The value below which a share `q` of the sorted values lies. */
export function quantile(sorted: number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0
}
