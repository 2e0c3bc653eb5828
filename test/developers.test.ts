import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { doors } from '../web/interop/doors.ts'
import { type CodeLanguage, codeLanguages } from '../web/interop/example.ts'
import { startTestNode, type TestNode } from './support/node.ts'

/** The developers' page promises that its examples run as they stand: here they do, against a node. */
const run = promisify(execFile)

/** How an example is run, and what tells whether this machine can. */
const programs: Record<CodeLanguage, { probe: string; command: (text: string) => [string, string[]] }> = {
  curl: { probe: 'curl', command: (text) => ['sh', ['-c', text]] },
  python: { probe: 'python3', command: (text) => ['python3', ['-c', text]] },
  r: { probe: 'Rscript', command: (text) => ['Rscript', ['-e', text]] },
  javascript: { probe: 'node', command: (text) => ['node', ['--input-type=module', '-e', text]] },
}
const isThere = (program: string) => spawnSync(program, ['--version']).status === 0

let node: TestNode
let base: string
let uid: string
beforeAll(async () => {
  node = await startTestNode({ seed: 'small' })
  base = await node.listen()
  await vi.waitFor(
    async () => {
      const { hits } = (await node.app.inject('/api/v1/search?q=address&limit=1')).json()
      uid = hits[0].uid
    },
    { timeout: 90_000, interval: 500 },
  )
  await vi.waitFor(
    async () => {
      const { changes } = (await node.app.inject('/api/v1/changes?limit=1')).json()
      expect(changes).toHaveLength(1)
    },
    { timeout: 30_000, interval: 500 },
  )
}, 240_000)
afterAll(() => node?.close(), 60_000)

for (const language of codeLanguages) {
  const { probe, command } = programs[language]
  const there = isThere(probe)
  if (!there) console.log(`The examples in ${language} are not run: ${probe} is not here.`)
  describe.skipIf(!there)(`examples with ${probe}`, () => {
    test.each(doors.map((door) => [door.id, door] as const))(
      '%s prints what it says',
      async (_id, door) => {
        const [file, args] = command(door.example({ base, uid })[language])
        const { stdout } = await run(file, args, { maxBuffer: 100_000_000, timeout: 60_000 })
        expect(stdout).toMatch(door.prints)
      },
      90_000,
    )
  })
}

test('every address that the page names answers', async () => {
  for (const address of doors.flatMap((door) => door.addresses).filter((one) => !one.includes('…'))) {
    const url = address
      .replace('UID', uid)
      .replace('after=N', 'after=0')
      .replace(/package_show$/, `package_show?id=${uid}`)
    const { statusCode } = await node.app.inject(url.replace(/search(\/items)?$/, '$&?q=address'))
    expect([200, 404], url).toContain(statusCode)
    // A stream has as many pages as it has members for.
    if (address !== '/ldes/2') expect(statusCode, url).toBe(200)
  }
})
