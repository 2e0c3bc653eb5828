import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { demoLogins } from '../../src/seed/index.ts'
import {
  axeViolations,
  type Language,
  noBrowser,
  openBrowser,
  openPage,
  overflows,
  picture,
  signInAs,
  soon,
} from '../support/browser.ts'
import { startTestNode, type TestNode } from '../support/node.ts'

if (noBrowser) console.log(`test/e2e/workbench.test.ts is skipped: ${noBrowser}.`)

/** Places of the workbench by the role that uses them. */
const places: Record<string, string[]> = {
  steward: ['/work', '/work/entries?state=published', '/work/imports', '/work/imports/new', '/work/tokens'],
  security_admin: ['/work', '/work/people'],
  audit_admin: ['/work', '/work/audit'],
}

const words = {
  en: { publish: 'Publish', save: 'Save draft', version: 'Version 2' },
  'zh-CN': { publish: '发布', save: '保存草稿', version: '第 2 版' },
}

const csv = [
  'title,description,update cycle,identifier',
  'Ferry timetable,Departures of all public ferries,monthly,ferry-1',
  'Harbour depth soundings,Depths measured in public harbours,yearly,harbour-1',
  ',A row without a title,monthly,broken-1',
].join('\n')

/** A browser on a busy machine takes its time (ms). */
vi.setConfig({ testTimeout: 240_000 })

