import { existsSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { openSpool } from './report-spool.ts'

const drain = async (spool: ReturnType<typeof openSpool>) => {
  let all = ''
  for await (const chunk of spool.read()) all += chunk
  return all
}
const spoolFiles = () => readdirSync(tmpdir()).filter((name) => name.startsWith('concord-report-'))

test('what was written comes out in order, from memory and from the file, whoever is faster', async () => {
  for (const readEvery of [1, 7, 1_000_000]) {
    const spool = openSpool({ memory: 50, file: 1_000_000 })
    const lines = Array.from({ length: 2_000 }, (_, i) => `${i} 车站\n`)
    let got = ''
    const reader = spool.read()
    let pending: Promise<unknown> = Promise.resolve()
    for (const [i, line] of lines.entries()) {
      await spool.write(line)
      if (i % readEvery === 0) {
        await pending
        pending = reader.next().then((r) => {
          if (!r.done) got += r.value
        })
      }
    }
    spool.end()
    await pending
    for await (const chunk of reader) got += chunk
    expect(got).toBe(lines.join(''))
    await spool.close()
  }
  expect(spoolFiles()).toEqual([])
})

test('a full file makes the writer wait for the reader, and a reader that left ends the wait', async () => {
  const spool = openSpool({ memory: 10, file: 100 })
  let written = 0
  const writing = (async () => {
    for (; written < 50; written++) await spool.write('0123456789\n')
    spool.end()
  })()
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(written).toBeLessThan(20)
  expect((await drain(spool)).length).toBe(550)
  await writing
  await spool.close()

  const left = openSpool({ memory: 10, file: 100 })
  const stuck = (async () => {
    for (let i = 0; i < 50; i++) await left.write('0123456789\n')
  })()
  await new Promise((resolve) => setTimeout(resolve, 50))
  await left.close()
  await stuck
  expect(existsSync(tmpdir())).toBe(true)
  expect(spoolFiles()).toEqual([])
})
