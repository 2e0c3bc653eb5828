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
  signInAs,
  soon,
} from '../support/browser.ts'
import { type CkanPeer, startCkanPeer } from '../support/ckan-peer.ts'
import { startTestNode, type TestNode } from '../support/node.ts'

if (noBrowser) console.log(`test/e2e/sources.test.ts is skipped: ${noBrowser}.`)

const words = {
  en: {
    create: 'Add the source',
    publish: 'Publish at once',
    test: 'Test',
    announces: 'The source announces 40 records.',
    run: 'Harvest now',
    full: 'Compare everything',
    done: 'Done',
    asks: '30 entries would be removed.',
    approve: 'Remove them',
    sure: 'Remove 30 entries',
  },
  'zh-CN': {
    create: '添加来源',
    publish: '直接发布',
    test: '测试',
    announces: '来源声明共有 40 条记录。',
    run: '立即采集',
    full: '全量比对',
    done: '完成',
    asks: '将删除 30 条条目。',
    approve: '删除',
    sure: '删除 30 条条目',
  },
}

const recordsOf = (n: number, language: string) =>
  Array.from({ length: n }, (_, i) => ({
    id: `${language}-${String(i).padStart(3, '0')}`,
    title: `Well ${i} of ${language}`,
    notes: 'Depth and level of a public well.',
  }))

/** A browser on a busy machine takes its time (ms). */
vi.setConfig({ testTimeout: 240_000 })

describe.skipIf(noBrowser)('sources', () => {
  let node: TestNode
  let base: string
  let browser: Browser
  let peer: CkanPeer
  beforeAll(async () => {
    peer = await startCkanPeer([])
    node = await startTestNode({ seed: 'demo', harvestAllow: '127.0.0.0/8' })
    base = await node.listen()
    browser = await openBrowser()
  }, 180_000)
  afterAll(async () => {
    await browser?.close()
    await node?.close()
    await peer?.close()
  }, 60_000)

  for (const language of ['en', 'zh-CN'] as const)
    it(`adds, tests and harvests a portal, and asks before it removes much (${language})`, async () => {
      const w = words[language]
      peer.records = recordsOf(40, language)
      const { page, errors } = await openPage(browser, base, { language })
      await signInAs(page, 'data_office_reviewer')
      await page.goto(workPage('sources/new'))
      await page.locator('#source-title').fill(`Wells ${language}`)
      await page.locator('#source-name').fill(`wells-${language}`)
      await page.locator('#source-url').fill(peer.url)
      await page.getByRole('button', { name: w.test, exact: true }).click()
      await soon(() => page.locator('main').textContent()).toContain(w.announces)
      expect(await axeViolations(page)).toEqual([])
      await page.getByLabel(w.publish).check()
      await page.getByRole('button', { name: w.create }).click()
      await page.waitForURL(/\/work\/sources\/[0-9a-f-]{36}/)
      const address = page.url()
      await page.getByRole('button', { name: w.run }).click()
      await page.goto(`${address}?tab=run`)
      await soon(() => page.locator('.tag-stack .tag').first().textContent()).toBe(w.done)
      await soon(() => page.locator('.outcomes').textContent()).toContain('40')

      peer.records = recordsOf(10, language)
      await page.getByRole('button', { name: w.full }).click()
      await soon(() => page.locator('main').textContent()).toContain(w.asks)
      expect(await axeViolations(page)).toEqual([])
      await page.getByRole('button', { name: w.approve, exact: true }).click()
      await page.getByRole('button', { name: w.sure }).click()
      await soon(() => page.locator('.tag-stack .tag').first().textContent()).toBe(w.done)
      await soon(() => page.locator('.outcomes dd').last().textContent()).toBe('30')
      expect(errors).toEqual([])
      await page.context().close()
    })

  it('lists sources, shows an entry where it comes from, and fits a phone; axe finds nothing', async () => {
    for (const [language, width] of [
      ['en', 1440],
      ['zh-CN', 390],
    ] as [Language, number][]) {
      const { page, errors } = await openPage(browser, base, { language, width })
      await signInAs(page, 'data_office_reviewer')
      const list = await page.evaluate(async () => (await fetch('/api/v1/sources')).json())
      const uid = (list as { items: { uid: string }[] }).items[0]?.uid
      const paths = [workPage('sources'), workPage('sources?registry=true'), workPage('sources/new')]
      for (const path of uid
        ? [...paths, ...['run', 'settings', 'history'].map((t) => workPage(`sources/${uid}?tab=${t}`))]
        : paths) {
        await page.goto(path)
        await page.waitForLoadState('networkidle')
        await soon(() => page.locator('main h1').count()).toBe(1)
        expect(await axeViolations(page), path).toEqual([])
        expect(await overflows(page), path).toBe(false)
        if (process.env.CONCORD_PICTURES)
          await page.screenshot({
            path: `${process.env.CONCORD_PICTURES}/${language}-${width}${path.replaceAll(/[^a-z]+/g, '-').slice(0, 40)}.png`,
            fullPage: true,
          })
      }
      expect(errors).toEqual([])
      await page.context().close()
    }
  })
})
