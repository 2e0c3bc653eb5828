import { notify } from '../notice/index.ts'
import type { Db } from '../platform/postgres.ts'
import { workPage } from '../platform/work-page.ts'
import { selectRun } from './import.queries.ts'

/** Tells whoever started an import how it ended; call it in the transaction that ends it. Nobody waits for a command line. */
export async function tellEnd(tx: Db, uid: string): Promise<void> {
  const run = await selectRun(tx, uid)
  if (!run || run.actor.personId === null || (run.state !== 'done' && run.state !== 'failed')) return
  const { added, changed, rejected, unchanged } = run.counts
  await notify(tx, {
    to: [run.actor.personId],
    ...(run.state === 'done'
      ? { kind: 'import.done', params: { file: run.fileName, added, changed, rejected, unchanged } }
      : { kind: 'import.failed', params: { file: run.fileName, error: run.error?.message ?? null } }),
    link: workPage('imports', uid),
    objectKind: 'import',
    objectId: uid,
  })
}
