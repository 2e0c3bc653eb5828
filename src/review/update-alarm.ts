import { overdueByBody } from '../catalog/index.ts'
import { notify } from '../notice/index.ts'
import { lockFact, readFact, writeFact } from '../platform/fact.queries.ts'
import { type Db, inTransaction } from '../platform/postgres.ts'
import { workPage } from '../platform/work-page.ts'
import { listOrganisations, peopleWithRole } from '../security/index.ts'

/** How far the alarm has looked. */
const fact = 'update-due'

/**
 * Tells the stewards of each body how many of its entries came due for an update since the last look: one notice for
 * each body, whether one entry is late or thousands. The first look tells of everything that is overdue.
 */
export async function alarmUpdates(db: Db, now: Date): Promise<number> {
  return inTransaction(db, async (tx) => {
    await lockFact(tx, fact)
    const last = await readFact<{ until: string }>(tx, fact)
    if (last && new Date(last.until) >= now) return 0
    const bodies = await listOrganisations(tx)
    const found = await overdueByBody(
      tx,
      bodies.map((b) => b.id),
      last ? new Date(last.until) : null,
      now,
    )
    const notices = []
    for (const { organisationId, fresh, all } of found) {
      const body = bodies.find((b) => b.id === organisationId)!
      const to = await peopleWithRole(tx, 'steward', organisationId)
      if (to.length > 0)
        notices.push({
          to,
          kind: 'update.overdue' as const,
          params: { body: body.name, fresh, all },
          link: workPage('overdue'),
          objectKind: 'organisation',
          objectId: body.uid,
          dedupe: `update-due:${body.code}:${now.toISOString()}`,
        })
    }
    await notify(tx, notices)
    await writeFact(tx, fact, { until: now.toISOString() })
    return notices.length
  })
}
