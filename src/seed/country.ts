import type { DivisionRow } from '../security/index.ts'
import { demoCreditCode } from './demo-credit-code.ts'
import { hashText } from './random.ts'
import { type Bilingual, type CountryData, readCountry } from './tables.ts'

/** A territory of the demo; `ld` is the whole country, then `p1` … and `c1` …, the same keys in every country. */
interface Place extends Bilingual {
  key: string
  tier: 'nation' | 'province' | 'city'
  code: string | null
  parent: string | null
}

export interface Body extends Bilingual {
  code: string
  tier: Place['tier']
  place: Place
  parent: string | null
  creditCode: string
  /** Departments (`int`, `hea` …) whose subjects it holds. */
  covers: string[]
  language: 'en' | 'zh-CN'
  homepage: string
}

export interface Country {
  data: CountryData
  places: Place[]
  /** Parents before their children. */
  bodies: Body[]
  /** Who holds a department's data in a place. */
  bodyFor(dept: string, place: string): Body | undefined
}

export const nationKey = 'ld'

const fill = (text: string, place: Bilingual, language: keyof Bilingual) =>
  text.replaceAll('{p}', place[language])

/** The demo country of a profile. */
export function buildCountry(profile: string): Country {
  const data = readCountry(profile)
  const nation: Place = { key: nationKey, tier: 'nation', code: null, parent: null, ...data.name }
  const places: Place[] = [
    nation,
    ...data.provinces.map((p) => ({ ...p, tier: 'province' as const, parent: nationKey })),
    ...data.cities.map(({ province, ...c }) => ({ ...c, tier: 'city' as const, parent: province })),
  ]
  const placeBy = new Map(places.map((p) => [p.key, p]))
  const bodies: Body[] = []
  const add = (place: Place, slug: string, names: Bilingual, covers: string[], parent: string | null) => {
    const territory = (place.code ?? data.prefix).toLowerCase()
    const code = `${territory}-${slug}`
    bodies.push({
      code,
      en: fill(names.en, place, 'en'),
      zh: fill(names.zh, place, 'zh'),
      tier: place.tier,
      place,
      parent,
      creditCode: demoCreditCode(code, place.code ?? ''),
      covers,
      language: hashText(`language ${code}`) % 100 < data.primaryChinese ? 'zh-CN' : 'en',
      homepage: `https://${slug}.${place.code ? `${territory}.` : ''}${data.domain}`,
    })
    return code
  }
  const root = add(nation, data.root.slug, data.root, [], null)
  for (const b of data.central) add(nation, b.slug, b, b.covers, root)
  for (const place of places.filter((p) => p.tier !== 'nation')) {
    const [government, below] =
      place.tier === 'province'
        ? [data.provinceGovernment, data.provincial]
        : [data.cityGovernment, data.city]
    const above =
      place.tier === 'province' ? root : `${placeBy.get(place.parent!)!.code!.toLowerCase()}-government`
    const code = add(place, 'government', government, government.covers, above)
    for (const b of below) add(place, b.slug, b, b.covers, code)
  }
  const holder = new Map(bodies.flatMap((b) => b.covers.map((d) => [`${b.place.key} ${d}`, b])))
  return { data, places, bodies, bodyFor: (dept, place) => holder.get(`${place} ${dept}`) }
}

/** The country's territories as reference data. */
export function divisionsOf(country: Country): DivisionRow[] {
  const row = (code: string, names: Bilingual, parentCode: string | null, tier: string): DivisionRow => {
    const chinese = country.data.primaryChinese === 100
    return {
      code,
      name: chinese ? names.zh : names.en,
      translations: chinese ? { en: { name: names.en } } : { 'zh-CN': { name: names.zh } },
      parentCode,
      tier,
      validFrom: null,
      validTo: null,
    }
  }
  const codeOf = new Map(country.places.map((p) => [p.key, p.code]))
  return [
    ...country.places.flatMap((p) => (p.code ? [row(p.code, p, codeOf.get(p.parent!) ?? null, p.tier)] : [])),
    ...country.data.otherDivisions.map((d) => row(d.code, d, d.parent ?? null, d.tier)),
  ].sort((a, b) => Number(a.parentCode !== null) - Number(b.parentCode !== null))
}
