import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, chromium, type Page } from 'playwright-core'
import { expect } from 'vitest'
import { demoLogins } from '../../src/seed/index.ts'

/** Where distributions put Chromium; `CHROMIUM` names another one. */
const places = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]
const chromiumPath = places.find((place) => place !== undefined && existsSync(place))
const webIsBuilt = existsSync(fileURLToPath(new URL('../../dist/web/index.html', import.meta.url)))

/** Why browser tests cannot run here, in one sentence; undefined where they can. */
export const noBrowser: string | undefined = !chromiumPath
  ? 'no Chromium was found (set CHROMIUM to one)'
  : !webIsBuilt
    ? 'dist/web is not built (npm run build)'
    : undefined

export type Language = 'zh-CN' | 'en'

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: chromiumPath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })

export interface PageOptions {
  language: Language
  theme?: 'light' | 'dark'
  width?: number
}

/** A page of its own session that keeps what went wrong in it. */
export async function openPage(
  browser: Browser,
  base: string,
  { language, theme = 'light', width = 1440 }: PageOptions,
): Promise<{ page: Page; errors: string[] }> {
  const context = await browser.newContext({
    baseURL: base,
    viewport: { width, height: width < 500 ? 844 : 900 },
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  await context.addInitScript(
    ([l, t]) => {
      if (!localStorage.getItem('concord.preferences'))
        localStorage.setItem('concord.preferences', JSON.stringify({ language: l, theme: t }))
    },
    [language, theme],
  )
  const page = await context.newPage()
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('console', (message) => {
    // A refused call is written by the browser too; the page shows it and tests look there.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      errors.push(message.text())
  })
  return { page, errors }
}

/** Violations of WCAG 2.2 A and AA and of axe's best practices, one line each; empty is right. */
export async function axeViolations(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze()
  return violations.map((v) => `${v.id}: ${v.nodes.map((node) => node.target.join(' ')).join(', ')}`)
}

/** A page on a busy machine needs its time (ms). */
const patienceMs = 20_000
/** Like `expect.poll`, with the patience that pages need. */
export const soon = <T>(read: () => T | Promise<T>) => expect.poll(read, { timeout: patienceMs })

/** True where something sticks out to the right of the window. */
export const overflows = (page: Page): Promise<boolean> =>
  page.evaluate(() => document.documentElement.scrollWidth > innerWidth)

/** Signs in on the page. */
export async function signIn(page: Page, person: { login: string; password: string }): Promise<void> {
  await page.goto('/sign-in')
  await page.locator('#login').fill(person.login)
  await page.locator('#password').fill(person.password)
  await page.locator('main button[type=submit]').click()
  await page.waitForURL('**/work')
}

/** Signs in on the page as the first demo person with a role. */
export async function signInAs(page: Page, role: string): Promise<void> {
  const person = demoLogins.find((one) => one.role === role)
  if (!person) throw new Error(`no demo person has the role ${role}`)
  await signIn(page, person)
}

/** Fills in the assessment in the open dialog: no secret, no personal information. */
export async function assess(page: Page): Promise<void> {
  const dialog = page.locator('dialog[open]')
  await dialog.locator('input[name=secrecy]').first().check()
  await dialog.locator('input[name=personal]').first().check()
}
