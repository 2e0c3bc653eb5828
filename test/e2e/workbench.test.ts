import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { workPage } from '../../src/platform/work-page.ts'
import { demoLogins } from '../../src/seed/index.ts'
import {
  assess,
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

if (noBrowser) console.log(`test/e2e/workbench.test.ts is skipped: ${noBrowser}.`)

/** Places of the workbench by the role that uses them. */
const places: Record<string, string[]> = {
  steward: [
    '/work',
    workPage('entries?state=published'),
    workPage('duplicates'),
    workPage('reviews?state=open'),
    workPage('overdue'),
    workPage('imports'),
    workPage('imports/new'),
    workPage('tokens'),
  ],
  department_reviewer: ['/work', workPage('reviews')],
  security_admin: ['/work', workPage('people')],
  audit_admin: ['/work', workPage('audit')],
}

const words = {
  en: {
    submit: 'Submit for review',
    save: 'Save draft',
    hello: 'Good day',
    audit: 'Audit',
    entries: 'Entries',
    signOut: 'Sign out',
    providing: 'Body that provides the data',
    addField: 'Add a field',
    sharing: 'Sharing type',
    open: 'Open type',
    otherwise: 'Value if empty',
    start: 'Start the import',
    rejected: 'Rejected1',
    report: 'Report as CSV',
    missing: 'Fill in',
    submitAll: 'Submit all for review',
    notReady: 'Not ready: 2',
    noGrade: 'no grade',
    send: 'Submit',
    drafts: 'You import drafts',
  },
  'zh-CN': {
    submit: '提交审核',
    save: '保存草稿',
    hello: '您好',
    audit: '审计',
    entries: '目录条目',
    signOut: '退出登录',
    providing: '数据提供部门',
    addField: '添加字段',
    sharing: '共享类型',
    open: '开放类型',
    otherwise: '为空时的值',
    start: '开始导入',
    rejected: '拒绝1',
    report: '下载报告 CSV',
    missing: '请填写',
    submitAll: '全部提交审核',
    notReady: '未就绪 2 条',
    noGrade: '未定级',
    send: '提交',
    drafts: '您导入的是草稿',
  },
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
  /** Address of an import that has ended. */
  let finishedRun = ''
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

  for (const language of ['en', 'zh-CN'] as const)
    it(`lets every demo person sign in and out and shows what the role can use (${language})`, async () => {
      const { hello, audit, entries, signOut } = words[language]
      for (const person of demoLogins) {
        const { page, errors } = await open(language)
        await signIn(page, person)
        await soon(() => page.locator('main h1').textContent()).toContain(hello)
        const offered = await page.locator('.work-nav a').allTextContents()
        expect(offered.includes(audit), person.login).toBe(person.role === 'audit_admin')
        expect(offered.includes(entries), person.login).toBe(!person.role.endsWith('_admin'))
        // Whatever is offered opens: no page of a role is a dead end.
        for (const link of await page.locator('.work-nav a').all()) {
          await link.click()
          await page.waitForLoadState('networkidle')
          expect(await page.locator('main [role=alert]').count(), `${person.login} ${page.url()}`).toBe(0)
        }
        await page.locator('.site-header .menu summary').click()
        await page.getByRole('button', { name: signOut }).click()
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
    await page.goto(workPage('tokens'))
    await page.waitForURL('**/sign-in?next=*')
    await page.locator('#login').fill('steward')
    await page.locator('#password').fill('steward-demo-2026')
    await page.locator('main button[type=submit]').click()
    await page.waitForURL(`**${workPage('tokens')}`)
    await page.context().close()
  })

  for (const language of ['en', 'zh-CN'] as const)
    it(`names every fault at its field when an entry is submitted (${language})`, async () => {
      const { page, errors } = await open(language)
      await signInAs(page, 'steward')
      await page.goto(workPage('dataset/new'))
      await page.locator('#field-title').fill(`Bridge inspections ${language}`)
      await page.locator('#field-updateCycle').selectOption('monthly')
      await page.locator('#field-sharingType').selectOption('not_shared')
      await page.locator('#field-openType').selectOption('not_open')
      await page.getByRole('button', { name: words[language].submit, exact: true }).click()
      // Not shared without a citation of law: the fault stands at its field and in the summary.
      await soon(() => page.locator('#field-refusalBasis').getAttribute('aria-invalid')).toBe('true')
      await page.locator('.fault-list button').first().click()
      await soon(() => page.evaluate(() => document.activeElement?.id)).toBe('field-refusalBasis')
      await pasteItems(page)
      expect(await axeViolations(page)).toEqual([])
      expect(errors).toEqual([])
      await page.context().close()
    })

  it('shows who saved in the meantime and loses nothing', async () => {
    const one = await open('en')
    const two = await open('en')
    await signInAs(one.page, 'steward')
    await signInAs(two.page, 'department_reviewer')
    const made = await draft(node)
    for (const { page } of [one, two]) await page.goto(workPage(`dataset/${made}`))
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
    await page.goto(workPage('dataset/new'))
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
    await page.goto(workPage('dataset/new'))
    await soon(() => page.locator('#field-title').inputValue()).toBe('')
    await page.context().close()
  })

  it('makes one entry although submitting it failed the first time', async () => {
    const { page } = await open('en')
    await signInAs(page, 'steward')
    await page.goto(workPage('dataset/new'))
    const title = 'Tide gauges of the coast'
    await page.locator('#field-title').fill(title)
    await page.locator('#field-abstract').fill('Readings of every public tide gauge.')
    await page.locator('#field-updateCycle').selectOption('daily')
    await page.locator('#field-sharingType').selectOption('unconditional')
    await page.locator('#field-openType').selectOption('unconditional')
    await page.locator('#field-grade').selectOption('general_1')
    // First the answer of making it is lost, then submitting meets a fault of the server.
    await page.route(
      '**/api/v1/datasets',
      async (route) => {
        await route.fetch()
        await route.abort()
      },
      { times: 1 },
    )
    await page.route('**/submit', (route) => route.fulfill({ status: 503, json: { code: 'unavailable' } }), {
      times: 1,
    })
    const submit = page.getByRole('button', { name: words.en.submit, exact: true })
    await submit.click()
    await soon(() => page.locator('[role=alert]').textContent()).toContain('No connection')
    await submit.click()
    await assess(page)
    const send = page.locator('dialog[open] button[type=submit]')
    await send.click()
    await soon(() => page.locator('dialog[open] [role=alert]').count()).toBe(1)
    expect(await page.locator('main').textContent()).toContain('saved as a draft')
    await send.click()
    await page.waitForURL(`**${workPage('reviews/*')}`)
    const found = await node.app.inject({
      url: `/api/v1/datasets?drafts=true&q=${encodeURIComponent(title)}`,
      headers: await node.headersFor('steward'),
    })
    expect((found.json() as { items: unknown[] }).items).toHaveLength(1)
    await page.context().close()
  })

  for (const language of ['en', 'zh-CN'] as const)
    it(`imports a file: preview, mapping, outcome of each record, report (${language})`, async () => {
      const { page, errors } = await open(language)
      const say = words[language]
      await signInAs(page, 'steward')
      await page.goto(workPage('imports/new'))
      await page.locator('input[type=file]').setInputFiles({
        name: `lists-${language}.csv`,
        mimeType: 'text/csv',
        buffer: Buffer.from(csv.replaceAll('-1', `-${language}`)),
      })
      await page.waitForURL(/imports\/[0-9a-f-]{36}/)
      await soon(() => page.locator('.preview-list').textContent()).toContain('Ferry timetable')
      expect(await page.locator('main').textContent()).toContain(say.drafts)
      await page.getByLabel(say.providing).selectOption({ index: 1 })
      await page.getByLabel(say.addField).first().selectOption('sharingType')
      await page.getByLabel(`${say.sharing}: ${say.otherwise}`).fill('unconditional')
      await page.getByLabel(say.addField).first().selectOption('openType')
      await page.getByLabel(`${say.open}: ${say.otherwise}`).fill('unconditional')
      expect(await axeViolations(page)).toEqual([])
      expect(await overflows(page)).toBe(false)
      await page.getByLabel(say.providing).selectOption({ value: '' })
      await page.getByRole('button', { name: say.start }).click()
      await soon(() => page.locator('.outcomes').textContent()).toContain(say.rejected)
      await soon(() => page.locator('.work-table').textContent()).toContain('Ferry timetable')
      // A steward's import is drafts; all of them are submitted at once, and those without a grade are named.
      await page.getByRole('button', { name: say.submitAll }).click()
      await assess(page)
      await page.locator('dialog[open]').getByRole('button', { name: say.send, exact: true }).click()
      await soon(() => page.locator('main').textContent()).toContain(say.notReady)
      expect(await page.locator('main').textContent()).toContain(say.noGrade)
      // The reason of the rejected record is in the language of the page.
      expect(await page.locator('.work-table .fault-lines').allTextContents()).toEqual(
        expect.arrayContaining([expect.stringContaining(say.missing)]),
      )
      expect(await axeViolations(page)).toEqual([])
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: say.report }).click(),
      ])
      expect(download.suggestedFilename()).toMatch(/\.csv$/)
      finishedRun = new URL(page.url()).pathname
      expect(errors).toEqual([])
      await page.context().close()
    })

  it('makes a token, shows it once, revokes it', async () => {
    const { page } = await open('en')
    await signInAs(page, 'steward')
    await page.goto(workPage('tokens'))
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
    await page.goto(workPage('people'))
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
    await page.goto(workPage('audit'))
    await page.getByRole('button', { name: 'Verify the chain' }).click()
    await soon(() => page.locator('main').textContent()).toContain('The record is whole')
    expect(await axeViolations(page)).toEqual([])
    await page.context().close()
  })

  for (const [role, paths] of Object.entries(places))
    it(`has no accessibility fault and no overflow on the pages of ${role}`, async () => {
      const more =
        role === 'steward'
          ? [workPage('dataset/new'), workPage(`dataset/${await draft(node)}`), finishedRun]
          : []
      for (const [language, theme, width] of [
        ['en', 'light', 1440],
        ['zh-CN', 'dark', 1440],
        ['zh-CN', 'dark', 390],
      ] as const) {
        const { page, errors } = await openPage(browser, base, { language, theme, width })
        await signInAs(page, role)
        for (const path of [...paths, ...more]) {
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
