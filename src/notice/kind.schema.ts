/**
 * Every kind of notice with its texts: the one place that mails and pages read. A capability that tells people
 * something adds its kinds here, as it adds its actions to security/action.schema.ts.
 *
 * `{name}` is filled in from the notice's params; `{name:date}` and `{name:time}` show a moment. The title is one
 * line that says by itself what happened; the body adds what to do.
 */
export const noticeKinds = {
  // harvest
  'import.done': {
    en: {
      title: 'Import finished: {file}',
      body: 'Added {added}, changed {changed}, rejected {rejected}, unchanged {unchanged}.',
    },
    'zh-CN': {
      title: '导入完成：{file}',
      body: '新增 {added}，变更 {changed}，退回 {rejected}，未变 {unchanged}。',
    },
  },
  'import.failed': {
    en: {
      title: 'Import failed: {file}',
      body: '{error} What came before the fault is in; the report names every record.',
    },
    'zh-CN': { title: '导入失败：{file}', body: '{error} 出错之前的记录已导入，报告列出每条记录的结果。' },
  },

  'harvest.failed': {
    en: {
      title: 'Harvest failed: {source}',
      body: '{error} What came before is in, and nothing was removed.',
    },
    'zh-CN': { title: '采集失败：{source}', body: '{error} 出错之前的记录已入库，未删除任何条目。' },
  },
  'harvest.waiting': {
    en: {
      title: '{removals} entries would go: {source}',
      body: 'The source does not have them any more. That is more than its limit allows without a person: approve or refuse.',
    },
    'zh-CN': {
      title: '{source}：{removals} 条条目待删除',
      body: '来源中已没有这些记录，数量超过该来源允许自动删除的上限，请批准或拒绝。',
    },
  },

  // notice
  'notice.folded': {
    en: {
      title: '{count} older notices were marked as read',
      body: 'More notices were unread than are kept so. They are in the list of all notices.',
    },
    'zh-CN': {
      title: '{count} 条较早的通知已标为已读',
      body: '未读通知超过保留数量，较早的通知可在“全部”中查看。',
    },
  },

  // review
  'review.waiting': {
    en: { title: 'Waiting for your review: {title}', body: 'Submitted by {by}. Due {due:time}.' },
    'zh-CN': { title: '待您审核：{title}', body: '由{by}提交，应于{due:time}前办结。' },
  },
  'review.returned': {
    en: {
      title: 'Returned for completion: {title}',
      body: '{by}: {opinion} Please complete it by {due:time}.',
    },
    'zh-CN': { title: '退回补正：{title}', body: '{by}：{opinion} 请于{due:time}前补正。' },
  },
  'review.refused': {
    en: { title: 'Refused: {title}', body: '{by}: {opinion}' },
    'zh-CN': { title: '不予通过：{title}', body: '{by}：{opinion}' },
  },
  'review.withdrawn': {
    en: { title: 'Withdrawn: {title}', body: '{by} has taken the submission back.' },
    'zh-CN': { title: '已撤回：{title}', body: '{by}撤回了提交。' },
  },
  'review.approved': {
    en: { title: 'Approved: {title}', body: 'Every stage has agreed, last {by}. It is in force.' },
    'zh-CN': { title: '审核通过：{title}', body: '各级审核均已同意，最后由{by}办理，现已生效。' },
  },
  'review.due': {
    en: { title: 'Due soon: {title}', body: 'The clock of this review ends {due:time}.' },
    'zh-CN': { title: '即将到期：{title}', body: '本次审核的办理期限为{due:time}。' },
  },
  'review.late': {
    en: {
      title: 'Overdue: {title}',
      body: 'This was due {due:time}. Those whose turn it is and the level above have been told.',
    },
    'zh-CN': { title: '已逾期：{title}', body: '应于{due:time}前办结，现已逾期，并已告知承办人及上一级。' },
  },
  'update.overdue': {
    en: {
      title: 'Data of {body} is due for an update',
      body: 'Entries newly due: {fresh}; overdue in all: {all}. Update the data, or correct the update cycle.',
    },
    'zh-CN': {
      title: '{body}的数据应更新',
      body: '新到期条目 {fresh} 个，逾期条目共 {all} 个。请更新数据，或更正更新周期。',
    },
  },
} as const satisfies Record<string, Record<NoticeLanguage, KindText>>

export type NoticeKind = keyof typeof noticeKinds
/** Languages that notices are written in. */
export const noticeLanguages = ['en', 'zh-CN'] as const
export type NoticeLanguage = (typeof noticeLanguages)[number]
export type NoticeParams = Record<string, string | number | null>

interface KindText {
  title: string
  body: string
}

const hole = /\{(\w+)(?::(date|time))?\}/g

/** True for a kind that this version knows; a database may hold those of a newer one. */
export const isNoticeKind = (kind: string): kind is NoticeKind => Object.hasOwn(noticeKinds, kind)

/** Names of the params that the texts of a kind fill in. */
export function paramsOf(kind: NoticeKind): string[] {
  const texts = noticeLanguages.flatMap((l) => Object.values(noticeKinds[kind][l]))
  return [...new Set(texts.flatMap((text) => [...text.matchAll(hole)].map((m) => m[1]!)))]
}

/** The language of the texts for a language tag: the Chinese ones for any Chinese, else the English ones. */
export const noticeLanguage = (tag: string | null | undefined): NoticeLanguage =>
  /^zh\b/i.test(tag ?? '') ? 'zh-CN' : 'en'

/** What a notice says. A kind of another version of the program shows its name. */
export function noticeText(
  notice: { kind: string; params: NoticeParams },
  options: { language: NoticeLanguage; timeZone?: string },
): KindText {
  const { kind, params } = notice
  if (!isNoticeKind(kind)) return { title: kind, body: '' }
  const { title, body } = noticeKinds[kind][options.language]
  const fill = (text: string) =>
    text.replace(hole, (_hole, name: string, form?: string) => shown(params[name] ?? null, form, options))
  return { title: fill(title), body: fill(body) }
}

function shown(
  value: string | number | null,
  form: string | undefined,
  { language, timeZone }: { language: NoticeLanguage; timeZone?: string },
): string {
  if (value === null) return '–'
  if (typeof value === 'number' && form === undefined) return new Intl.NumberFormat(language).format(value)
  if (form === undefined) return String(value)
  const moment = new Date(value)
  if (Number.isNaN(moment.getTime())) return String(value)
  return new Intl.DateTimeFormat(language, {
    dateStyle: 'medium',
    ...(form === 'time' ? { timeStyle: 'short' } : {}),
    timeZone,
  }).format(moment)
}
