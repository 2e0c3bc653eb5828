import { readFileSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { workPage } from '../../src/platform/work-page.ts'
import {
  axeViolations,
  type Language,
  noBrowser,
  openBrowser,
  openPage,
  overflows,
  soon,
} from '../support/browser.ts'
import { startTestNode, type TestNode } from '../support/node.ts'

if (noBrowser) console.log(`test/e2e/portal.test.ts is skipped: ${noBrowser}.`)

const words = {
  en: { query: 'household address', hint: 'vehic', items: 'Information items', item: 'Street' },
  'zh-CN': { query: '户籍地址', hint: '机动', items: '信息项', item: '街道名称' },
}

/** A browser on a busy machine takes its time (ms). */
vi.setConfig({ testTimeout: 240_000 })

describe.skipIf(noBrowser)('portal', () => {
  let node: TestNode
  let base: string
  let browser: Browser
  /** An entry with items, found by search. */
  let uid: string
  beforeAll(async () => {
    node = await startTestNode({ seed: 'demo' })
    base = await node.listen()
    browser = await openBrowser()
    // The index follows the catalogue; an answer with entries says that it has caught up.
    await vi.waitFor(
      async () => {
        const answer = await node.app.inject('/api/v1/search?q=address&limit=1')
        uid = (answer.json() as { hits: { uid: string }[] }).hits[0]?.uid ?? ''
        if (uid === '') throw new Error('search has no entries yet')
      },
      { timeout: 90_000, interval: 500 },
    )
  }, 240_000)
  afterAll(async () => {
    await browser?.close()
    await node?.close()
  }, 60_000)

  const open = (language: Language, width?: number) => openPage(browser, base, { language, width })

  it('answers 200 for every page, 404 where there is none', async () => {
    const router = readFileSync(new URL('../../web/routes/router.tsx', import.meta.url), 'utf8')
    const paths = [...router.matchAll(/getParentRoute: \(\) => root,\s+path: '([^']+)'/g)].map((m) => m[1]!)
    expect(paths.length).toBeGreaterThan(8)
    for (const path of [...paths, workPage('entries')]) {
      const { statusCode } = await node.app.inject(path.replace('$uid', uid).replace('$code', 'x'))
      expect([path, statusCode]).toEqual([path, 200])
    }
    const nothing = await node.app.inject('/no-such-page')
    expect(nothing.statusCode).toBe(404)
    expect(nothing.body).toContain('<div id="root">')
  })

  for (const language of ['en', 'zh-CN'] as const)
    it(`finds and opens an entry, narrows, pages and comes back (${language})`, async () => {
      const { page, errors } = await open(language)
      const { query, items } = words[language]
      await page.goto('/', { waitUntil: 'networkidle' })
      await page.getByRole('combobox').fill(query)
      await page.keyboard.press('Enter')
      await page.waitForURL('**/search?q=*')
      await soon(() => page.locator('.hit').count()).toBeGreaterThan(0)
      expect(await page.locator('.hit mark').count()).toBeGreaterThan(0)
      const total = await page.locator('.results-count strong').textContent()
      await page.locator('.facet input[type=checkbox]').first().check()
      await page.waitForURL(/theme=/)
      await soon(() => page.locator('.chips .chip').count()).toBe(1)
      expect(await axeViolations(page)).toEqual([])
      await page.locator('.chips .chip').click()
      await soon(() => page.locator('.results-count strong').textContent()).toBe(total)
      await page.getByRole('link', { name: items, exact: true }).first().click()
      await page.waitForURL(/view=items/)
      await soon(() => page.locator('.item-table tbody tr').count()).toBeGreaterThan(0)
      await page.goBack()
      await soon(() => page.locator('.hit').count()).toBeGreaterThan(0)
      const title = await page.locator('.hit-title').first().textContent()
      await page.locator('.hit-title a').first().click()
      await page.waitForURL('**/dataset/*')
      await soon(() => page.locator('h1').textContent()).toBe(title)
      expect(await page.title()).toContain(title ?? '')
      expect(errors).toEqual([])
      await page.context().close()
    })

  it('suggests while typing and is walked with the arrow keys', async () => {
    for (const language of ['en', 'zh-CN'] as const) {
      const { page } = await open(language)
      await page.goto('/')
      const box = page.getByRole('combobox')
      await box.pressSequentially(words[language].hint)
      await soon(() => page.getByRole('option').count()).toBeGreaterThan(0)
      expect(await axeViolations(page)).toEqual([])
      await box.press('ArrowDown')
      const active = await box.getAttribute('aria-activedescendant')
      expect(await page.locator(`[id="${active}"]`).getAttribute('aria-selected')).toBe('true')
      await box.press('Escape')
      expect(await box.getAttribute('aria-expanded')).toBe('false')
      await box.press('ArrowDown')
      await box.press('ArrowDown')
      await box.press('Enter')
      await page.waitForURL((url) => url.pathname !== '/')
      await page.context().close()
    }
  })

  it('switches language and theme and remembers both', async () => {
    const { page } = await open('en')
    await page.goto('/')
    await page.getByRole('button', { name: '中文' }).click()
    await soon(() => page.locator('html').getAttribute('lang')).toBe('zh-CN')
    await page.getByRole('button', { name: '深色显示' }).click()
    await page.reload()
    expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN')
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark')
    expect(await page.locator('h1').textContent()).toContain('各部门')
    await page.context().close()
  })

  it('teaches when nothing is found and says what failed with the request id', async () => {
    const { page } = await open('en')
    await page.goto('/search?q=zzqxzzqx&sharing=conditional')
    await soon(() => page.locator('.empty h2').textContent()).toContain('Nothing found')
    expect(await axeViolations(page)).toEqual([])
    await page.goto('/dataset/00000000-0000-4000-8000-000000000000')
    await soon(() => page.locator('[role=alert]').textContent()).toContain('does not exist')
    expect(await page.locator('[role=alert] code').first().textContent()).toMatch(/^[A-Za-z0-9-]{8,}$/)
    expect(await axeViolations(page)).toEqual([])
    await page.context().close()
  })

  it('leads from an item that matched by its translation to its row', async () => {
    for (const language of ['en', 'zh-CN'] as const) {
      const { page } = await open(language)
      await page.goto(`/search?q=${encodeURIComponent(`item:${words[language].item}`)}`)
      const link = page.locator('.hit-items a').first()
      await soon(() => link.textContent()).toContain(words[language].item)
      await link.click()
      await page.waitForURL('**/dataset/*')
      await soon(() => page.locator('tr.target').textContent()).toContain(words[language].item)
      await page.context().close()
    }
  })

  it('asks for a name where the item view has none, and says what its number counts', async () => {
    const { page } = await open('en')
    await page.goto('/search?view=items')
    await soon(() => page.locator('.empty h2').textContent()).toContain('Which item')
    expect(await axeViolations(page)).toEqual([])
    await page.locator('.empty').getByRole('link', { name: 'household address' }).click()
    await soon(() => page.locator('.item-table tbody tr').count()).toBeGreaterThan(0)
    expect(await page.locator('.results-count').textContent()).toMatch(/entr(y|ies) that holds? it/)
    await page.context().close()
  })

  it('says in the language of the page what failed, list by list', async () => {
    const { page } = await open('zh-CN')
    const problem = { status: 500, json: { code: 'internal', title: 'Broken', detail: 'Broken in English' } }
    await page.route('**/api/v1/search?**', (route) => route.fulfill(problem))
    await page.route('**/api/v1/figures', (route) => route.fulfill(problem))
    await page.goto('/')
    // Figures, themes and two short lists; none of them goes on pretending to load.
    await soon(() => page.locator('[role=alert]').count()).toBe(4)
    expect(await page.locator('main .skeleton').count()).toBe(0)
    expect(await page.locator('[role=alert] h2').first().textContent()).toContain('系统出了问题')
    expect(await page.getByText('Broken in English').first().isVisible()).toBe(false)
    expect(await axeViolations(page)).toEqual([])
    await page.context().close()
  })

  it('gives the page of results as a file', async () => {
    const { page } = await open('en')
    await page.goto('/search?q=address')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'This page as CSV' }).click(),
    ])
    expect(download.suggestedFilename()).toBe('entries.csv')
    await page.context().close()
  })

  it('shows coverage on a map, over time and in a table that is sorted and narrowed by the address', async () => {
    const { page, errors } = await open('en')
    await page.goto('/coverage', { waitUntil: 'networkidle' })
    expect(await page.locator('.ratios li').count()).toBe(7)
    expect(await page.locator('.ratio-parts').first().textContent()).toMatch(/^[\d,]+ of [\d,]+$/)
    await page.locator('.ratios').getByRole('link', { name: 'Updated in time' }).click()
    await page.waitForURL(/measure=inTime/)
    await soon(() => page.getByRole('img', { name: /^Updated in time: from/ }).count()).toBe(1)
    await page.getByRole('button', { name: 'Published entries' }).click()
    await page.waitForURL(/sort=-published/)
    const counts = async () =>
      (await page.locator('.ranking-table tbody tr td:first-of-type').allTextContents()).map((text) =>
        Number(text.replaceAll(',', '')),
      )
    await soon(async () => {
      const found = await counts()
      return found.length > 1 && found.every((n, i) => i === 0 || n <= found[i - 1]!)
    }).toBe(true)
    await page.locator('a.tile').first().click()
    await page.waitForURL(/region=LD/)
    await soon(() => page.locator('.ranking-table tbody tr').count()).toBeLessThan(30)
    await page.locator('.ranking-table tbody a').first().click()
    await page.waitForURL(/body=/)
    await soon(() => page.locator('#target-head').count()).toBe(1)
    expect(errors).toEqual([])
    await page.context().close()
  })

  it('says in an entry what would make it better', async () => {
    for (const language of ['en', 'zh-CN'] as const) {
      const { page } = await open(language)
      await page.goto(`/dataset/${uid}`)
      await soon(() => page.locator('.quality-card .dimensions > div').count()).toBe(6)
      expect(await page.locator('.quality-card .todo-list li').count()).toBeGreaterThan(0)
      await page.context().close()
    }
  })

  it('opens the filters as a drawer on a phone', async () => {
    const { page } = await open('en', 390)
    await page.goto('/search?q=address')
    await page.getByRole('button', { name: 'Filters' }).click()
    await soon(() => page.locator('dialog[open] .facet').count()).toBeGreaterThan(3)
    expect(await axeViolations(page)).toEqual([])
    await page.keyboard.press('Escape')
    expect(await page.locator('dialog[open]').count()).toBe(0)
    await page.context().close()
  })

  it('has no accessibility fault and no overflow on any page, in two languages, themes and widths', async () => {
    const paths = [
      '/',
      '/search?q=address',
      '/search?q=address&view=items',
      '/search?view=items',
      '/search?page=3&sort=name',
      ...['items', 'access', 'versions', 'related', 'api'].map((tab) => `/dataset/${uid}?tab=${tab}`),
      '/bodies',
      '/body/ld-interior',
      '/themes',
      '/theme/land',
      '/coverage',
      '/coverage?region=LD01&measure=quality&by=region',
      '/coverage?body=ld-interior',
      '/coverage?by=tier&sort=-shared',
      '/developers',
      '/sign-in',
      '/no-such-page',
    ]
    for (const [language, theme, width] of [
      ['en', 'light', 1440],
      ['zh-CN', 'dark', 1024],
      ['zh-CN', 'light', 390],
    ] as const) {
      const { page, errors } = await openPage(browser, base, { language, theme, width })
      for (const path of paths) {
        await page.goto(path, { waitUntil: 'networkidle' })
        expect(await axeViolations(page), `${path} ${language} ${theme} ${width}`).toEqual([])
        expect(await overflows(page), `${path} at ${width}`).toBe(false)
      }
      expect(errors).toEqual([])
      await page.context().close()
    }
  }, 600_000)
})
