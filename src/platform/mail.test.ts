import { afterEach, describe, expect, it } from 'vitest'
import { startSmtp } from '../../test/support/smtp.ts'
import { type MailMessage, openMailer, parseMailFrom, parseSmtpUrl } from './mail.ts'

const limits = { connectMs: 700, answerMs: 700, messageMs: 1_500 }
const message = (more: Partial<MailMessage> = {}): MailMessage => ({
  to: { name: 'Ada', address: 'ada@example.org' },
  subject: 'Import finished',
  text: 'Added 1.',
  html: '<p>Added 1.</p>',
  messageId: '0000@concord.example',
  ...more,
})

const open: { stop(): Promise<void> }[] = []
async function server(mode: string, options: { login?: string } = {}) {
  const smtp = await startSmtp(mode, options)
  open.push(smtp)
  const mailer = openMailer({ url: smtp.url, from: 'Concord <noreply@concord.example>' }, limits)
  return { ...smtp, mailer }
}
afterEach(async () => {
  for (const smtp of open.splice(0)) await smtp.stop()
})
const kindOf = (sending: Promise<void>) =>
  sending.then(
    () => 'sent',
    (error) => error.kind,
  )

describe('sending', () => {
  it('hands over one message in plain text and HTML, in any script', async () => {
    const { mailer, taken } = await server('accept')
    await mailer.send(
      message({
        to: { name: '王小明', address: 'wang@example.org' },
        subject: '条目“道路交通事故”已退回，请补充后重新提交，办理时限暂停计算',
        text: '您好：\n标题 — £5',
        html: '<p>您好</p>',
      }),
    )
    mailer.close()
    const [mail] = taken()
    expect(mail).toMatchObject({
      from: 'noreply@concord.example',
      to: ['wang@example.org'],
      headers: {
        subject: '条目“道路交通事故”已退回，请补充后重新提交，办理时限暂停计算',
        to: '王小明 <wang@example.org>',
        from: 'Concord <noreply@concord.example>',
        'message-id': '<0000@concord.example>',
        'auto-submitted': 'auto-generated',
      },
    })
    expect(mail!.text.replaceAll('\r\n', '\n')).toBe('您好：\n标题 — £5')
    expect(mail!.html).toContain('<p>您好</p>')
  })

  it('lets no text begin a header, a recipient or a body', async () => {
    const { mailer, taken } = await server('accept')
    const evil = 'x\r\nBcc: victim@example.org\r\n\r\n<script>\u2028\u0085y'
    await mailer.send(
      message({ subject: evil, to: { name: evil, address: 'ada@example.org' }, text: '.\r\nQUIT\r\n' }),
    )
    for (const address of [
      'a@example.org,victim@example.org',
      'a@example.org\r\nRCPT TO:<victim@example.org>',
      'a@example.org>\r\nDATA',
      '"a b"@example.org',
      'victim@example.org <a@example.org>',
      'a',
      '',
      `${'a'.repeat(70)}@example.org`,
    ])
      expect(await kindOf(mailer.send(message({ to: { name: 'A', address } }))), address).toBe('refused')
    mailer.close()
    const mails = taken()
    expect(mails).toHaveLength(1)
    expect(mails[0]!.to).toEqual(['ada@example.org'])
    expect(Object.keys(mails[0]!.headers)).not.toContain('bcc')
    expect(mails[0]!.headers.subject).toBe('x Bcc: victim@example.org <script> y')
    expect(mails[0]!.headers.to).toMatch(/^"?x Bcc: victim@example.org <script> y"? <ada@example.org>$/)
    expect(mails[0]!.text.replaceAll('\r\n', '\n')).toContain('.\nQUIT\n')
  })

  it.each([
    ['refuse', 'refused'],
    ['greylist', 'later'],
    ['closed', 'unreachable'],
    ['mute', 'unreachable'],
    ['drip', 'unreachable'],
    ['slow', 'unreachable'],
  ])('tells what the server that does %s means: %s', async (mode, kind) => {
    const { mailer } = await server(mode)
    const started = performance.now()
    expect(await kindOf(mailer.send(message()))).toBe(kind)
    expect(performance.now() - started).toBeLessThan(5_000)
    mailer.close()
  })

  it('takes a greylist at its word the second time', async () => {
    const { mailer, taken } = await server('greylist')
    expect(await kindOf(mailer.send(message()))).toBe('later')
    expect(await kindOf(mailer.send(message()))).toBe('sent')
    expect(taken()).toHaveLength(1)
    mailer.close()
  })

  it('says that nobody listens, and keeps addresses out of what it says', async () => {
    const mailer = openMailer({ url: 'smtp://127.0.0.1:1', from: 'a@b.example' }, limits)
    await expect(mailer.send(message())).rejects.toMatchObject({ kind: 'unreachable' })
    await expect(mailer.verify()).rejects.toMatchObject({ kind: 'unreachable' })
    mailer.close()
    const refusing = await server('refuse')
    await expect(refusing.mailer.send(message())).rejects.toThrow(
      /^EENVELOPE: (?!.*ada@).*\(address\) is unknown/,
    )
    refusing.mailer.close()
  })

  it('signs in, and tells a wrong password without telling it', async () => {
    const smtp = await server('accept', { login: 'user@x:p@ss/wörd' })
    const url = (login: string) => `smtp://${login}@127.0.0.1:${smtp.port}?tls=off`
    const right = openMailer({ url: url('user%40x:p%40ss%2Fw%C3%B6rd'), from: 'a@b.example' }, limits)
    await right.verify()
    await right.send(message())
    right.close()
    const wrong = openMailer({ url: url('user%40x:secretword'), from: 'a@b.example' }, limits)
    const error = await wrong.verify().then(
      () => undefined,
      (e) => e,
    )
    expect(error).toMatchObject({ kind: 'unreachable' })
    expect(String(error.message)).not.toContain('secretword')
    wrong.close()
    // A password goes over no line that anybody can read, unless the operator says so.
    const careful = openMailer(
      { url: `smtp://user:word@127.0.0.1:${smtp.port}`, from: 'a@b.example' },
      limits,
    )
    await expect(careful.verify()).rejects.toMatchObject({ kind: 'unreachable' })
    careful.close()
  })
})

