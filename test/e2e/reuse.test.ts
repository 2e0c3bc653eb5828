import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { loadProfile } from '../../src/platform/profile.ts'
import { workPage } from '../../src/platform/work-page.ts'
import { buildReport } from '../../src/reuse/index.ts'
import { demoLogins } from '../../src/seed/index.ts'
import {
  axeViolations,
  type Language,
  noBrowser,
  openBrowser,
  openPage,
  overflows,
  signIn,
  signInAs,
  soon,
} from '../support/browser.ts'
import { startTestNode, type TestNode } from '../support/node.ts'

if (noBrowser) console.log(`test/e2e/reuse.test.ts is skipped: ${noBrowser}.`)

const words = {
  en: {
    name: 'date of birth',
    synonym: 'birthday',
    held: 'this',
    use: 'Reuse this source',
    reused: 'Taken from its source',
    why: 'Why is it collected again?',
    collect: 'Collect it anyway',
    collected: 'Collected anyway',
    add: 'Add an item',
    save: 'Save draft',
    undecided: 'others hold already',
    duplicates: 'Duplicate items',
    asOf: 'As of',
    run: 'Make it now',
  },
  'zh-CN': {
    name: '出生日期',
    synonym: '出生年月日',
    held: '个部门采集此项',
    use: '复用该数源',
    reused: '取自数源',
    why: '为何另行采集？',
    collect: '仍要采集',
    collected: '另行采集',
    add: '添加信息项',
    save: '保存草稿',
    undecided: '已有其他部门采集',
    duplicates: '重复信息项',
    asOf: '截至',
    run: '立即生成',
  },
} satisfies Record<Language, Record<string, string>>

/** A browser on a busy machine takes its time (ms). */
vi.setConfig({ testTimeout: 240_000 })

