import { writeFileSync } from 'node:fs'
import { createEngineServer } from './engine-http.ts'
import { maxQueued, maxQueueWaitMs } from './engine-limits.ts'
import { fairQueue } from './engine-queue.ts'
import { openSession } from './engine-session.ts'
import { attachToParent } from './supervise.ts'

/** Entry of the engine process: hosts one chDB session and serves it on loopback. Settings come in the environment. */
const folder = process.env.CONCORD_ENGINE_FOLDER
const secret = process.env.CONCORD_ENGINE_SECRET
const port = Number(process.env.CONCORD_ENGINE_PORT)
const stateFile = process.env.CONCORD_ENGINE_STATE

let stop: () => Promise<void> = async () => {}
const parent = attachToParent({ onStop: () => stop() })
if (!folder || !secret || !stateFile) throw new Error('The engine process is started by Concord, not by hand')

const startedAt = new Date().toISOString()
const session = await openSession(folder)
const queue = fairQueue({ length: maxQueued, waitMs: maxQueueWaitMs })
const server = createEngineServer({
  session,
  queue,
  secret,
  health: () => ({
    status: 'ok',
    pid: process.pid,
    version: session.version,
    startedAt,
    waiting: queue.waiting,
    running: queue.running,
    memoryBytes: process.memoryUsage.rss(),
  }),
  onWedged: (why) => {
    console.error(`the engine is stuck (${why}); it is started again`)
    process.kill(process.pid, 'SIGKILL')
  },
})
stop = async () => {
  server.close()
  server.closeIdleConnections()
  // What was acknowledged is on disk; a running statement may end, but nobody waits for it for long.
  await Promise.race([session.idle(), new Promise((resolve) => setTimeout(resolve, 5_000))])
  server.closeAllConnections()
  if (session.computingSince() >= Date.now() - 1_000) session.close()
}
await new Promise<void>((resolve, reject) => {
  server.once('error', reject)
  server.listen(port, '127.0.0.1', resolve)
})
const address = server.address() as { port: number }
writeFileSync(
  stateFile,
  JSON.stringify({ port: address.port, secret, pid: process.pid, owner: process.env.CONCORD_ENGINE_OWNER }),
  { mode: 0o600 },
)
parent.ready({ port: address.port, version: session.version })
