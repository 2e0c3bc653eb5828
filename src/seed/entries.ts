import type { DatasetContent } from '../catalog/dataset.schema.ts'
import { accessOf } from './access.ts'
import { type Country, nationKey } from './country.ts'
import { withGaps } from './gaps.ts'
import { buildItems, findRegisters, type ItemSource, itemKeysOf } from './items.ts'
import { cycleOf, type PlannedEntry, planEntries } from './plan.ts'
import { type Random, randomOf } from './random.ts'
import { readClasses, readEntryKinds, readItemKinds } from './tables.ts'

export interface DemoEntry {
  plan: PlannedEntry
  content: DatasetContent
}

/** The day on which the story is told, unless it is told today; all dates lie before it. */
const storyDay = Date.UTC(2026, 2, 31)
const day = 86_400_000
/** Days within which data of a cycle was last changed; twice that for the late ones. */
const cycleDays: Record<string, number> = {
  real_time: 1,
  daily: 1,
  weekly: 7,
  monthly: 31,
  quarterly: 92,
  yearly: 366,
  irregular: 500,
  once: 1500,
}
/** Of 100 entries, those whose data is late. */
const lateShare = 9
/** Subjects whose harm would reach beyond single persons and firms. */
const importantKinds = new Set([
  'hazard-sources',
  'underground-pipes',
  'gas-supply',
  'geodetic-points',
  'emergency-supplies',
  'aerial-photos',
  'population-register',
])

const isoDay = (at: number) => new Date(at).toISOString().slice(0, 10)

/**
 * All entries of the demo country of a profile, always the same for the same day. `places` limits them to some places.
 * @param today milliseconds; when the data last changed is told from there.
 */
export function buildEntries(country: Country, places?: Set<string>, today = storyDay): DemoEntry[] {
  const kinds = readEntryKinds()
  const source: ItemSource = { kinds: readItemKinds(), registers: findRegisters(kinds) }
  const planned = planEntries(country, kinds, readClasses(country.data.id), places)
  const byId = new Map(planned.map((p) => [p.sourceId, p]))
  return planned.map((plan) => ({ plan, content: buildContent(plan, country, source, byId, today) }))
}

function buildContent(
  plan: PlannedEntry,
  country: Country,
  source: ItemSource,
  byId: Map<string, PlannedEntry>,
  today: number,
): DatasetContent {
  const r = randomOf(`entry ${plan.sourceId}`)
  const { kind, body } = plan
  const chinese = body.language === 'zh-CN'
  const cycle = cycleOf(plan)
  const classes = classesOf(plan, r)
  const keys = itemKeysOf(plan, cycle, r)
  const items = buildItems(plan, keys, classes, country, source)
  const records = recordsOf(plan, cycle, r)
  const abstracts = abstractOf(plan, records)
  const [main, other] = chinese ? (['zh', 'en'] as const) : (['en', 'zh'] as const)
  const dates = datesOf(plan, cycle, r, today)
  const formats = plan.variant === 'statistics' ? ['CSV', 'XLSX'] : formatsOf(kind.formats, r)
  const content: DatasetContent = {
    body: body.code,
    language: body.language,
    title: plan.title[main],
    abstract: abstracts[main],
    translations: { [chinese ? 'en' : 'zh-CN']: { title: plan.title[other], abstract: abstracts[other] } },
    classification: [plan.classification],
    resourceCode: [plan.resourceCode],
    theme: kind.theme,
    keyword: plan.variant === 'statistics' ? [...kind.noun!, 'statistics', '统计'] : kind.keywords,
    database: kind.database,
    ...classes,
    ...sharingOf(plan, classes, keys, country, r),
    shareMethod: formats.includes('API')
      ? 'web_service'
      : formats.includes('DATABASE')
        ? 'database'
        : 'file_download',
    // The volume of a year that is over is issued once.
    updateCycle: plan.year === undefined ? cycle : 'once',
    grade: gradeOf(plan, items),
    duty: dutyOf(plan, country),
    spatial: [body.place[main]],
    ...dates,
    landingPage: `${body.homepage}/data/${plan.sourceId.replace('@', '/').replace('.', '-')}`,
    contact: contactOf(plan, r),
    items,
    related: relatedOf(plan, byId, main),
    extension: {
      secrecy: 'non_secret',
      storageMedium: r.pick(['database', 'government_cloud', 'file_server']),
      recordCount: records,
    },
  }
  return withGaps(plan, { ...content, ...accessOf(plan, formats, content, r) })
}

