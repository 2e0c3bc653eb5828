import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Entry } from '../../catalog/index.ts'
import { loadProfile } from '../../platform/profile.ts'
import { attachToParent } from '../../platform/supervise.ts'
import { datasetQuads } from './graph.ts'
import type { ShaclOutcome } from './shacl.schema.ts'
import { createChecker, type ShaclChecker } from './shacl-check.ts'
import { datasetIri } from './vocabulary.ts'

/** A process that checks one entry after the other: what an entry costs is not paid by anybody's request. */

export interface ShaclQuestion {
  id: number
  entry: Entry
}
export interface ShaclAnswer {
  id: number
  outcome?: ShaclOutcome
  error?: string
}

const [file = '', profileId = '', base = ''] = process.argv.slice(2)
let checker: ShaclChecker

const parent = attachToParent({
  onMessage: (message) => {
    const { id, entry } = message as ShaclQuestion
    check(entry).then(
      (outcome) => parent.send({ id, outcome } satisfies ShaclAnswer),
      (error: Error) => parent.send({ id, error: error.message } satisfies ShaclAnswer),
    )
  },
})

const profile = loadProfile(profileId)
const shapes = readFileSync(file)
checker = createChecker(shapes.toString('utf8'))
parent.ready(createHash('sha256').update(shapes).digest('hex'))

async function check(entry: Entry): Promise<ShaclOutcome> {
  return checker.check(datasetQuads(entry, { base, profile }), datasetIri(base, entry.uid).value)
}
