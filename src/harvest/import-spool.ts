import { createHash, randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ConcordError } from '../platform/errors.ts'

/** Bytes of an uploaded file: a dump of 1,000,000 packages has about 3 GB; larger ones are imported on the command line. */
export const uploadLimit = 4 * 1024 * 1024 * 1024
/** Days that the file of an import is kept that was not finished. */
const keptDays = 30

/** Uploaded files wait in a folder below the data folder; the name is made here, never taken from outside. */
export const spoolFolder = (dataDir: string) => join(dataDir, 'imports')
export const spoolPath = (dataDir: string, name: string) => join(spoolFolder(dataDir), name)

export interface Spooled {
  name: string
  size: number
  hash: Buffer
}

/**
 * Writes an upload to a file, hashing it on the way.
 * @throws ConcordError too_large, or unavailable when the disk is full; nothing is left then.
 */
export async function spoolUpload(
  upload: Readable & { truncated?: boolean },
  dataDir: string,
  openOut: (path: string) => Writable = (path) => createWriteStream(path, { flags: 'wx', mode: 0o600 }),
): Promise<Spooled> {
  await mkdir(spoolFolder(dataDir), { recursive: true, mode: 0o700 })
  const name = `${randomUUID()}.upload`
  const path = spoolPath(dataDir, name)
  const hash = createHash('sha256')
  let size = 0
  try {
    await pipeline(
      upload,
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          size += chunk.length
          hash.update(chunk)
          yield chunk
        }
      },
      openOut(path),
    )
    if (upload.truncated)
      throw new ConcordError(
        'too_large',
        `The file is larger than ${uploadLimit / 1024 ** 3} GB. Import it with the command line.`,
      )
    if (size === 0) throw new ConcordError('invalid_request', 'The file is empty.')
    return { name, size, hash: hash.digest() }
  } catch (error) {
    await rm(path, { force: true })
    throw explainDisk(error)
  }
}

function explainDisk(error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG')
    return new ConcordError(
      'unavailable',
      'The disk of this node is full; the file was not kept. Ask its operator, then upload it again.',
      {
        cause: error,
      },
    )
  if (code === 'EROFS' || code === 'EACCES')
    return new ConcordError('unavailable', 'The data folder of this node cannot be written to.', {
      cause: error,
    })
  return error
}

export const removeSpool = (dataDir: string, name: string) => rm(spoolPath(dataDir, name), { force: true })

/** Removes uploads that nobody finished within `keptDays`. */
export async function trimSpool(dataDir: string, now = Date.now()): Promise<void> {
  const names = await readdir(spoolFolder(dataDir)).catch(() => [])
  for (const name of names) {
    const info = await stat(spoolPath(dataDir, name)).catch(() => undefined)
    if (info && now - info.mtimeMs > keptDays * 86_400_000) await removeSpool(dataDir, name)
  }
}
