import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

/** Compressed bytes of script that a first view may load. */
export const firstViewLimit = 350 * 1024

interface Chunk {
  file: string
  imports?: string[]
}
type Manifest = Record<string, Chunk>

const webRoot = fileURLToPath(new URL('../dist/web/', import.meta.url))
/** What a visitor's browser loads before the page stands: the program, the page, the texts of one language. */
export const firstViews = {
  home: ['index.html', 'routes/home.tsx', 'locales/zh-CN/portal.json'],
  results: ['index.html', 'routes/search.tsx', 'locales/zh-CN/portal.json'],
  entry: ['index.html', 'routes/dataset.tsx', 'locales/zh-CN/portal.json'],
} as const

function filesOf(manifest: Manifest, entries: readonly string[]): Set<string> {
  const seen = new Set<string>()
  const walk = (key: string) => {
    const chunk = manifest[key]
    if (!chunk) throw new Error(`The build has no ${key}; web/size-check.ts and the routes disagree.`)
    if (seen.has(chunk.file)) return
    seen.add(chunk.file)
    for (const next of chunk.imports ?? []) walk(next)
  }
  for (const entry of entries) walk(entry)
  return seen
}

/** Compressed (gzip) bytes of script by first view. @throws Error where dist/web was not built */
export function firstViewSizes(): Record<keyof typeof firstViews, number> {
  const manifest = JSON.parse(readFileSync(`${webRoot}.vite/manifest.json`, 'utf8')) as Manifest
  const size = (entries: readonly string[]) =>
    [...filesOf(manifest, entries)]
      .filter((file) => file.endsWith('.js'))
      .reduce((sum, file) => sum + gzipSync(readFileSync(webRoot + file)).length, 0)
  return { home: size(firstViews.home), results: size(firstViews.results), entry: size(firstViews.entry) }
}

/** Script files a first view loads, to see what is among them. */
export function firstViewFiles(view: keyof typeof firstViews): string[] {
  const manifest = JSON.parse(readFileSync(`${webRoot}.vite/manifest.json`, 'utf8')) as Manifest
  return [...filesOf(manifest, firstViews[view])]
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const [view, bytes] of Object.entries(firstViewSizes()))
    console.log(
      `${view.padEnd(8)} ${(bytes / 1024).toFixed(1).padStart(6)} KB of ${firstViewLimit / 1024} KB (gzip)`,
    )
