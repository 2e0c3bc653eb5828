import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { CataloguePage } from './rdf-catalogue.ts'
import type { RdfRequest } from './rdf-thread.ts'

/**
 * RDF is read in a thread with its own memory and limited time, so that a large or hostile page neither blocks the requests
 * of a node nor takes its memory. The thread is kept for the pages of a run.
 */
export interface RdfParser {
  /** What the page says; an error of the page where it cannot be read within the limits. */
  read(request: RdfRequest): Promise<CataloguePage>
  close(): void
}

/** Memory of the thread (MB): a Turtle page of 41 MB with 32,000 data sets takes about 600. */
const memoryMb = 1_536
/** Time for one page (ms): the same page takes 12 s on a busy core. */
const pageMs = 180_000

/** Makes a parser; close it when the run is over. */
export function createRdfParser(limits = { memoryMb, pageMs }): RdfParser {
  let worker: Worker | undefined
  const end = () => {
    void worker?.terminate()
    worker = undefined
  }
  return {
    read(request) {
      worker ??= startThread(limits.memoryMb)
      const at = worker
      // Only while it is asked does it keep the process alive.
      at.ref()
      return new Promise((resolve) => {
        const timer = setTimeout(() => stop('takes too long to read'), limits.pageMs)
        const settle = (page: CataloguePage) => {
          clearTimeout(timer)
          at.unref()
          at.off('message', settle).off('error', onError).off('exit', onExit)
          resolve(page)
        }
        const stop = (message: string) => {
          end()
          settle(unreadable(message))
        }
        const onError = (error: NodeJS.ErrnoException) =>
          stop(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'needs too much memory to read' : error.message)
        const onExit = () => stop('was not read to its end')
        at.on('message', settle).on('error', onError).on('exit', onExit)
        at.postMessage(request)
      })
    },
    close: end,
  }
}

const unreadable = (message: string): CataloguePage => ({
  records: [],
  next: [],
  total: null,
  catalogues: [],
  undescribed: 0,
  unlisted: 0,
  error: { rule: 'page_too_large', message, remedy: 'Ask the source to serve smaller pages.' },
})

/** In a build the `.js` beside this file; from source through tsx, which a thread must be told of. */
function startThread(memory: number): Worker {
  const options = { resourceLimits: { maxOldGenerationSizeMb: memory } }
  const source = new URL('./rdf-thread.ts', import.meta.url)
  const worker = existsSync(fileURLToPath(source))
    ? new Worker(fromSource, {
        ...options,
        eval: true,
        workerData: { tsx: tsxModule(), module: source.href },
      })
    : new Worker(new URL('./rdf-thread.js', import.meta.url), options)
  // Heard by whoever waits; one that comes when nobody does must not end the process.
  worker.on('error', () => {})
  return worker
}

const fromSource = `
const { workerData } = require('node:worker_threads')
import(workerData.tsx).then((tsx) => tsx.register()).then(() => import(workerData.module))
`
const tsxModule = () => {
  const file = createRequire(import.meta.url)
    .resolve('tsx/esm/api')
    .replace(/\.cjs$/, '.mjs')
  return pathToFileURL(file).href
}
