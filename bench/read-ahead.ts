import { createReadStream, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { say } from './result.ts'

/**
 * Reads a node's tables and index once, so that they lie in the system's cache as on a machine that has been up for
 * a while: what is measured is the program, not a cold disk. The baseline's are read likewise.
 */
export async function readAhead(dataDir: string): Promise<void> {
  let bytes = 0
  for (const folder of ['postgres', 'search'].map((name) => join(dataDir, name))) {
    if (!statSync(folder, { throwIfNoEntry: false })) continue
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const path = join(folder, file)
      if (!statSync(path, { throwIfNoEntry: false })?.isFile()) continue
      for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }))
        bytes += (chunk as Buffer).length
    }
  }
  say(`${(bytes / 1024 ** 3).toFixed(1)} GB of tables and index read ahead`)
}
