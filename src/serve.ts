import { startNode } from './app.ts'
import { loadConfig } from './platform/config.ts'
import { createLogger } from './platform/log.ts'
import { demoLogins } from './seed/index.ts'

/** A stop in good order that takes longer than this is cut short (ms); PostgreSQL recovers by its log. */
const stopLimitMs = 30_000

/** Runs a node until Ctrl-C or SIGTERM; resolves when everything that it started is gone. */
export async function serve(): Promise<void> {
  const config = loadConfig()
  // At a terminal a person reads along: only what needs attention, unless asked for more.
  const quiet = process.stdout.isTTY && !process.env.LOG_LEVEL
  const log = createLogger(quiet ? 'warn' : config.LOG_LEVEL)
  const started = performance.now()
  const seconds = () => ((performance.now() - started) / 1000).toFixed(1)
  const progress = (step: string) => process.stdout.write(`  ${seconds().padStart(5)} s  ${step}\n`)
  const ended = stopSignal()

  console.log(`Concord is starting (profile ${config.CONCORD_PROFILE}, data in ${config.dataDir})`)
  const node = await startNode({ config, log, progress })
  try {
    const address = await node.listen()
    console.log(`\nReady in ${seconds()} s: ${address}\n`)
    if (node.demo) {
      console.log('Demo logins (password in the second column):')
      for (const { login, password, does } of demoLogins)
        console.log(`  ${login.padEnd(11)} ${password.padEnd(22)} ${does[0]}`)
      console.log('')
    }
    await ended
    console.log('\nStopping …')
  } finally {
    const limit = setTimeout(() => process.exit(1), stopLimitMs)
    await node.close()
    clearTimeout(limit)
  }
}

/** Settles at the first signal; the second one ends the process at once. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (asked) process.exit(1)
        asked = true
        resolve()
      })
    }
  })
}
