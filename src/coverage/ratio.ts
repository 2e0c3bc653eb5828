/** The ratios that are published, each with its numerator and denominator among the counts of a snapshot. */

/** What is counted in a place on a day. Without a denominator a ratio is not measured. */
export interface Counts {
  published: number
  target: number | null
  towardsTarget: number
  mounted: number
  shared: number
  opened: number
  due: number
  inTime: number
  graded: number
}

export const ratioIds = ['catalogued', 'mounted', 'shared', 'opened', 'inTime', 'graded'] as const
export type RatioId = (typeof ratioIds)[number]

const parts: Record<RatioId, readonly [numerator: keyof Counts, denominator: keyof Counts]> = {
  catalogued: ['towardsTarget', 'target'],
  mounted: ['mounted', 'published'],
  shared: ['shared', 'published'],
  opened: ['opened', 'published'],
  inTime: ['inTime', 'due'],
  graded: ['graded', 'published'],
}

export interface Ratio {
  id: RatioId
  numerator: number
  denominator: number
  /** Null: not measured, because the denominator is zero. Never 0 or 1 in its place. */
  ratio: number | null
}

/** Digits behind the point: one more than a percentage with one digit shows. */
const digits = 4

export const share = (part: number, of: number): number | null =>
  of > 0 ? Number((part / of).toFixed(digits)) : null

export const ratiosOf = (counts: Counts): Ratio[] =>
  ratioIds.map((id) => {
    const [numerator, denominator] = parts[id].map((name) => counts[name] ?? 0) as [number, number]
    return { id, numerator, denominator, ratio: share(numerator, denominator) }
  })

/** How each ratio is counted, in words: English, Chinese. */
export const ratioTexts: Record<RatioId, readonly [string, string]> = {
  catalogued: [
    'Published entries towards the number of data resources that the body has to catalogue, as declared with its basis by the data office; a body counts up to its own number. Bodies without a declared number are left out.',
    '已发布条目数 ÷ 数据主管部门按依据核定的应编目资源数；每个部门最多计至其核定数。未核定的部门不计入。',
  ],
  mounted: [
    'Published entries with a file or a service, of all published entries.',
    '已挂接文件或服务的已发布条目 ÷ 全部已发布条目。',
  ],
  shared: [
    'Published entries shared unconditionally or conditionally, of all published entries.',
    '无条件共享或有条件共享的已发布条目 ÷ 全部已发布条目。',
  ],
  opened: [
    'Published entries open to society unconditionally or conditionally, of all published entries.',
    '无条件开放或有条件开放的已发布条目 ÷ 全部已发布条目。',
  ],
  inTime: [
    'Published entries whose data last changed within its declared update cycle (some days of grace included), of those whose cycle promises a date. Where an entry does not say when its data last changed, its publication counts.',
    '在所声明更新周期内（含宽限天数）更新的已发布条目 ÷ 声明了定期更新周期的已发布条目。未填写数据更新时间的，以发布时间计。',
  ],
  graded: [
    'Published entries that are graded with each of their items (an item without a grade has that of its entry where the profile says so), of all published entries.',
    '条目及其全部信息项均已分级的已发布条目 ÷ 全部已发布条目（按配置，未单独定级的信息项可沿用条目级别）。',
  ],
}
