import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { firstViewFiles, firstViewLimit, firstViewSizes } from './size-check.ts'

const built = existsSync(fileURLToPath(new URL('../dist/web/.vite/manifest.json', import.meta.url)))
if (!built) console.log('web/size.test.ts is skipped: dist/web is not there; run `npm run build` first.')

describe.skipIf(!built)('script of the first view', () => {
  it('stays within the limit on the home, results and entry pages', () => {
    for (const [view, bytes] of Object.entries(firstViewSizes()))
      expect(bytes, `${view}: ${bytes} bytes`).toBeLessThanOrEqual(firstViewLimit)
  })

  it('holds neither the workbench nor its libraries', () => {
    for (const view of ['home', 'results', 'entry'] as const)
      expect(
        firstViewFiles(view).filter((file) => /work-(?!api)|entry-editor|table-|config-provider/.test(file)),
      ).toEqual([])
  })
})