describe.skipIf(noBrowser)('collect once, in the workbench', () => {
  let node: TestNode
  let base: string
  let browser: Browser
  beforeAll(async () => {
    node = await startTestNode({ seed: 'demo' })
    await buildReport(node.db, loadProfile('neutral'))
    base = await node.listen()
    browser = await openBrowser()
  }, 180_000)
  afterAll(async () => {
    await browser?.close()
    await node?.close()
  }, 60_000)

  const open = (language: Language, width?: number) => openPage(browser, base, { language, width })
  const hints = (page: Page) => page.locator('.reuse-hint')
  const shoot = async (page: Page, name: string) => {
    const folder = process.env.CONCORD_SHOTS
    if (folder) await page.screenshot({ path: `${folder}/${name}.png` })
  }

  for (const language of ['en', 'zh-CN'] as const)
    it(`says at an item who holds it, and keeps what is decided (${language})`, async () => {
      const w = words[language]
      const { page, errors } = await open(language)
      await signIn(page, demoLogins.find((one) => one.login === 'steward2')!)
      await page.goto(workPage('dataset/new'))
      await page.locator('#field-title').fill(`Lighthouse keepers ${language}`)
      await page
        .locator('#field-abstract')
        .fill('Everybody who keeps a lighthouse, with date and place of birth.')
      await page.locator('#field-updateCycle').selectOption('monthly')
      await page.locator('#field-sharingType').selectOption('unconditional')
      await page.locator('#field-openType').selectOption('not_open')
      for (const [i, name] of [
        w.name,
        language === 'en' ? 'weight of the goat 77' : '山羊七七体重',
        language === 'en' ? 'phone number' : '电话号码',
      ].entries()) {
        await page.getByRole('button', { name: w.add }).click()
        await page.locator(`#field-items-${i}-name`).fill(name)
      }
      await soon(() => hints(page).count()).toBe(2)
      await soon(() => hints(page).first().textContent()).toContain(w.held)
      expect(await axeViolations(page)).toEqual([])
      await shoot(page, `editor-${language}`)

      // The first from its source: the item names it from then on.
      await hints(page).first().click()
      await page.locator('dialog[open] .reuse-match').first().waitFor()
      expect(await axeViolations(page)).toEqual([])
      await shoot(page, `panel-${language}`)
      await page.locator('dialog[open]').getByRole('button', { name: w.use }).click()
      await soon(() => hints(page).first().textContent()).toBe(w.reused)
      await soon(() => page.locator('#field-items-0-body').inputValue()).not.toBe('')

      // What is decided before the first save is kept with the entry once it is there.
      await hints(page).last().click()
      const dialog = page.locator('dialog[open]')
      expect(await dialog.getByRole('button', { name: w.collect }).isDisabled()).toBe(true)
      await dialog.getByLabel(w.why).fill('Theirs is a year old.')
      await dialog.getByRole('button', { name: w.collect }).click()
      await soon(() => hints(page).last().textContent()).toBe(w.collected)
      const sent = page.waitForResponse((r) => r.request().method() === 'PUT' && r.url().endsWith('/reuse'))
      await page.getByRole('button', { name: w.save }).click()
      await page.waitForURL(`**${workPage('dataset/*-*')}`)
      expect((await sent).status()).toBe(204)
      await page.reload()
      await soon(() => hints(page).last().textContent()).toBe(w.collected)
      expect(await page.locator('.reuse-undecided').count()).toBe(0)
      const uid = page.url().split('/').at(-1)!
      const kept = await node.app.inject({
        url: `/api/v1/datasets/${uid}/reuse`,
        headers: await node.headersFor('data_office_reviewer'),
      })
      expect(
        kept
          .json()
          .decisions.map((d: { decision: string }) => d.decision)
          .sort(),
      ).toEqual(['collect', 'reuse'])

      // An undecided one is listed beside the form, and leads to its row.
      await page.getByRole('button', { name: w.add }).click()
      await page.locator('#field-items-3-name').fill(language === 'en' ? 'sex' : '性别')
      await page.getByRole('button', { name: w.save }).click()
      await soon(() => page.locator('.reuse-undecided').textContent()).toContain(w.undecided)
      await page.locator('.reuse-undecided button').click()
      await soon(() => page.evaluate(() => document.activeElement?.id)).toBe('field-items-3-name')
      expect(await axeViolations(page)).toEqual([])
      expect(errors).toEqual([])
      await page.context().close()
    })

  it('tells the source that it is the source', async () => {
    const { page } = await open('en')
    await signInAs(page, 'steward')
    await page.goto(workPage('dataset/new'))
    await page.getByRole('button', { name: words.en.add }).click()
    await page.locator('#field-items-0-name').fill(words.en.name)
    await soon(() => hints(page).first().textContent()).toContain('your body is its source')
    await hints(page).first().click()
    await page.locator('dialog[open] .reuse-source').waitFor()
    expect(await page.locator('dialog[open] .reuse-collect').count()).toBe(0)
    await page.context().close()
  })

  for (const language of ['en', 'zh-CN'] as const)
    it(`shows every duplicate with its source, and who holds it (${language})`, async () => {
      const w = words[language]
      for (const width of [1440, 390]) {
        const { page, errors } = await open(language, width)
        await signInAs(page, 'data_office_reviewer')
        await page.goto(workPage('duplicates'))
        await soon(() => page.locator('main h1').textContent()).toBe(w.duplicates)
        await soon(() => page.locator('.data-table tbody tr').count()).toBeGreaterThan(10)
        expect(await page.locator('main').textContent()).toContain(w.asOf)
        expect(await overflows(page)).toBe(false)
        expect(await axeViolations(page)).toEqual([])
        await shoot(page, `duplicates-${language}-${width}`)
        await page.locator('main input.field').first().fill(w.synonym)
        await soon(() => page.locator('.data-table tbody tr').count()).toBeLessThan(10)
        await page.locator('.data-table tbody button').first().click()
        await soon(() => page.locator('dialog[open] .reuse-holders li').count()).toBeGreaterThan(1)
        expect(await axeViolations(page)).toEqual([])
        await shoot(page, `bodies-${language}-${width}`)
        expect(errors).toEqual([])
        await page.context().close()
      }
    })

  it('has a new report made, and shows it when it is there', async () => {
    const { page } = await open('en')
    await signInAs(page, 'data_office_reviewer')
    await page.goto(workPage('duplicates'))
    const headers = await node.headersFor('steward')
    const asOf = async (): Promise<string> =>
      (await node.app.inject({ url: '/api/v1/reuse/duplicates?limit=1', headers })).json().report.asOf
    const before = await asOf()
    await page.getByRole('button', { name: words.en.run }).click()
    await soon(async () => (await asOf()) > before).toBe(true)
    await page.context().close()
  })
})
