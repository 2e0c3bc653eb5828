import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { ConcordError } from '../platform/errors.ts'

const alive = (pid: number) => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * Holds a lock file with this process's number; one left by a dead process is taken over.
 * @returns what lets it go.
 * @throws conflict with `message` when a living process holds it.
 */
export function holdLock(path: string, message: string): () => void {
  for (;;) {
    try {
      const file = openSync(path, 'wx')
      writeSync(file, String(process.pid))
      closeSync(file)
      return () => rmSync(path, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      let pid = Number.NaN
      try {
        pid = Number(readFileSync(path, 'utf8'))
      } catch {
        continue
      }
      // A number that is not written yet counts as held; it is there a moment later.
      if (pid > 0 && pid !== process.pid && alive(pid)) throw new ConcordError('conflict', message)
      if (pid === process.pid) throw new ConcordError('conflict', message)
      rmSync(path, { force: true })
    }
  }
}
