import { startNode } from './app.ts'
import { loadConfig } from './platform/config.ts'
import { refuseTakenPort } from './platform/listen-http.ts'
import { createLogger } from './platform/log.ts'
import { demoLogins } from './seed/index.ts'
import { aborted, watchStopSignals } from './stop-signals.ts'

/** Requests under way, such as an upload over a slow line, are given this long (ms) before they are cut off. */
const stopLimitMs = 15_000

/** Runs a node until Ctrl-C, SIGTERM or the end of its terminal; resolves when everything that it started is gone. */
export async function serve(): Promise<void> {
  const config = loadConfig()
  // At a terminal a person reads along: only what needs attention, unless asked for more.
  const quiet = process.stdout.isTTY && !process.env.LOG_LEVEL
  const log = createLogger(quiet ? 'warn' : config.LOG_LEVEL)
  const started = performance.now()
  const seconds = () => ((performance.now() - started) / 1000).toFixed(1)
  const progress = (step: string) => process.stdout.write(`  ${seconds().padStart(5)} s  ${step}\n`)
  await refuseTakenPort(config)
  const stop = watchStopSignals()
  void aborted(stop.asked).then(() => console.log('\nStopping …'))

  console.log(`Concord is starting (profile ${config.CONCORD_PROFILE}, data in ${config.dataDir})`)
  const node = await startNode({ config, log, progress, signal: stop.asked }).catch((error) => {
    // Asked to end while it began: what it had started is gone again.
    if (stop.asked.aborted) return undefined
    throw error
  })
  if (!node) return
  const hurry = new AbortController()
  try {
    const address = await node.listen()
    console.log(`\nReady in ${seconds()} s: ${address}\n`)
    if (node.demo) {
      console.log('Demo logins (password in the second column):')
      for (const { login, password, does } of demoLogins)
        console.log(`  ${login.padEnd(11)} ${password.padEnd(22)} ${does[0]}`)
      console.log('')
    }
    await aborted(stop.asked)
  } finally {
    const limit = setTimeout(() => hurry.abort(), stopLimitMs)
    void aborted(stop.insisted).then(() => hurry.abort())
    await node.close(hurry.signal)
    clearTimeout(limit)
    stop.end()
  }
  // A part that could not end in order must not keep the process.
  if (hurry.signal.aborted) process.exit(0)
}
