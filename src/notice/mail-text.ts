import { workPage } from '../platform/work-page.ts'
import { type NoticeLanguage, type NoticeParams, noticeText } from './kind.schema.ts'

export interface MailText {
  subject: string
  text: string
  html: string
}

/** Words around the notices; `{n}` is a number. */
const words = {
  en: {
    many: '{n} notices from Concord',
    more: 'And {n} more.',
    hello: 'Dear {name},',
    all: 'All notices',
    why: 'You get this mail because of your settings. Change them here:',
  },
  'zh-CN': {
    many: 'Concord：{n} 条通知',
    more: '另有 {n} 条。',
    hello: '{name}，您好：',
    all: '全部通知',
    why: '本邮件按您的设置发送。如需更改，请访问：',
  },
} as const

/** A mail in words: one notice gives its subject, several their number. Plain text and the same as simple HTML. */
export function mailText(
  notices: { kind: string; params: NoticeParams; link: string }[],
  options: { count: number; name: string; language: NoticeLanguage; timeZone: string; publicUrl: string },
): MailText {
  const { count, language, publicUrl } = options
  const say = (key: keyof (typeof words)['en'], values: Record<string, string | number> = {}) =>
    words[language][key].replace(/\{(\w+)\}/g, (_hole, name: string) => String(values[name]))
  const told = notices.map((n) => ({ ...noticeText(n, options), url: publicUrl + n.link }))
  const subject = count === 1 ? told[0]!.title : say('many', { n: count })
  const more = count > told.length ? say('more', { n: count - told.length }) : ''
  const hello = say('hello', { name: options.name })
  const allUrl = `${publicUrl}${workPage('notices')}`
  const settingsUrl = `${allUrl}?show=mail`
  const text = [
    hello,
    ...told.map(({ title, body, url }) => [title, body, url].filter(Boolean).join('\n')),
    ...(more ? [`${more} ${allUrl}`] : []),
    `-- \n${say('why')} ${settingsUrl}`,
  ].join('\n\n')
  const html = `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><title>${escaped(subject)}</title></head>
<body style="font-family:sans-serif;line-height:1.5">
<p>${escaped(hello)}</p>
${told
  .map(
    ({ title, body, url }) =>
      `<p><a href="${escaped(url)}"><strong>${escaped(title)}</strong></a>${body ? `<br>${escaped(body)}` : ''}</p>`,
  )
  .join('\n')}
<p>${escaped(more)} <a href="${escaped(allUrl)}">${escaped(say('all'))}</a></p>
<hr><p style="color:#555;font-size:small">${escaped(say('why'))} <a href="${escaped(settingsUrl)}">${escaped(settingsUrl)}</a></p>
</body></html>
`
  return { subject, text, html }
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escaped = (text: string) => text.replace(/[&<>"']/g, (c) => entities[c]!)
