import { createTransport } from 'nodemailer'

/** One message to one person, ready to be sent. */
export interface MailMessage {
  to: { name: string; address: string }
  subject: string
  text: string
  html: string
  /** The same in every attempt: `UID@HOST`. */
  messageId: string
}

export interface Mailer {
  /** @throws MailError */
  send(message: MailMessage): Promise<void>
  /** Connects and signs in, sends nothing. @throws MailError */
  verify(): Promise<void>
  close(): void
}

export interface MailSettings {
  /** `smtp://` or `smtps://`, with user and password, see `parseSmtpUrl`. */
  url: string
  /** `Name <address>` or an address. */
  from: string
}

/**
 * Why a message was not taken. `refused`: this message never will be; `later`: this message, not now;
 * `unreachable`: the server cannot be used at all at the moment, whatever the message.
 */
export class MailError extends Error {
  readonly kind: 'refused' | 'later' | 'unreachable'
  constructor(kind: MailError['kind'], message: string) {
    super(message)
    this.kind = kind
  }
}

/** Milliseconds to connect and be greeted, for one answer, and for a whole message: a server may drip for ever. */
const patience = { connectMs: 10_000, answerMs: 30_000, messageMs: 60_000 }
/** Connections at a time to the mail server. */
export const mailConnections = 4
/** Characters kept of what a server said. */
const maxReason = 300

/** One address and nothing else: no list, no comment, no control character that could begin a header or a command. */
const addressPattern = /^[^\s\p{Cc}@<>()[\]\\,;:"]{1,64}@[^\s\p{Cc}@<>()[\]\\,;:"]{1,190}$/u

interface SmtpAddress {
  host: string
  port: number
  secure: boolean
  requireTLS?: boolean
  ignoreTLS?: boolean
  auth?: { user: string; pass: string }
}

/**
 * Reads `smtp[s]://[USER:PASSWORD@]HOST[:PORT][?tls=required|off]`. Without TLS a password leaves this machine only
 * when `tls=off` says so. @throws Error without the address in it: it holds a password.
 */
export function parseSmtpUrl(text: string): SmtpAddress {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw new Error('is not an address; write smtp://HOST:PORT or smtps://USER:PASSWORD@HOST')
  }
  const secure = url.protocol === 'smtps:'
  if (!secure && url.protocol !== 'smtp:') throw new Error('must begin with smtp:// or smtps://')
  if (!url.hostname) throw new Error('names no host')
  const tls = url.searchParams.get('tls')
  for (const name of url.searchParams.keys())
    if (name !== 'tls') throw new Error(`has an unknown option ${name}; there is only tls`)
  if (tls !== null && tls !== 'required' && tls !== 'off') throw new Error('tls is either required or off')
  const auth = url.username
    ? { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) }
    : undefined
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || (secure ? 465 : 587),
    secure,
    ...(tls === 'off' ? { ignoreTLS: true } : {}),
    ...(tls === 'required' || (auth && tls !== 'off') ? { requireTLS: !secure } : {}),
    auth,
  }
}

/** Reads `Name <address>` or an address. @throws Error */
export function parseMailFrom(text: string): { name: string; address: string } {
  const [, name = '', bracketed, bare] = /^(?:([^<>\p{Cc}]*)<([^<>]+)>|([^<>]+))$/u.exec(text.trim()) ?? []
  const address = bracketed ?? bare ?? ''
  if (!addressPattern.test(address))
    throw new Error('is not a mail address; write Name <address@example.org>')
  return { name: name.trim().replace(/^"(.*)"$/, '$1'), address }
}

/** Opens connections when the first message is sent; `close` ends them. */
export function openMailer({ url, from }: MailSettings, limits = patience): Mailer {
  const sender = parseMailFrom(from)
  const transport = createTransport({
    ...parseSmtpUrl(url),
    pool: true,
    maxConnections: mailConnections,
    // A message whose connection broke may have been taken: the queue decides when it is tried again.
    maxRequeues: 0,
    connectionTimeout: limits.connectMs,
    greetingTimeout: limits.connectMs,
    dnsTimeout: limits.connectMs,
    socketTimeout: limits.answerMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    async send({ to, subject, text, html, messageId }) {
      if (!addressPattern.test(to.address))
        throw new MailError('refused', 'the address is not a mail address')
      await transport
        .sendMail({
          from: sender,
          to: { name: oneLine(to.name), address: to.address },
          envelope: { from: sender.address, to: [to.address] },
          subject: oneLine(subject),
          text,
          html,
          messageId: `<${messageId}>`,
          headers: { 'Auto-Submitted': 'auto-generated' },
          signal: AbortSignal.timeout(limits.messageMs),
        })
        .catch((error) => {
          throw toMailError(error)
        })
    },
    async verify() {
      await transport.verify().catch((error: unknown) => {
        throw toMailError(error)
      })
    },
    close: () => transport.close({ force: true }),
  }
}

/** Header texts: what could end the line is a space. */
const oneLine = (text: string) => text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim()

function toMailError(error: unknown): MailError {
  const { code, command, responseCode, message } = (error ?? {}) as {
    code?: string
    command?: string
    responseCode?: number
    message?: string
  }
  const reason = oneLine(String(message ?? error))
    .replace(/<?[^\s<>]+@[^\s<>]+>?/g, '(address)')
    .slice(0, maxReason)
  // What the server says of the sender or before any message is no fault of the message.
  const ofMessage = (code === 'EENVELOPE' && command !== 'MAIL FROM') || code === 'EMESSAGE'
  if (!ofMessage || responseCode === 421) return new MailError('unreachable', `${code ?? 'error'}: ${reason}`)
  return new MailError(responseCode && responseCode < 500 ? 'later' : 'refused', `${code}: ${reason}`)
}
