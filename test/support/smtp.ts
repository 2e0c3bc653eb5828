import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startChild } from '../../src/platform/supervise.ts'
import type { TakenMail } from './smtp-process.ts'

/** A mail of `taken`, with its headers unfolded and its parts decoded. */
export interface ReadMail extends TakenMail {
  headers: Record<string, string>
  text: string
  html: string
}

/** Starts a mail server of its own process. */
export async function startSmtp(mode: string, options: { login?: string } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'concord-smtp-'))
  const file = join(folder, 'taken.jsonl')
  const child = startChild({
    name: `smtp ${mode}`,
    module: new URL('./smtp-process.ts', import.meta.url),
    env: { SMTP_TEST_MODE: mode, SMTP_TEST_FILE: file, SMTP_TEST_LOGIN: options.login },
    log: { info() {}, warn: console.warn, error: console.error },
  })
  const { port } = (await child.ready) as { port: number }
  return {
    port,
    url: `smtp://127.0.0.1:${port}`,
    taken: (): ReadMail[] =>
      existsSync(file)
        ? readFileSync(file, 'utf8')
            .split('\n')
            .filter(Boolean)
            .map((l) => readMail(JSON.parse(l)))
        : [],
    async stop() {
      await child.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function readMail(mail: TakenMail): ReadMail {
  const [head = '', ...rest] = mail.raw.split('\r\n\r\n')
  const headers = headersOf(head)
  const boundary = /boundary="?([^";]+)/.exec(headers['content-type'] ?? '')?.[1]
  const parts = rest.join('\r\n\r\n').split(`--${boundary}`).slice(1, -1)
  const part = (type: string) => {
    const found = parts.find((p) => p.toLowerCase().includes(`content-type: ${type}`)) ?? ''
    const [partHead = '', ...body] = found.split('\r\n\r\n')
    return decode(body.join('\r\n\r\n'), headersOf(partHead.trim())['content-transfer-encoding'] ?? '')
  }
  return { ...mail, headers, text: part('text/plain'), html: part('text/html') }
}

const headersOf = (head: string): Record<string, string> =>
  Object.fromEntries(
    head
      .replaceAll(/\r\n[ \t]+/g, ' ')
      .split('\r\n')
      .map((line) => [
        line.slice(0, line.indexOf(':')).toLowerCase(),
        words(line.slice(line.indexOf(':') + 1).trim()),
      ]),
  )

/** Encoded words of RFC 2047. */
const words = (text: string) =>
  text
    .replaceAll(/\?=\s+=\?/g, '?==?')
    .replaceAll(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_all, how: string, data: string) =>
      how.toLowerCase() === 'b'
        ? Buffer.from(data, 'base64').toString()
        : decode(data.replaceAll('_', ' '), 'quoted-printable'),
    )

function decode(body: string, encoding: string): string {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString()
  if (encoding !== 'quoted-printable') return body
  const bytes = body
    .replaceAll(/=\r\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString()
}
