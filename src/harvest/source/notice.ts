import { notify } from '../../notice/index.ts'
import type { Db } from '../../platform/postgres.ts'
import { workPage } from '../../platform/work-page.ts'
import { peopleWithRole } from '../../security/index.ts'
import { selectReading } from './run.queries.ts'
import type { SourceRow } from './source.queries.ts'

/** Whoever may decide about a source: the stewards and the data office of its body. */
async function keepers(tx: Db, { organisationId }: SourceRow): Promise<number[]> {
  if (organisationId === null) return []
  const stewards = await peopleWithRole(tx, 'steward', organisationId)
  return [...stewards, ...(await peopleWithRole(tx, 'data_office_reviewer', organisationId))]
}

const about = (source: SourceRow) => ({
  link: workPage('sources', source.uid),
  objectKind: 'source',
  objectId: source.uid,
})

/** A run would remove more than its source allows without a person. */
export async function tellWaiting(tx: Db, source: SourceRow, runId: number): Promise<void> {
  const { removals } = await selectReading(tx, runId)
  await notify(tx, {
    to: await keepers(tx, source),
    kind: 'harvest.waiting',
    params: { source: source.title, removals },
    ...about(source),
  })
}

export async function tellFailed(tx: Db, source: SourceRow, error: string): Promise<void> {
  await notify(tx, {
    to: await keepers(tx, source),
    kind: 'harvest.failed',
    params: { source: source.title, error },
    ...about(source),
  })
}
