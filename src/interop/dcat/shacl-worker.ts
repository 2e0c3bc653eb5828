import type { Entry } from '../../catalog/index.ts'
import type { Logger } from '../../platform/log.ts'
import { startChild } from '../../platform/supervise.ts'
import type { ShaclOutcome } from './shacl.schema.ts'
import type { ShaclAnswer, ShaclQuestion } from './shacl-process.ts'

/** The checking process as the main process sees it: one entry at a time. */
export interface ShaclWorker {
  /** Hash of the shapes (SHA-256, hexadecimal). */
  sha256: string
  /** Always an outcome: an entry that takes too long or ends the process is told as not checked. */
  check(entry: Entry): Promise<ShaclOutcome>
  stop(): Promise<void>
}

/** Time for one entry (ms): the widest, of 2,000 items and 500 files, takes about a second. */
const entryMs = 60_000

/** Starts the process. @throws Error where the shapes cannot be read */
export async function startShaclWorker(options: {
  shapesFile: string
  profileId: string
  base: string
  log: Logger
  limitMs?: number
}): Promise<ShaclWorker> {
  const { shapesFile, profileId, base, log, limitMs = entryMs } = options
  let asked: { question: ShaclQuestion; sent: boolean; settle: (outcome: ShaclOutcome) => void } | undefined
  let number = 0
  const send = () => {
    if (asked) asked.sent = child.send(asked.question)
  }
  const child = startChild({
    name: 'shacl',
    module: new URL('./shacl-process.ts', import.meta.url),
    args: [shapesFile, profileId, base],
    log,
    onMessage: (message) => {
      const { id, outcome, error } = message as ShaclAnswer
      if (asked?.question.id === id) asked.settle(outcome ?? notChecked(error ?? ''))
    },
    onReady: () => {
      // Started again: what it was asked ended it, and is not asked a second time.
      if (asked?.sent) asked.settle(notChecked('The check ended the process that did it.'))
      else send()
    },
  })
  const sha256 = String(await child.ready)
  return {
    sha256,
    check: (entry) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => {
          if (child.pid) process.kill(child.pid, 'SIGKILL')
          asked?.settle(notChecked(`The check took longer than ${limitMs / 1000} s.`))
        }, limitMs)
        const settle = (outcome: ShaclOutcome) => {
          clearTimeout(timer)
          asked = undefined
          resolve(outcome)
        }
        asked = { question: { id: ++number, entry }, sent: false, settle }
        send()
      }),
    stop: async () => {
      asked?.settle(notChecked('The node ends.'))
      await child.stop()
    },
  }
}

const notChecked = (message: string): ShaclOutcome => ({
  conforms: null,
  violations: 0,
  warnings: 0,
  findings: [{ severity: 'info', node: '', path: '', rule: 'not_checked', message, value: null }],
})
