import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { workPage } from '../../src/platform/work-page.ts'
import { watchClocks } from '../../src/review/clock-watch.ts'
import { getPerson, grantRole, systemActor } from '../../src/security/index.ts'
import {
  assess,
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

if (noBrowser) console.log(`test/e2e/review.test.ts is skipped: ${noBrowser}.`)

const words = {
  en: {
    submit: 'Submit for review',
    noGrade: 'no grade',
    waits: 'Department review',
    centre: 'Data-office review',
    returned: 'Returned',
    approved: 'Approved',
    agree: 'Agree',
    return: 'Return',
    overdue: 'Overdue',
    written: 'You wrote on this draft',
    agreedBy: 'Agreed:',
    text: 'Ships and their owners, as registered.',
  },
  'zh-CN': {
    submit: '提交审核',
    noGrade: '未定级',
    waits: '部门审核中',
    centre: '主管部门审核中',
    returned: '已退回',
    approved: '已通过',
    agree: '同意',
    return: '退回',
    overdue: '已逾期',
    written: '该草稿由您编写',
    agreedBy: '同意：',
    text: '已登记的船舶及其所有人。',
  },
}

/** A browser on a busy machine takes its time (ms). */
vi.setConfig({ testTimeout: 240_000 })

describe.skipIf(noBrowser)('review', () => {
  let node: TestNode
  let base: string
  let browser: Browser
  /** A Wednesday; the demo's reviews are counted back from it. */
  let now = new Date('2026-06-10T09:00:00Z')
  beforeAll(async () => {
    node = await startTestNode({ seed: 'small', now: () => now })
    base = await node.listen()
    browser = await openBrowser()
  }, 180_000)
  afterAll(async () => {
    await browser?.close()
    await node?.close()
  }, 60_000)

  /** A page of its own for each person, closed with its errors looked at. */
  async function as(language: Language, role: string, work: (page: Page) => Promise<void>, width?: number) {
    const { page, errors } = await openPage(browser, base, { language, width })
    await signInAs(page, role)
    await work(page)
    expect(errors).toEqual([])
    await page.context().close()
  }
  const state = (page: Page) => soon(() => page.locator('.work-head .tag').first().textContent())
  /** Decides on the page that is open, with a word where one is given. */
  async function decide(page: Page, button: string, opinion = '') {
    await page.locator('.work-head').getByRole('button', { name: button, exact: true }).click()
    await page.locator('#opinion').fill(opinion)
    await page.locator('dialog[open] button[type=submit]').click()
    await soon(() => page.locator('dialog[open]').count()).toBe(0)
  }

  for (const language of ['en', 'zh-CN'] as const)
    it(`compile, return, correct, agree twice: published and found (${language})`, async () => {
      const say = words[language]
      const title = language === 'en' ? 'Ship registrations' : '船舶登记信息汇总'
      let review = ''
      let uid = ''
      await as(language, 'steward', async (page) => {
        await page.goto(workPage('dataset/new'))
        await page.locator('#field-title').fill(title)
        await page.locator('#field-abstract').fill('Ships.')
        await page.locator('#field-updateCycle').selectOption('monthly')
        await page.locator('#field-sharingType').selectOption('unconditional')
        await page.locator('#field-openType').selectOption('unconditional')
        const submit = page.getByRole('button', { name: say.submit, exact: true })
        await submit.click()
        await assess(page)
        expect(await axeViolations(page)).toEqual([])
        await page.locator('dialog[open] button[type=submit]').click()
        // The gate that is not passed is named at its field.
        await soon(() => page.locator('#field-grade').getAttribute('aria-invalid')).toBe('true')
        expect(await page.locator('main').textContent()).toContain(say.noGrade)
        await page.locator('#field-grade').selectOption('general_1')
        await submit.click()
        await assess(page)
        await page.locator('dialog[open] button[type=submit]').click()
        await page.waitForURL(`**${workPage('reviews/*')}`)
        review = new URL(page.url()).pathname
        await state(page).toBe(say.waits)
        expect(await axeViolations(page)).toEqual([])
        await page.locator('.work-head .actions button').first().waitFor()
      })
      await as(language, 'department_reviewer', async (page) => {
        // By keys alone: to the row, agree, confirm.
        await page.goto(workPage('reviews'))
        const row = page.locator('.queue-row', { hasText: title })
        await row.waitFor()
        const rows = await page.locator('.queue-row').allTextContents()
        for (let i = 0; i <= rows.findIndex((text) => text.includes(title)); i++)
          await page.keyboard.press('j')
        await page.keyboard.press('a')
        await page.locator('dialog[open]').waitFor()
        expect(await axeViolations(page)).toEqual([])
        await page.locator('dialog[open] button[type=submit]').click()
        await soon(() => row.count()).toBe(0)
      })
      await as(language, 'data_office_reviewer', async (page) => {
        await page.goto(review)
        await state(page).toBe(say.centre)
        await decide(page, say.return, 'Say whose ships.')
        await state(page).toBe(say.returned)
      })
      await as(language, 'steward', async (page) => {
        await page.goto('/work')
        await page.locator('section[aria-labelledby=today-waiting]', { hasText: title }).waitFor()
        await page.goto(review)
        await page.locator('.work-head a.primary').click()
        await page.waitForURL(`**${workPage('dataset/*')}`)
        uid = new URL(page.url()).pathname.split('/').at(-1)!
        await soon(() => page.locator('blockquote').textContent()).toBe('Say whose ships.')
        expect(await axeViolations(page)).toEqual([])
        await page.locator('#field-abstract').fill(say.text)
        await page.getByRole('button', { name: say.submit, exact: true }).click()
        // What was assessed before is there again.
        await page.locator('dialog[open] button[type=submit]').click()
        await page.waitForURL(`**${workPage('reviews/*')}`)
        // What the department had agreed to is another now: it looks again.
        await state(page).toBe(say.waits)
      })
      for (const [role, next] of [
        ['department_reviewer', say.centre],
        ['data_office_reviewer', say.approved],
      ] as const)
        await as(language, role, async (page) => {
          await page.goto(review)
          await soon(() => page.locator('.side-by-side').textContent()).toContain(say.text)
          await decide(page, say.agree, 'Good.')
          await state(page).toBe(next)
        })
      await as(language, 'steward', async (page) => {
        await soon(async () => {
          await page.goto(`/search?q=${encodeURIComponent(title)}`)
          await page.waitForLoadState('networkidle')
          return page.locator('main').textContent()
        }).toContain(title)
        await page.goto(`/dataset/${uid}?tab=versions`)
        await soon(() => page.locator('.version-list').textContent()).toContain(say.agreedBy)
        expect(await axeViolations(page)).toEqual([])
      })
    })

  it('shows the queue, a review and a returned draft on a phone, in both languages', async () => {
    for (const language of ['en', 'zh-CN'] as const) {
      await as(
        language,
        'department_reviewer',
        async (page) => {
          await page.goto(workPage('reviews'))
          await page.locator('.queue-row').first().waitFor()
          expect(await axeViolations(page)).toEqual([])
          expect(await overflows(page)).toBe(false)
          await page.locator('.queue-row a').first().click()
          await page.locator('.side-by-side, .review-changes p').first().waitFor()
          expect(await axeViolations(page)).toEqual([])
          expect(await overflows(page)).toBe(false)
        },
        390,
      )
    }
  })

  it('decides about many at once, each with its outcome', async () => {
    const headers = await node.headersFor('steward')
    for (const title of ['Bulk one', 'Bulk two']) await submitEntry(node, headers, title)
    await as('en', 'department_reviewer', async (page) => {
      await page.goto(workPage('reviews'))
      for (const title of ['Bulk one', 'Bulk two'])
        await page.locator('.queue-row', { hasText: title }).locator('input[type=checkbox]').check()
      await page.locator('.bulk-bar').getByRole('button', { name: 'Agree', exact: true }).click()
      await page.locator('dialog[open] button[type=submit]').click()
      await soon(() => page.locator('.queue-row', { hasText: 'Bulk' }).count()).toBe(0)
    })
  })

  for (const language of ['en', 'zh-CN'] as const)
    it(`keeps four eyes (${language})`, async () => {
      const say = words[language]
      const program = systemActor('test')
      const steward = await getPerson(node.db, program, 'steward')
      await grantRole(node.db, program, steward.uid, 'department_reviewer')
      const headers = await node.headersFor('steward')
      const { uid } = await submitEntry(node, headers, `Own work ${language}`)
      const refused = await node.app.inject({
        method: 'POST',
        url: `/api/v1/reviews/${uid}/decision`,
        headers: { ...headers, 'if-match': '"r1"' },
        payload: { decision: 'agree' },
      })
      expect([refused.statusCode, refused.json().code]).toEqual([403, 'four_eyes'])
      await as(language, 'steward', async (page) => {
        await page.goto(workPage(`reviews/${uid}`))
        await soon(() => page.locator('main').textContent()).toContain(say.written)
        expect(await page.getByRole('button', { name: say.agree, exact: true }).count()).toBe(0)
        await page.keyboard.press('a')
        expect(await page.locator('dialog[open]').count()).toBe(0)
      })
    })

  for (const language of ['en', 'zh-CN'] as const)
    it(`reminds, escalates and shows the breach when the clock moves (${language})`, async () => {
      const start = now
      const headers = await node.headersFor('steward')
      const { uid, dueAt } = await submitEntry(node, headers, `Forgotten ${language}`)
      const told = async (role: string) => {
        const answer = await node.app.inject({ url: '/api/v1/notices', headers: await node.headersFor(role) })
        return (answer.json().items as { kind: string; objectId: string }[])
          .filter((notice) => notice.objectId === uid)
          .map((notice) => notice.kind)
      }
      try {
        now = new Date(new Date(dueAt).getTime() - 3_600_000)
        await watchClocks(node.db, now)
        expect(await told('department_reviewer')).toContain('review.due')
        expect(await told('data_office_reviewer')).toEqual([])
        now = new Date(new Date(dueAt).getTime() + 3_600_000)
        await watchClocks(node.db, now)
        await watchClocks(node.db, now)
        // Nobody reviews for departments above the ministry: the data office is the next level.
        expect(await told('data_office_reviewer')).toEqual(['review.late'])
        expect((await told('department_reviewer')).filter((kind) => kind === 'review.late')).toHaveLength(1)
        await as(language, 'department_reviewer', async (page) => {
          await page.goto(workPage('reviews?due=overdue'))
          const row = page.locator('.queue-row', { hasText: `Forgotten ${language}` })
          await soon(() => row.textContent()).toContain(words[language].overdue)
          await row.locator('a').click()
          await soon(() => page.locator('.review-side .clocks').textContent()).toContain(
            language === 'en' ? 'Overdue since' : '起逾期',
          )
          expect(await axeViolations(page)).toEqual([])
        })
      } finally {
        now = start
      }
    })
})

/** An entry of the steward's body, submitted for publication. */
async function submitEntry(node: TestNode, headers: Record<string, string>, title: string) {
  const made = await node.app.inject({
    method: 'POST',
    url: '/api/v1/datasets',
    headers,
    payload: {
      content: {
        title,
        language: 'en',
        sharingType: 'unconditional',
        openType: 'unconditional',
        updateCycle: 'yearly',
        grade: 'general_1',
      },
    },
  })
  const answer = await node.app.inject({
    method: 'POST',
    url: `/api/v1/datasets/${made.json().uid}/submit`,
    headers,
    payload: { assessment: { secrecy: { result: 'not_secret' }, personal: { result: 'none' } } },
  })
  if (answer.statusCode !== 200) throw new Error(answer.body)
  return answer.json() as { uid: string; dueAt: string }
}
