import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Catalogues and shapes beside the repository, for tests that use them when they are there. */
const sharedData =
  process.env.CONCORD_SHARED_DATA ?? fileURLToPath(new URL('../../../shared/data', import.meta.url))

/** The path of a file of the shared data; undefined where it is absent, so that a test can say that it skips. */
export function sharedFile(...names: string[]): string | undefined {
  const path = join(sharedData, ...names)
  return existsSync(path) ? path : undefined
}
