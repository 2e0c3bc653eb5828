import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { noBrowser, openBrowser, openPage, signInAs, soon } from '../support/browser.ts'
import { startTestNode, type TestNode } from '../support/node.ts'

/** The pictures of README and docs are made here with `CONCORD_PICTURES=1`; a test run as such changes no file. */
const folder = fileURLToPath(new URL('../../docs/images/', import.meta.url))
const wanted = process.env.CONCORD_PICTURES === '1'
const scenes = ['home', 'results', 'items', 'entry', 'today', 'editor'] as const
const languages = [
  ['en', 'en', 'household address'],
  ['zh', 'zh-CN', '户籍地址'],
] as const

vi.setConfig({ testTimeout: 240_000 })

describe.skipIf(noBrowser || !wanted)('pictures', () => {
  let node: TestNode
  let base: string
  let browser: Browser
  beforeAll(async () => {
    node = await startTestNode({ seed: 'demo' })
    base = await node.listen()
    browser = await openBrowser()
    await vi.waitFor(
      async () => {
        const answer = await node.app.inject('/api/v1/search?q=address&limit=1')
        if ((answer.json() as { hits: unknown[] }).hits.length === 0)
          throw new Error('search has no entries yet')
      },
      { timeout: 90_000, interval: 500 },
    )
  }, 240_000)
  afterAll(async () => {
    await browser?.close()
    await node?.close()
  }, 60_000)

  for (const [ending, language, query] of languages)
    it(`are taken of every scene (${language})`, async () => {
      const { page } = await openPage(browser, base, { language })
      const visit = async (scene: (typeof scenes)[number], path: string, ready: string) => {
        await page.goto(path, { waitUntil: 'networkidle' })
        await soon(() => page.locator(ready).count()).toBeGreaterThan(0)
        // The first visit also warms the node up; the picture shows it as it is in use.
        await page.reload({ waitUntil: 'networkidle' })
        await soon(() => page.locator(ready).count()).toBeGreaterThan(0)
        await page.screenshot({ path: `${folder}${scene}-${ending}.png`, animations: 'disabled' })
      }
      const q = encodeURIComponent(query)
      await visit('home', '/', '.theme-grid li')
      await visit('results', `/search?q=${q}`, '.hit')
      await visit('items', `/search?q=${q}&view=items`, '.item-table tbody tr')
      await visit('entry', await firstHit(page, `/search?q=${q}`), '.item-table tbody tr')
      await signInAs(page, 'steward')
      await visit('today', '/work', '.task-list li')
      await visit('editor', await firstDraft(page), '.items-grid tbody tr')
      await page.context().close()
    })
})

describe('pictures in docs/images', () => {
  it('are exactly those that this file makes', () => {
    const made = languages.flatMap(([ending]) => scenes.map((scene) => `${scene}-${ending}.png`))
    expect(readdirSync(folder).sort()).toEqual(made.sort())
  })
})

async function firstHit(page: Page, results: string): Promise<string> {
  await page.goto(results, { waitUntil: 'networkidle' })
  return (await page.locator('.hit-title a').first().getAttribute('href')) ?? '/'
}

async function firstDraft(page: Page): Promise<string> {
  return (await page.locator('.task-list a').first().getAttribute('href')) ?? '/work'
}
