import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { pages } from '../../../test/support/portal.ts'

const records = 300_000
/** MB that reading may add once it is under way. */
const growthLimit = 96

test('300,000 records of a portal are read in constant memory', async () => {
  const program = fileURLToPath(new URL('../../../test/support/ckan-process.ts', import.meta.url))
  const server = fork(program, [String(records)], { execArgv: ['--import', 'tsx'] })
  const port = await new Promise<number>((resolve) =>
    server.once('message', (message) => resolve(Number(message))),
  )
  const began = Date.now()
  let received = 0
  let warm = 0
  let most = 0
  let last = false
  try {
    for await (const page of pages('ckan', `http://127.0.0.1:${port}`)) {
      received += page.events.length
      expect(page.faults).toEqual([])
      last = page.last
      const rss = process.memoryUsage.rss() / 1024 / 1024
      if (received < records / 10) warm = Math.max(warm, rss)
      most = Math.max(most, rss)
    }
  } finally {
    server.kill()
  }
  const seconds = (Date.now() - began) / 1_000
  console.log(
    `${received} records in ${seconds.toFixed(1)} s; RSS ${warm.toFixed(0)} MB after a tenth, at most ${most.toFixed(0)} MB`,
  )
  expect(received).toBe(records)
  expect(last).toBe(true)
  expect(most - warm).toBeLessThan(growthLimit)
}, 300_000)
