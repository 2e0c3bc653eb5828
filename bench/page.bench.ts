import { existsSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { type Browser, chromium, type Page } from 'playwright-core'
import { ensureGenerated } from './generate.ts'
import { startBenchNode } from './node.ts'
import { queryMix, take } from './query-mix.ts'
import { atMost, type BenchOptions, type BenchResult, type Figures, plain, say, skipped } from './result.ts'
import { percentile, summarise } from './statistics.ts'

/** The results page in a real browser: from the beginning of the navigation until the first results stand there. */

const visits = { full: 30, quick: 10 }
const seed = 401
/** A page without results in this time has failed (ms). */
const pageLimitMs = 30_000
const visibleReachMs = 1_000
const scriptReachKb = 350

/** Where distributions put Chromium; `CHROMIUM` names another one. */
const chromiumPath = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((place) => place !== undefined && existsSync(place))

const browserFlags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking']

interface Visit {
  visibleMs: number
  /** Bytes of scripts as they were sent, and as gzip makes them. */
  scriptSent: number
  scriptGzip: number
}

export async function run({ entries, quick }: BenchOptions): Promise<BenchResult> {
  const generated = await ensureGenerated(entries)
  const result = (figures: Figures, notes: string[]): BenchResult => ({
    bench: 'page',
    machine: '',
    scale: { entries, items: generated.items },
    figures,
    baseline: { name: 'none', figures: {} },
    ratios: {},
    notes,
  })
  if (!chromiumPath)
    return result(
      { visible_p95: skipped('ms', visibleReachMs), first_view_script: skipped('KB', scriptReachKb) },
      ['Skipped: no Chromium was found (set CHROMIUM to one).'],
    )
  const node = await startBenchNode(generated)
  let browser: Browser | undefined
  try {
    browser = await chromium.launch({ executablePath: chromiumPath, args: browserFlags })
    // Titles and plain words find something; a page without results would say nothing.
    const paths = take(queryMix(generated.catalogue.corpus, entries, seed), visits.full * 10)
      .filter(({ q, filters }) => Object.keys(filters).length === 0 && !/[:"-]/.test(q))
      .map(({ q }) => `/search?q=${encodeURIComponent(q)}`)
    const all: Visit[] = []
    const wanted = quick ? visits.quick : visits.full
    // The first page starts the browser's own processes.
    await visit(browser, node.address + paths.pop()!)
    for (const path of paths.slice(0, wanted)) {
      const one = await visit(browser, node.address + path)
      say(`${one.visibleMs.toFixed(0)} ms  ${decodeURIComponent(path)}`)
      all.push(one)
    }
    const visible = summarise(all.map((v) => v.visibleMs))
    return result(
      {
        visible_p95: atMost(visible.p95, 'ms', visibleReachMs),
        visible_p50: plain(visible.p50, 'ms'),
        first_view_script: atMost(median(all.map((v) => v.scriptSent)) / 1024, 'KB', scriptReachKb),
        first_view_script_gzip: plain(median(all.map((v) => v.scriptGzip)) / 1024, 'KB'),
      },
      [
        `Program: ${node.program}. Each of the ${all.length} visits has a browser session of its own with an empty cache; browser and node share the cores.`,
        'Visible: from the navigation until the frame after the first result stands in the page. Scripts: bytes on the wire until then, and what gzip makes of them.',
      ],
    )
  } finally {
    await browser?.close()
    await node.stop()
  }
}

const median = (values: number[]) => percentile(Float64Array.from(values).sort(), 0.5)

/** Notes in the page the time of the frame that shows the first result. */
function noteFirstResult(): void {
  const watch = new MutationObserver(() => {
    if (!document.querySelector('.results-list a[href^="/dataset/"]')) return
    watch.disconnect()
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        ;(globalThis as { resultsVisible?: number }).resultsVisible = performance.now()
      }),
    )
  })
  watch.observe(document, { childList: true, subtree: true })
}

async function visit(browser: Browser, url: string): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  try {
    const page = await context.newPage()
    await page.addInitScript(noteFirstResult)
    const scripts = collectScripts(page)
    await page.goto(url, { waitUntil: 'commit', timeout: pageLimitMs })
    await page.waitForFunction(() => (globalThis as { resultsVisible?: number }).resultsVisible, undefined, {
      timeout: pageLimitMs,
    })
    // `performance.now()` of a page counts from the beginning of its navigation.
    const visibleMs = await page.evaluate(() => (globalThis as { resultsVisible?: number }).resultsVisible!)
    return { visibleMs, ...(await scripts()) }
  } finally {
    await context.close()
  }
}

/** Follows the scripts that a page loads. */
function collectScripts(page: Page): () => Promise<{ scriptSent: number; scriptGzip: number }> {
  const loads: Promise<[number, number]>[] = []
  page.on('response', (response) => {
    if (response.request().resourceType() !== 'script') return
    const load = async (): Promise<[number, number]> => {
      const body = await response.body()
      const { responseBodySize } = await response.request().sizes()
      return [responseBodySize, gzipSync(body).length]
    }
    const one = load()
    one.catch(() => {})
    loads.push(one)
  })
  return async () => {
    const sizes = await Promise.all(loads)
    const total = (i: 0 | 1) => sizes.reduce((sum, size) => sum + size[i], 0)
    return { scriptSent: total(0), scriptGzip: total(1) }
  }
}