describe('settings', () => {
  it.each([
    ['smtp://mail.example', { host: 'mail.example', port: 587, secure: false }],
    ['smtps://u:p%40@mail.example', { port: 465, secure: true, auth: { user: 'u', pass: 'p@' } }],
    ['smtp://[::1]:25?tls=required', { host: '::1', port: 25, requireTLS: true }],
    ['smtp://u:p@mail.example', { requireTLS: true }],
    ['smtp://u:p@mail.example?tls=off', { ignoreTLS: true }],
  ])('%s', (url, expected) => {
    expect(parseSmtpUrl(url)).toMatchObject(expected)
  })

  it.each(['http://x', 'mail.example:25', 'smtp://', 'smtp://h?secure=false', 'smtp://h?tls=maybe'])(
    'refuses %s',
    (url) => {
      expect(() => parseSmtpUrl(url)).toThrow()
    },
  )

  it.each([
    ['Concord <a@b.example>', 'Concord', 'a@b.example'],
    ['"数据目录" <a@b.example>', '数据目录', 'a@b.example'],
    ['a@b.example', '', 'a@b.example'],
  ])('reads the sender %s', (text, name, address) => {
    expect(parseMailFrom(text)).toEqual({ name, address })
  })

  it.each(['', 'Concord', 'a@b, c@d', 'X <a@b>\r\nBcc: c@d', '<>', 'A <a b@c>'])(
    'refuses the sender %j',
    (text) => {
      expect(() => parseMailFrom(text)).toThrow()
    },
  )
})