/** Statistics are open; a local body may be more careful than its colleagues. */
function classesOf(plan: PlannedEntry, r: Random): Pick<DatasetContent, 'sharingType' | 'openType'> {
  if (plan.variant === 'statistics') return { sharingType: 'unconditional', openType: 'unconditional' }
  const { sharing, open } = plan.kind
  const careful = plan.body.tier !== 'nation' && r.chance(0.08)
  return {
    sharingType: (careful && sharing === 'unconditional' ? 'conditional' : sharing) as 'conditional',
    openType: (careful && open === 'unconditional' ? 'conditional' : open) as 'conditional',
  }
}

const scopeWords = {
  own_duty: [
    'Bodies whose statutory duty needs it, for that duty only.',
    '仅限履行法定职责确有需要的部门，用于本部门履职。',
  ],
  by_agreement: ['Bodies that name their duty and purpose in a request.', '提出申请并说明职责和用途的部门。'],
  verification_only: [
    'Bodies that grant benefits or licences, to verify what an applicant says.',
    '办理待遇、许可的部门，用于核验申请人所报信息。',
  ],
  masked: ['Bodies that plan or evaluate; personal values masked.', '规划、评估部门，个人信息脱敏后使用。'],
  aggregated: ['Bodies that need totals by district.', '需要分区县汇总数据的部门。'],
} as const

function sharingOf(
  plan: PlannedEntry,
  classes: Pick<DatasetContent, 'sharingType' | 'openType'>,
  keys: { key: string }[],
  country: Country,
  r: Random,
): Partial<DatasetContent> {
  const language = plan.body.language === 'zh-CN' ? 'zh' : 'en'
  const part: Partial<DatasetContent> = {}
  if (classes.sharingType === 'not_shared')
    part.refusalBasis = (country.data.refusals[plan.kind.law ?? ''] ?? country.data.refusals.personal!)[
      language
    ]
  if (classes.sharingType === 'conditional') {
    const personal = keys.some((k) => k.key === 'person_no')
    const condition = r.pick(
      personal
        ? (['own_duty', 'verification_only', 'masked', 'own_duty'] as const)
        : (['by_agreement', 'own_duty', 'aggregated'] as const),
    )
    part.sharingCondition = condition
    part.sharingScope = scopeWords[condition][language === 'zh' ? 1 : 0]
  }
  if (classes.openType === 'conditional')
    part.openCondition =
      language === 'zh'
        ? '实名注册并签订利用协议后提供，不得用于识别特定个人。'
        : 'After registration and a use agreement; not to be used to identify persons.'
  return part
}

/** [fewest, most] records of a national entry; of a small country's registers, measurements and tables. */
const recordRanges = {
  person: [30_000, 6_000_000],
  stream: [100_000, 9_000_000],
  table: [400, 40_000],
} as const
const tierDivisor = { nation: 1, province: 6, city: 15 } as const

/** Small numbers are as likely as large ones. */
function recordsOf(plan: PlannedEntry, cycle: string, r: Random): number {
  const person = plan.variant === 'plain' && plan.kind.items.some((i) => i.key === 'person_no')
  const stream = plan.variant === 'plain' && cycle === 'real_time'
  const [low, high] = recordRanges[person ? 'person' : stream ? 'stream' : 'table']
  const records = Math.exp(Math.log(low) + r.next() * Math.log(high / low))
  return Math.max(20, Math.round(records / tierDivisor[plan.body.tier]))
}

