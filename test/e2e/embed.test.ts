import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { axeViolations, noBrowser, openBrowser, openPage, overflows, soon } from '../support/browser.ts'
import { startTestNode, type TestNode } from '../support/node.ts'

if (noBrowser) console.log(`test/e2e/embed.test.ts is skipped: ${noBrowser}.`)

/** A browser on a busy machine takes its time (ms). */
vi.setConfig({ testTimeout: 240_000 })

describe.skipIf(noBrowser)('the search box on pages of another site', () => {
  let node: TestNode
  let browser: Browser
  let base: string
  /** Another site: a page of its own with the search box in it. */
  let site: Server
  let address: string
  beforeAll(async () => {
    node = await startTestNode({ seed: 'small' })
    base = await node.listen()
    browser = await openBrowser()
    await vi.waitFor(
      async () => {
        const { total } = (await node.app.inject('/api/v1/search?q=address&limit=0')).json()
        expect(total).toBeGreaterThan(3)
      },
      { timeout: 90_000, interval: 500 },
    )
    site = createServer((request, answer) => {
      const [, language, attributes] = /^\/([\w-]+)\?(.*)$/.exec(request.url ?? '') ?? []
      answer.setHeader('content-type', 'text/html; charset=utf-8').end(`<!doctype html>
        <html lang="${language}"><head><title>Town hall</title>
        <style>input, button, ol { display: none } a { color: red }</style>
        <script type="module" src="${base}/embed/search.js"></script></head>
        <body><main><h1>Town hall</h1><concord-search ${decodeURIComponent(attributes ?? '')}></concord-search></main></body></html>`)
    })
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
    address = `http://127.0.0.1:${(site.address() as AddressInfo).port}`
  }, 240_000)
  afterAll(async () => {
    await browser?.close()
    site?.closeAllConnections()
    site?.close()
    await node?.close()
  }, 60_000)

  const words = {
    en: { found: /entries found/, none: /Nothing found/ },
    'zh-CN': { found: /找到 .* 条/, none: /没有找到/ },
  }
  for (const language of ['en', 'zh-CN'] as const)
    it(`finds with the keyboard and says what it found (${language})`, async () => {
      const { page, errors } = await openPage(browser, address, { language, width: 390 })
      await page.goto(`/${language}?${encodeURIComponent('limit="2"')}`)
      await page.keyboard.press('Tab')
      await page.keyboard.type('address')
      await page.keyboard.press('Enter')
      await soon(() => page.locator('concord-search li').count()).toBe(2)
      expect(await page.getByRole('status').textContent()).toMatch(words[language].found)
      const link = page.locator('concord-search li a').first()
      expect(await link.getAttribute('href')).toMatch(new RegExp(`^${base}/dataset/[0-9a-f-]{36}$`))
      expect(await axeViolations(page)).toEqual([])
      expect(await overflows(page)).toBe(false)
      await page.getByRole('searchbox').fill('zzqxzzqx')
      await soon(() => page.getByRole('status').textContent()).toMatch(words[language].none)
      expect(errors).toEqual([])
      await page.context().close()
    })

  it('is narrowed by its attributes, and says when the catalogue does not answer', async () => {
    const { page } = await openPage(browser, address, { language: 'en' })
    await page.goto(`/en?${encodeURIComponent('query="address" theme="land"')}`)
    const { total } = (await node.app.inject('/api/v1/search?q=address&theme=land&limit=0')).json()
    await soon(() => page.getByRole('status').textContent()).toContain(`${total} entr`)
    await page.goto(`/en?${encodeURIComponent('query="address" node="http://127.0.0.1:9"')}`)
    await soon(() => page.getByRole('status').textContent()).toContain('does not answer')
    await page.context().close()
  })

  it('is tried out on the page for developers, whose examples change with the language chosen', async () => {
    const { page, errors } = await openPage(browser, base, { language: 'en' })
    await page.goto('/developers')
    await page.getByRole('radio', { name: 'R', exact: true }).check()
    await page.waitForURL('**/developers?code=r')
    expect(await page.locator('#door-ckan code').last().textContent()).toContain('library(jsonlite)')
    await page.locator('concord-search input').fill('address')
    await soon(() => page.locator('concord-search li').count()).toBe(3)
    expect(await axeViolations(page)).toEqual([])
    expect(errors).toEqual([])
    await page.context().close()
  })
})
