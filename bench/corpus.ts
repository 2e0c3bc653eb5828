import { attributes, kinds, placeCharacters, qualifiers, sentences, subjects } from './vocabulary.ts'

/**
 * The generated catalogue: entry `i` is always the same, whatever was generated before it. About three
 * quarters are Chinese with an English title, one in eight English only, one in ten in Traditional characters.
 */

/** Same sequence for the same seed: mulberry32. */
export function random(seed: number): () => number {
  let a = seed >>> 0
  return () => {
    a = (a + 0x6d2b79f5) >>> 0
    let t = Math.imul(a ^ (a >>> 15), a | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** Skewed choice: the first of a list come up far more often, as in real catalogues. */
const skewed = <T>(list: readonly T[], r: number): T => list[Math.floor(r * r * list.length)]!
const even = <T>(list: readonly T[], r: number): T => list[Math.floor(r * list.length)]!

export interface Place {
  code: string
  zh: string
  en: string
  tier: 'nation' | 'province' | 'city' | 'county'
  parent: string | null
}

export interface Body {
  /** 1 … n, in order. */
  id: number
  code: string
  zh: string
  en: string
  tier: Place['tier']
  division: string | null
  parent: number | null
}

const tierSuffix = {
  nation: ['', ''],
  province: ['省', ' Province'],
  city: ['市', ' City'],
  county: ['县', ' County'],
} as const
const bodySubjects = [
  ['教育', 'Education'],
  ['公安', 'Public Security'],
  ['民政', 'Civil Affairs'],
  ['财政', 'Finance'],
  ['人力资源和社会保障', 'Human Resources and Social Security'],
  ['自然资源', 'Natural Resources'],
  ['生态环境', 'Ecology and Environment'],
  ['住房和城乡建设', 'Housing and Urban Construction'],
  ['交通运输', 'Transport'],
  ['水利', 'Water Resources'],
  ['农业农村', 'Agriculture and Rural Affairs'],
  ['商务', 'Commerce'],
  ['文化和旅游', 'Culture and Tourism'],
  ['卫生健康', 'Health'],
  ['应急管理', 'Emergency Management'],
  ['市场监督管理', 'Market Regulation'],
  ['统计', 'Statistics'],
  ['医疗保障', 'Healthcare Security'],
  ['气象', 'Meteorology'],
  ['司法', 'Justice'],
] as const

function syllable(r: () => number): string {
  return even(
    [
      'bei',
      'nan',
      'shan',
      'he',
      'lin',
      'yang',
      'zhou',
      'jing',
      'hai',
      'an',
      'tai',
      'long',
      'yun',
      'gui',
      'ming',
    ],
    r(),
  )
}

/** A country of 31 provinces, 12 cities each, 7 counties each, and up to 20 bodies in every one. */
export function country(): { places: Place[]; bodies: Body[] } {
  const r = random(20_260_101)
  const places: Place[] = []
  const add = (tier: Place['tier'], code: string, parent: string | null) => {
    const name = even(placeCharacters, r()) + even(placeCharacters, r())
    const roman = syllable(r) + syllable(r)
    const [zh, en] = tierSuffix[tier]
    places.push({
      code,
      zh: name + zh,
      en: roman.charAt(0).toUpperCase() + roman.slice(1) + en,
      tier,
      parent,
    })
  }
  for (let p = 0; p < 31; p++) {
    const province = `${11 + p}0000`
    add('province', province, null)
    for (let c = 1; c <= 12; c++) {
      const city = `${11 + p}${String(c).padStart(2, '0')}00`
      add('city', city, province)
      for (let k = 1; k <= 7; k++) add('county', `${city.slice(0, 4)}${String(20 + k)}`, city)
    }
  }
  const bodies: Body[] = bodySubjects.map(([zh, en], i) => ({
    id: i + 1,
    code: `nation-${i + 1}`,
    zh: `国家${zh}部`,
    en: `Ministry of ${en}`,
    tier: 'nation',
    division: null,
    parent: null,
  }))
  for (const place of places) {
    const offices = place.tier === 'province' ? 20 : place.tier === 'city' ? 12 : 2
    for (let i = 0; i < offices; i++) {
      const [zh, en] = bodySubjects[(i + (place.tier === 'county' ? Math.floor(r() * 20) : 0)) % 20]!
      const suffix = place.tier === 'province' ? '厅' : '局'
      bodies.push({
        id: bodies.length + 1,
        code: `b${place.code}-${i + 1}`,
        zh: `${place.zh}${zh}${suffix}`,
        en: `${place.en} ${en} Bureau`,
        tier: place.tier,
        division: place.code,
        parent: (i % 20) + 1,
      })
    }
  }
  return { places, bodies }
}

export interface CorpusEntry {
  /** 1 … */
  id: number
  bodyId: number
  language: 'zh-CN' | 'zh-TW' | 'en'
  title: string
  /** The title in the other language, or empty. */
  otherTitle: string
  abstract: string
  items: { name: string; otherName: string }[]
  keywords: string[]
  code: string
  themes: string[]
  formats: string[]
  sharing: string
  open: string
  cycle: string
  grade: string
  database: string
  quality: number
  useCount: number
  /** Seconds since 1970. */
  updated: number
}

export interface CodeLists {
  themes: string[]
  cycles: string[]
  grades: string[]
  databases: string[]
}

/** Value lists of the generated catalogue where no profile is at hand. */
export const plainLists: CodeLists = {
  themes: Array.from({ length: 20 }, (_, i) => `theme${i + 1}`),
  cycles: ['realtime', 'daily', 'weekly', 'monthly', 'quarterly', 'yearly', 'irregular'],
  grades: ['core', 'important', 'general4', 'general3', 'general2', 'general1'],
  databases: [
    'population',
    'legal',
    'geography',
    'economy',
    'credit',
    'licence',
    'health',
    'security',
    'ecology',
    'emergency',
  ],
}

const formats = [
  'CSV',
  'XLSX',
  'JSON',
  'XML',
  'API',
  'PDF',
  'SHP',
  'GEOJSON',
  'KML',
  'ZIP',
  'TXT',
  'RDF',
  'PARQUET',
  'WMS',
]
const traditional: Record<string, string> = {
  车: '車',
  站: '站',
  区: '區',
  医: '醫',
  学: '學',
  业: '業',
  务: '務',
  记: '記',
  数: '數',
  据: '據',
  气: '氣',
  测: '測',
  护: '護',
  产: '產',
  统: '統',
  计: '計',
  册: '冊',
  龙: '龍',
  凤: '鳳',
  东: '東',
  兴: '興',
  县: '縣',
  厅: '廳',
  号: '號',
  码: '碼',
  称: '稱',
  类: '類',
  电: '電',
  话: '話',
  动: '動',
  输: '輸',
  险: '險',
  证: '證',
  书: '書',
  园: '園',
  场: '場',
  馆: '館',
  桥: '橋',
  铁: '鐵',
  线: '線',
  点: '點',
  报: '報',
  单: '單',
  录: '錄',
  监: '監',
  环: '環',
  农: '農',
  渔: '漁',
  资: '資',
  讯: '訊',
  质: '質',
  税: '稅',
  发: '發',
  应: '應',
}
const toTraditional = (text: string) => text.replace(/./gu, (c) => traditional[c] || c)

/** Writes entries of the catalogue for a country. */
export function createCorpus(world = country(), lists: CodeLists = plainLists) {
  const placeOf = new Map(world.places.map((p) => [p.code, p]))
  const itemName = (r: () => number, subject: readonly [string, string]) => {
    const attribute = skewed(attributes, r())
    const kind = r()
    if (kind < 0.4) return attribute
    if (kind < 0.7) return [subject[0] + attribute[0], `${subject[1]} ${attribute[1]}`] as const
    const qualifier = skewed(qualifiers, r())
    if (kind < 0.85) return [qualifier[0] + attribute[0], `${qualifier[1]} ${attribute[1]}`] as const
    const other = kind < 0.9 ? even(subjects, r()) : subject
    return [
      `${other[0]}${qualifier[0]}${attribute[0]}`,
      `${qualifier[1]} ${other[1]} ${attribute[1]}`,
    ] as const
  }
  const textOf = (r: () => number, side: 0 | 1, words: Record<string, string>) => {
    const n = 2 + Math.floor(r() * 3)
    let text = ''
    for (let i = 0; i < n; i++)
      text +=
        (side && i ? ' ' : '') + even(sentences, r())[side].replace(/[SPBKY](?![a-z])/g, (c) => words[c]!)
    return text
  }
  return {
    world,
    /** Entry `id`; `round` changes its words as a later edit would. */
    entry(id: number, round = 0): CorpusEntry {
      const r = random(Math.imul(id, 2_654_435_761) ^ Math.imul(round, 40_503))
      const body = world.bodies[Math.floor(r() ** 1.5 * world.bodies.length)]!
      const place = (body.division && placeOf.get(body.division)) || { zh: '全国', en: 'National' }
      const subject = skewed(subjects, r())
      const kind = skewed(kinds, r())
      const year = String(2005 + Math.floor(r() * 21))
      const languageRoll = r()
      const language = languageRoll < 0.125 ? 'en' : languageRoll < 0.225 ? 'zh-TW' : 'zh-CN'
      const withYear = r() < 0.4
      const zh = `${withYear ? `${year}年` : ''}${place.zh}${subject[0]}${kind[0]}`
      const en = `${place.en} ${subject[1]} ${kind[1]}${withYear ? ` ${year}` : ''}`
      const side = language === 'en' ? 1 : 0
      const words = {
        S: subject[side],
        P: side ? place.en : place.zh,
        B: side ? body.en : body.zh,
        K: kind[side],
        Y: year,
      }
      const fold = language === 'zh-TW' ? toTraditional : (text: string) => text
      const items: CorpusEntry['items'] = []
      const count = 1 + Math.floor(r() ** 2 * 18)
      for (let i = 0; i < count; i++) {
        const [zhName, enName] = itemName(r, subject)
        items.push({ name: side ? enName : fold(zhName), otherName: !side && r() < 0.15 ? enName : '' })
      }
      const subjectIndex = subjects.indexOf(subject)
      const themes = [lists.themes[subjectIndex % lists.themes.length]!]
      if (r() < 0.2) themes.push(even(lists.themes, r()))
      const formatCount = 1 + Math.floor(r() ** 2 * 3)
      return {
        id,
        bodyId: body.id,
        language,
        title: side ? en : fold(zh),
        otherTitle: side ? '' : r() < 0.5 ? en : '',
        abstract: fold(textOf(r, side, words)),
        items,
        keywords: [fold(subject[side]), fold(kind[side])],
        code: `${101_001 + (subjectIndex % 60) * 1000}/${String(id).padStart(7, '0')}`,
        themes: [...new Set(themes)],
        formats: [...new Set(Array.from({ length: formatCount }, () => skewed(formats, r())))],
        sharing: r() < 0.5 ? 'unconditional' : r() < 0.8 ? 'conditional' : 'not_shared',
        open: r() < 0.4 ? 'unconditional' : r() < 0.5 ? 'conditional' : 'not_open',
        cycle: skewed(lists.cycles, r()),
        grade: r() < 0.1 ? '' : skewed(lists.grades, 1 - r()),
        database: r() < 0.8 ? '' : even(lists.databases, r()),
        quality: Math.floor(300 + 700 * r()),
        useCount: Math.floor(r() ** 8 * 5000),
        updated: 1_400_000_000 + Math.floor(r() * 360_000_000),
      }
    },
  }
}

export type Corpus = ReturnType<typeof createCorpus>
