import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { notify } from '../../src/notice/index.ts'
import { sql } from '../../src/platform/postgres.ts'
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
import { startTestNode, type TestNode } from '../support/node.ts'

if (noBrowser) console.log(`test/e2e/notices.test.ts is skipped: ${noBrowser}.`)

/** A browser on a busy machine takes its time (ms). */
vi.setConfig({ testTimeout: 240_000 })

const words = {
  en: {
    bell: '3 unread notices',
    none: 'No unread notices',
    title: 'Import finished: wells-0.csv',
    markAll: 'Mark all as read',
    marked: '2 notices marked as read.',
    undo: 'Undo',
    empty: 'Nothing unread',
    save: 'Save',
    saved: 'Saved.',
    never: 'Not by e-mail',
  },
  'zh-CN': {
    bell: '3 条未读通知',
    none: '没有未读通知',
    title: '导入完成：wells-0.csv',
    markAll: '全部标为已读',
    marked: '已将 2 条通知标为已读。',
    undo: '撤销',
    empty: '没有未读通知',
    save: '保存',
    saved: '已保存。',
    never: '不发送邮件',
  },
} as const

describe.skipIf(noBrowser)('notices', () => {
  let node: TestNode
  let base: string
  let browser: Browser
  let steward: number
  beforeAll(async () => {
    node = await startTestNode({ seed: 'demo' })
    base = await node.listen()
    browser = await openBrowser()
    const { rows } = await sql<{ id: number }>`
      select id from security.person where login = 'steward'`.execute(node.db)
    steward = rows[0]!.id
  }, 180_000)
  afterAll(async () => {
    await browser?.close()
    await node?.close()
  }, 60_000)

  const tell = (numbers: number[]) =>
    notify(
      node.db,
      numbers.map((i) => ({
        to: [steward],
        kind: 'import.done' as const,
        params: { file: `wells-${i}.csv`, added: 12, changed: 0, rejected: 1, unchanged: 3 },
        link: workPage('imports?from=notice'),
        objectKind: 'import',
        objectId: String(i),
      })),
    )
  const forget = () => sql`truncate notice.notice, notice.mail, notice.setting`.execute(node.db)
  const bell = (page: Page) => page.locator('.site-header .bell')

  for (const language of ['en', 'zh-CN'] as const satisfies Language[])
    it(`are counted on the bell, read, marked and taken back (${language})`, async () => {
      await forget()
      const text = words[language]
      const { page, errors } = await openPage(browser, base, { language })
      await signInAs(page, 'steward')
      await soon(() => bell(page).getAttribute('aria-label')).toBe(text.none)
      await tell([0, 1, 2])
      // The page asks when somebody looks at it again.
      await page.reload({ waitUntil: 'networkidle' })
      await soon(() => bell(page).getAttribute('aria-label')).toBe(text.bell)
      await bell(page).click()
      await page.waitForURL(`**${workPage('notices')}`)
      await soon(() => page.locator('.notice-row').count()).toBe(3)
      await page.locator('.notice-row a').last().click()
      await page.waitForURL(`**${workPage('imports?from=notice')}`)
      await soon(() => bell(page).textContent()).toBe('2')
      await page.goBack()
      await soon(() => page.locator('.notice-row').count()).toBe(2)
      await page.getByRole('button', { name: text.markAll }).click()
      await soon(() => page.locator('.toast').textContent()).toContain(text.marked)
      await soon(() => page.locator('.work-main .empty h2').textContent()).toBe(text.empty)
      await soon(() => bell(page).getAttribute('aria-label')).toBe(text.none)
      await page.locator('.toast').getByRole('button', { name: text.undo }).click()
      await soon(() => page.locator('.notice-row').count()).toBe(2)
      await page.locator('.tabs a').nth(1).click()
      await soon(() => page.locator('.notice-row').count()).toBe(3)
      expect(await page.locator('.notice-row a').last().textContent()).toBe(text.title)
      await page.locator('.tabs a').nth(2).click()
      await page.getByRole('radio', { name: text.never }).check()
      await page.getByRole('button', { name: text.save, exact: true }).click()
      await soon(() => page.locator('.toasts').textContent()).toContain(text.saved)
      const { rows } = await sql<{ mail: string }>`select mail from notice.setting`.execute(node.db)
      expect(rows).toEqual([{ mail: 'never' }])
      expect(errors).toEqual([])
      await page.context().close()
    })

  it('have no accessibility fault and no overflow, full or empty', async () => {
    for (const [language, theme, width, counts] of [
      ['en', 'light', 1440, [0, 105]],
      ['zh-CN', 'dark', 1440, [105]],
      ['zh-CN', 'dark', 390, [0, 105]],
    ] as const) {
      await forget()
      const { page, errors } = await openPage(browser, base, { language, theme, width })
      await signInAs(page, 'steward')
      for (const count of counts) {
        await tell(Array.from({ length: count }, (_, i) => i))
        for (const path of [
          workPage('notices'),
          workPage('notices?show=all'),
          workPage('notices?show=mail'),
        ]) {
          await page.goto(path, { waitUntil: 'networkidle' })
          expect(await axeViolations(page), `${path} ${language} ${theme} ${width} ${count}`).toEqual([])
          expect(await overflows(page), `${path} at ${width}`).toBe(false)
        }
      }
      await soon(() => bell(page).textContent()).toBe('99+')
      expect(errors).toEqual([])
      await page.context().close()
    }
  })

  it('ask no more once nobody is signed in', async () => {
    await forget()
    const { page } = await openPage(browser, base, { language: 'en' })
    await page.clock.install()
    await signInAs(page, 'steward')
    await page.goto(workPage('notices'), { waitUntil: 'networkidle' })
    let asked = 0
    page.on('response', (answer) => {
      if (answer.url().endsWith('/notices/unread')) asked++
    })
    await page.clock.runFor(61_000)
    await soon(() => asked).toBe(1)
    await sql`delete from security.session`.execute(node.db)
    await page.clock.runFor(61_000)
    await soon(() => asked).toBe(2)
    await page.clock.runFor(300_000)
    await page.waitForTimeout(300)
    expect(asked).toBe(2)
    await page.context().close()
  })
})
