import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { identityOf, isHeld } from '../platform/embedded-lease.ts'
import { ConcordError } from '../platform/errors.ts'

/**
 * Holds a lock file in this process's name; one left by a process that ended is taken over, also where its number
 * was given to another process since.
 * @returns what lets it go.
 * @throws conflict with `message` when a living process holds it.
 */
export function holdLock(path: string, message: string): () => void {
  const mine = `${path}.${process.pid}`
  // Linked when it is written: nobody ever reads a lock without a name in it.
  writeFileSync(mine, identityOf(process.pid))
  try {
    for (;;) {
      try {
        linkSync(mine, path)
        return () => rmSync(path, { force: true })
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      }
      const holder = holderOf(path)
      if (holder !== undefined && isHeld(holder)) throw new ConcordError('conflict', message)
      // Only what was judged: somebody else may have taken it over in the meantime.
      if (holderOf(path) === holder) rmSync(path, { force: true })
    }
  } finally {
    rmSync(mine, { force: true })
  }
}

function holderOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