function abstractOf(plan: PlannedEntry, records: number): { en: string; zh: string } {
  const { kind, body, variant } = plan
  const place = body.place
  const zhPlace = place.tier === 'nation' ? '全国' : `${place.zh}全域`
  const enPlace = place.tier === 'nation' ? 'the whole country' : `all of ${place.en}`
  if (variant === 'statistics')
    return {
      en: `Number of ${kind.noun![0]} by period and district with the change on the period before, counted from “${kind.en}”. No personal data. Covers ${enPlace}.`,
      zh: `根据“${kind.zh}”按时期和地区统计的${kind.noun![1]}数量及增减变化，不含个人信息。范围为${zhPlace}。`,
    }
  const year = plan.year === undefined ? ['', ''] : [` Year ${plan.year}.`, `${plan.year}年度。`]
  return {
    en: `${kind.abstractEn}${year[0]} Covers ${enPlace}; about ${records.toLocaleString('en-GB')} records.`,
    zh: `${kind.abstractZh}${year[1]}范围为${zhPlace}，约${records}条记录。`,
  }
}

function datesOf(plan: PlannedEntry, cycle: string, r: Random, today: number): Partial<DatasetContent> {
  const span = cycleDays[cycle]! * (r.int(1, 100) <= lateShare ? r.int(2, 4) : 1)
  const changed =
    plan.year === undefined
      ? today - Math.floor(r.next() * span * day)
      : Date.UTC(plan.year + 1, r.int(0, 5), r.int(1, 28), 8)
  const issued = Math.min(Date.UTC(r.int(2018, 2024), r.int(0, 11), r.int(1, 28)), changed)
  const start = plan.year ?? r.int(2005, 2021)
  return {
    issued: isoDay(issued),
    modified: new Date(changed - (changed % 60_000)).toISOString(),
    temporalStart: `${start}-01-01`,
    temporalEnd: plan.year === undefined ? undefined : `${plan.year}-12-31`,
  }
}

/** Local bodies offer fewer ways than the best of them. */
function formatsOf(formats: string[], r: Random): string[] {
  return formats.filter((_, i) => i === 0 || r.chance(0.75))
}

function gradeOf(plan: PlannedEntry, items: NonNullable<DatasetContent['items']>): string {
  if (plan.variant === 'plain' && importantKinds.has(plan.kind.key)) return 'important'
  return ['general_1', ...items.map((i) => i.grade!)].sort().at(-1)!
}

function dutyOf(plan: PlannedEntry, country: Country): string {
  const laws = country.data.laws[plan.kind.dept]!
  const by = (name: string) => laws.find((l) => l.subjects?.includes(name))
  const law = by(plan.kind.key) ?? by(plan.kind.subject) ?? laws[0]!
  return plan.body.language === 'zh-CN'
    ? `依据${law.zh}，在办理和管理“${plan.kind.zh}”相关业务中产生。`
    : `Arises from “${plan.kind.en}”, a task under the ${law.en ?? law.zh}.`
}

function contactOf(plan: PlannedEntry, r: Random): DatasetContent['contact'] {
  const { body } = plan
  return {
    name: body.language === 'zh-CN' ? `${body.zh}数据管理岗` : `Data desk, ${body.en}`,
    email: `data@${new URL(body.homepage).hostname}`,
    phone: `0${r.int(100, 999)}-555${String(r.int(0, 9999)).padStart(4, '0')}`,
  }
}

function relatedOf(
  plan: PlannedEntry,
  byId: Map<string, PlannedEntry>,
  language: 'en' | 'zh',
): DatasetContent['related'] {
  const found = (key: string) => byId.get(`${key}@${plan.body.place.key}`) ?? byId.get(`${key}@${nationKey}`)
  const link = (other: PlannedEntry | undefined, kind: 'related' | 'source' | 'part_of') =>
    other && other !== plan ? [{ identifier: other.resourceCode, kind, title: other.title[language] }] : []
  return [
    ...(plan.variant === 'statistics' ? link(found(plan.kind.key), 'source') : []),
    ...(plan.variant === 'plain' && plan.body.tier !== 'nation'
      ? link(byId.get(`${plan.kind.key}@${nationKey}`), 'part_of')
      : []),
    ...plan.kind.related.flatMap((key) => link(found(key), 'related')),
  ]
}