describe.skipIf(noBrowser)('workbench', () => {
  let node: TestNode
  let base: string
  let browser: Browser
  beforeAll(async () => {
    node = await startTestNode({ seed: 'demo' })
    base = await node.listen()
    browser = await openBrowser()
  }, 180_000)
  afterAll(async () => {
    await browser?.close()
    await node?.close()
  }, 60_000)

  const open = (language: Language, width?: number) => openPage(browser, base, { language, width })

  it('lets every demo person sign in and out and shows what the role can use', async () => {
    for (const role of new Set(demoLogins.map((one) => one.role))) {
      const { page, errors } = await open('en')
      await signInAs(page, role)
      await soon(() => page.locator('main h1').textContent()).toContain('Good day')
      const offered = await page.locator('.work-nav a').allTextContents()
      expect(offered.includes('Audit'), role).toBe(role === 'audit_admin')
      expect(offered.includes('Entries'), role).toBe(!role.endsWith('_admin'))
      await page.locator('.site-header .menu summary').click()
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.waitForURL(`${base}/`)
      expect(errors).toEqual([])
      await page.context().close()
    }
  })

  it('refuses a wrong password in words', async () => {
    const { page } = await open('zh-CN')
    await page.goto('/sign-in')
    await page.locator('#login').fill('steward')
    await page.locator('#password').fill('not the password')
    await page.locator('main button[type=submit]').click()
    await soon(() => page.locator('[role=alert]').textContent()).toContain('有误')
    await page.context().close()
  })

  it('sends a visitor to the sign-in page and back to where they wanted to go', async () => {
    const { page } = await open('en')
    await page.goto('/work/tokens')
    await page.waitForURL('**/sign-in?next=*')
    await page.locator('#login').fill('steward')
    await page.locator('#password').fill('steward-demo-2026')
    await page.locator('main button[type=submit]').click()
    await page.waitForURL('**/work/tokens')
    await page.context().close()
  })

  for (const language of ['en', 'zh-CN'] as const)
    it(`makes, publishes, changes and compares an entry (${language})`, async () => {
      const { page, errors } = await open(language)
      await signInAs(page, 'steward')
      await page.goto('/work/dataset/new')
      const title = `Bridge inspections ${language}`
      await page.locator('#field-title').fill(title)
      await page.locator('#field-abstract').fill('Every inspection of a public bridge with its finding.')
      await page.locator('#field-updateCycle').selectOption('monthly')
      await page.locator('#field-sharingType').selectOption('not_shared')
      await page.locator('#field-openType').selectOption('not_open')
      await page.getByRole('button', { name: words[language].publish, exact: true }).click()
      // Not shared without a citation of law: the fault stands at its field and in the summary.
      await soon(() => page.locator('#field-refusalBasis').getAttribute('aria-invalid')).toBe('true')
      await page.locator('.fault-list button').first().click()
      await soon(() => page.evaluate(() => document.activeElement?.id)).toBe('field-refusalBasis')
      expect(await axeViolations(page)).toEqual([])
      await page.locator('#field-sharingType').selectOption('unconditional')
      await pasteItems(page)
      await page.getByRole('button', { name: words[language].publish, exact: true }).click()
      await page.waitForURL((url) => /^\/dataset\//.test(url.pathname))
      await soon(() => page.locator('h1').textContent()).toBe(title)
      await soon(() => page.locator('.item-table tbody tr').count()).toBe(2)
      await page.locator('.entry-title a').click()
      await page.waitForURL('**/work/dataset/*')
      await page.locator('#field-title').fill(`${title}, revised`)
      await page.locator('.editor-bar input').fill('A clearer title')
      await page.getByRole('button', { name: words[language].publish, exact: true }).click()
      await page.waitForURL((url) => !url.pathname.startsWith('/work'))
      await page.goto(`${page.url().split('?')[0]}?tab=versions`)
      await soon(() => page.locator('.change ins').first().textContent()).toContain('revised')
      expect(await axeViolations(page)).toEqual([])
      await picture(page, `versions-${language}`)
      expect(errors).toEqual([])
      await page.context().close()
    })

  it('shows who saved in the meantime and loses nothing', async () => {
    const one = await open('en')
    const two = await open('en')
    await signInAs(one.page, 'steward')
    await signInAs(two.page, 'department_reviewer')
    const made = await draft(node)
    for (const { page } of [one, two]) await page.goto(`/work/dataset/${made}`)
    await one.page.locator('#field-title').fill('Changed by the steward')
    await two.page.locator('#field-title').fill('Changed by the reviewer')
    await one.page.getByRole('button', { name: words.en.save }).click()
    await soon(() => one.page.locator('.editor-bar [role=status]').textContent()).toBe('All saved')
    await two.page.getByRole('button', { name: words.en.save }).click()
    const dialog = two.page.locator('dialog[open]')
    await soon(() => dialog.textContent()).toContain('Changed by the steward')
    expect(await axeViolations(two.page)).toEqual([])
    await dialog.getByRole('button', { name: 'Save mine over it' }).click()
    await soon(() => two.page.locator('.editor-bar [role=status]').textContent()).toBe('All saved')
    expect([...one.errors, ...two.errors]).toEqual([])
    for (const { page } of [one, two]) await page.context().close()
  })

  it('keeps unsaved work on the device for its person only, and can undo', async () => {
    const { page } = await open('en')
    const kept = () => page.evaluate(() => JSON.stringify({ ...localStorage }))
    await signInAs(page, 'steward')
    await page.goto('/work/dataset/new')
    await page.locator('#field-title').fill('Half written')
    await soon(kept).toContain('Half written')
    page.on('dialog', (dialog) => void dialog.accept())
    await page.reload()
    await soon(() => page.locator('#field-title').inputValue()).toBe('Half written')
    await page.locator('#field-title').fill('Gone wrong')
    await page.getByRole('button', { name: 'Undo' }).click()
    expect(await page.locator('#field-title').inputValue()).toBe('Half written')
    await page.locator('.site-header .menu summary').click()
    await page.getByRole('button', { name: 'Sign out' }).click()
    // Going would delete the work: the page says so first.
    await soon(() => page.locator('dialog[open]').textContent()).toContain('unsaved work')
    expect(await axeViolations(page)).toEqual([])
    await page.getByRole('button', { name: 'Delete it and sign out' }).click()
    await page.waitForURL(`${base}/`)
    expect(await kept()).not.toContain('Half written')
    await signInAs(page, 'data_office_reviewer')
    await page.goto('/work/dataset/new')
    await soon(() => page.locator('#field-title').inputValue()).toBe('')
    await page.context().close()
  })

  it('makes one entry although publishing it failed the first time', async () => {
    const { page } = await open('en')
    await signInAs(page, 'steward')
    await page.goto('/work/dataset/new')
    const title = 'Tide gauges of the coast'
    await page.locator('#field-title').fill(title)
    await page.locator('#field-abstract').fill('Readings of every public tide gauge.')
    await page.locator('#field-updateCycle').selectOption('daily')
    await page.locator('#field-sharingType').selectOption('unconditional')
    await page.locator('#field-openType').selectOption('unconditional')
    // First the answer of making it is lost, then publishing meets a fault of the server.
    await page.route(
      '**/api/v1/datasets',
      async (route) => {
        await route.fetch()
        await route.abort()
      },
      { times: 1 },
    )
    await page.route('**/publish', (route) => route.fulfill({ status: 503, json: { code: 'unavailable' } }), {
      times: 1,
    })
    const publish = page.getByRole('button', { name: words.en.publish, exact: true })
    await publish.click()
    await soon(() => page.locator('[role=alert]').textContent()).toContain('No connection')
    await publish.click()
    await soon(() => page.locator('main').textContent()).toContain('saved as a draft')
    await publish.click()
    await page.waitForURL((url) => /^\/dataset\//.test(url.pathname))
    const found = await node.app.inject({
      url: `/api/v1/datasets?q=${encodeURIComponent(title)}`,
      headers: await node.headersFor('steward'),
    })
    expect((found.json() as { items: unknown[] }).items).toHaveLength(1)
    await page.context().close()
  })

  it('imports a file: preview, mapping, outcome of each record, report', async () => {
    const { page, errors } = await open('en')
    await signInAs(page, 'steward')
    await page.goto('/work/imports/new')
    await page.locator('input[type=file]').setInputFiles({
      name: 'lists.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(csv),
    })
    await page.waitForURL(/imports\/[0-9a-f-]{36}/)
    await soon(() => page.locator('.preview-list').textContent()).toContain('Ferry timetable')
    await page.getByLabel('Body that provides the data').selectOption({ index: 1 })
    await page.getByLabel('Add a field').first().selectOption('sharingType')
    await page.getByLabel('Sharing type: Value if empty').fill('unconditional')
    await page.getByLabel('Add a field').first().selectOption('openType')
    await page.getByLabel('Open type: Value if empty').fill('unconditional')
    expect(await axeViolations(page)).toEqual([])
    await picture(page, 'import')
    await page.getByLabel('Body that provides the data').selectOption({ value: '' })
    await page.getByRole('button', { name: 'Start the import' }).click()
    await soon(() => page.locator('.outcomes').textContent()).toContain('Rejected1')
    await soon(() => page.locator('.work-table').textContent()).toContain('Ferry timetable')
    expect(await axeViolations(page)).toEqual([])
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Report as CSV' }).click(),
    ])
    expect(download.suggestedFilename()).toMatch(/\.csv$/)
    expect(errors).toEqual([])
    await page.context().close()
  })

  it('makes a token, shows it once, revokes it', async () => {
    const { page } = await open('en')
    await signInAs(page, 'steward')
    await page.goto('/work/tokens')
    await page.getByLabel('Name').fill('nightly report')
    await page.getByRole('button', { name: 'Make the token' }).click()
    await soon(() => page.locator('.secret code').count()).toBe(1)
    expect(await axeViolations(page)).toEqual([])
    await page.reload()
    await soon(() => page.locator('.work-table').textContent()).toContain('nightly report')
    expect(await page.locator('.secret code').count()).toBe(0)
    await page.getByRole('button', { name: /^Revoke/ }).click()
    await soon(() => page.locator('.work-table').textContent()).toContain('Revoked')
    await page.context().close()
  })

  it('gives a role and takes it back', async () => {
    const { page } = await open('en')
    await signInAs(page, 'security_admin')
    await page.goto('/work/people')
    await page.getByLabel('Name or login').fill('viewer')
    // Two answer: a reviewer is a viewer to a search by part of a name.
    await soon(() => page.getByRole('button', { name: /^Roles/ }).count()).toBe(2)
    await page
      .getByRole('row')
      .filter({ has: page.getByText('viewer', { exact: true }) })
      .getByRole('button', { name: /^Roles/ })
      .click()
    const box = page.getByLabel('Steward', { exact: true })
    await box.check()
    await soon(() => page.locator('dialog[open] [role=status]').textContent()).toContain('Role given')
    expect(await axeViolations(page)).toEqual([])
    await box.uncheck()
    await soon(() => box.isChecked()).toBe(false)
    await page.context().close()
  })

  it('verifies the audit chain', async () => {
    const { page } = await open('en')
    await signInAs(page, 'audit_admin')
    await page.goto('/work/audit')
    await page.getByRole('button', { name: 'Verify the chain' }).click()
    await soon(() => page.locator('main').textContent()).toContain('The record is whole')
    expect(await axeViolations(page)).toEqual([])
    await page.context().close()
  })

  for (const [role, paths] of Object.entries(places))
    it(`has no accessibility fault and no overflow on the pages of ${role}`, async () => {
      for (const [language, theme, width] of [
        ['en', 'light', 1440],
        ['zh-CN', 'dark', 390],
      ] as const) {
        const { page, errors } = await openPage(browser, base, { language, theme, width })
        await signInAs(page, role)
        for (const path of paths) {
          await page.goto(path, { waitUntil: 'networkidle' })
          expect(await axeViolations(page), `${path} ${language} ${theme} ${width}`).toEqual([])
          expect(await overflows(page), `${path} at ${width}`).toBe(false)
        }
        expect(errors).toEqual([])
        await page.context().close()
      }
    })
})

/** Two items as they come from a spreadsheet: name, description, type, length. */
async function pasteItems(page: Page): Promise<void> {
  await page.locator('#section-items .toolbar button').click()
  await page.locator('#field-items-0-name').focus()
  await page.evaluate(() => {
    const data = new DataTransfer()
    data.setData(
      'text/plain',
      'Bridge number\tNumber in the register\tText\t20\nFinding\tIn words\t备注型\t500',
    )
    document.activeElement?.dispatchEvent(
      new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
    )
  })
  await soon(() => page.locator('#field-items-1-dataType').inputValue()).toBe('memo')
}

/** A draft of the steward's own body. */
async function draft(node: TestNode): Promise<string> {
  const headers = await node.headersFor('steward')
  const answer = await node.app.inject({
    method: 'POST',
    url: '/api/v1/datasets',
    headers,
    payload: {
      content: {
        title: 'Two people at once',
        language: 'en',
        sharingType: 'unconditional',
        openType: 'unconditional',
        updateCycle: 'yearly',
      },
    },
  })
  if (answer.statusCode !== 201) throw new Error(answer.body)
  return (answer.json() as { uid: string }).uid
}
