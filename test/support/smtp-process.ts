import { appendFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { attachToParent } from '../../src/platform/supervise.ts'

/**
 * A real mail server on loopback for tests. What it takes goes to the file as lines of JSON. Its behaviour: `accept`;
 * `refuse` does not know the recipient; `greylist` sends everybody away once; `slow` is silent after it has taken a message; `mute` never says a word;
 * `drip` greets one character at a time; `closed` refuses the sender.
 */
export interface TakenMail {
  from: string
  to: string[]
  raw: string
}

const parent = attachToParent()
const { SMTP_TEST_MODE: mode = 'accept', SMTP_TEST_FILE: file = '', SMTP_TEST_LOGIN: login } = process.env
const seen = new Set<string>()
const refusal = (code: number, text: string) => Object.assign(new Error(text), { responseCode: code })

const server = new SMTPServer({
  disabledCommands: login ? [] : ['AUTH'],
  allowInsecureAuth: true,
  authOptional: !login,
  hideSTARTTLS: true,
  onAuth: ({ username, password }, _session, done) =>
    `${username}:${password}` === login ? done(null, { user: username }) : done(refusal(535, 'wrong')),
  onMailFrom: (_address, _session, done) =>
    done(mode === 'closed' ? refusal(550, 'we do not know this sender') : undefined),
  onRcptTo({ address }, _session, done) {
    if (mode === 'refuse') return done(refusal(550, `5.1.1 <${address}> is unknown here`))
    if (mode === 'greylist' && !seen.has(address)) {
      seen.add(address)
      return done(refusal(451, '4.7.1 greylisted, come again'))
    }
    done()
  },
  onData(stream, session, done) {
    const parts: Buffer[] = []
    stream.on('data', (part) => parts.push(part))
    stream.on('end', () => {
      const { mailFrom, rcptTo } = session.envelope
      const taken: TakenMail = {
        from: mailFrom ? mailFrom.address : '',
        to: rcptTo.map((r) => r.address),
        raw: Buffer.concat(parts).toString('latin1'),
      }
      appendFileSync(file, `${JSON.stringify(taken)}\n`)
      if (mode !== 'slow') done()
    })
  },
})
server.on('error', () => {})
const mute = createServer((socket) => {
  socket.on('error', () => {})
  if (mode !== 'drip') return
  let sent = 0
  const drip = setInterval(() => socket.write('220-still thinking\r\n'[sent++ % 20]!), 50)
  socket.on('close', () => clearInterval(drip))
})
const listening = mode === 'mute' || mode === 'drip' ? mute : server.server
listening.listen(0, '127.0.0.1', () => parent.ready({ port: (listening.address() as AddressInfo).port }))
