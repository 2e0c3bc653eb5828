import { parentPort } from 'node:worker_threads'
import { readCatalogue } from './rdf-catalogue.ts'
import type { Syntax } from './rdf-syntax.ts'

/** Reads pages of RDF in a thread of its own, one at a time. */
export interface RdfRequest {
  text: string
  syntax: Syntax
  base: string
}

parentPort!.on('message', async ({ text, syntax, base }: RdfRequest) => {
  parentPort!.postMessage(await readCatalogue(text, { syntax, base }))
})
