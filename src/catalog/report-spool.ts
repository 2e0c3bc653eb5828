import { randomUUID } from 'node:crypto'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Bytes of a report that wait in memory for its reader: some 8,000 lines. */
const memoryBytes = 1024 * 1024
/** Bytes that wait in a temporary file: the report of some 8,000,000 lines. Beyond it the work waits for the reader. */
const fileBytes = 1024 * 1024 * 1024
/** Bytes read from the file at once. */
const chunkBytes = 64 * 1024

/** A text on its way from a fast writer to a reader who may begin late; one of each. */
interface Spool {
  /** Waits for the disk, and for the reader only when the file is full. After `close` it does nothing. */
  write(text: string): Promise<void>
  /** Nothing more comes. */
  end(): void
  /** Everything in order, until `end` or `close`. */
  read(): AsyncGenerator<Buffer>
  close(): Promise<void>
}

/**
 * Opens a spool: writing never waits for reading, so that a caller who sends everything before it reads its
 * report does not wait for us while we wait for it. The file comes only when the memory is full, has no name in the
 * folder while it is open, and goes with the spool.
 */
export function openSpool(limits = { memory: memoryBytes, file: fileBytes }): Spool {
  // Older text is in the file, from `readTo` to `writtenTo`; newer text is in `queue`.
  let queue: Buffer[] = []
  let queued = 0
  let file: { handle: FileHandle; path: string } | undefined
  let readTo = 0
  let writtenTo = 0
  let state: 'open' | 'ended' | 'closed' = 'open'
  let wake = () => {}
  let changed = new Promise<void>((resolve) => {
    wake = resolve
  })
  const tell = () => {
    wake()
    changed = new Promise((resolve) => {
      wake = resolve
    })
  }

  async function spill(): Promise<void> {
    while (writtenTo + queued > limits.file && readTo < writtenTo && state === 'open') await changed
    if (state === 'closed' || queued === 0) return
    file ??= await openUnnamed()
    if (readTo === writtenTo) readTo = writtenTo = 0
    const bytes = Buffer.concat(queue)
    queue = []
    queued = 0
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await file.handle.write(bytes, done, bytes.length - done, writtenTo + done)
      done += bytesWritten
    }
    writtenTo += bytes.length
  }

  async function* read(): AsyncGenerator<Buffer> {
    while (state !== 'closed') {
      if (file && readTo < writtenTo) {
        const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, writtenTo - readTo))
        const { bytesRead } = await file.handle.read(buffer, 0, buffer.length, readTo)
        readTo += bytesRead
        tell()
        yield buffer.subarray(0, bytesRead)
      } else if (queued > 0) {
        const bytes = Buffer.concat(queue)
        queue = []
        queued = 0
        tell()
        yield bytes
      } else if (state === 'ended') return
      else await changed
    }
  }

  return {
    async write(text) {
      if (state !== 'open') return
      const bytes = Buffer.from(text)
      queue.push(bytes)
      queued += bytes.length
      if (queued > limits.memory) await spill()
      tell()
    },
    end() {
      if (state === 'open') state = 'ended'
      tell()
    },
    read,
    async close() {
      state = 'closed'
      tell()
      const open = file
      file = undefined
      await open?.handle.close()
      if (open) await rm(open.path, { force: true })
    },
  }
}

async function openUnnamed(): Promise<{ handle: FileHandle; path: string }> {
  const path = join(tmpdir(), `concord-report-${randomUUID()}`)
  const handle = await open(path, 'wx+', 0o600)
  // A process that is killed leaves nothing. Where an open file keeps its name, closing removes it.
  await rm(path).catch(() => {})
  return { handle, path }
}
