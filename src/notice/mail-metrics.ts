import { gauge, metrics } from '../platform/metrics.ts'
import type { Db } from '../platform/postgres.ts'
import { countMail } from './mail.queries.ts'

/** The database that the metrics speak of; that of the latest node of this process. */
let observed: Db | undefined
const dayMs = 86_400_000

/** Shows how many mails wait and were given up. */
export function observeMail(db: Db): void {
  observed = db
  if (metrics.getSingleMetric('concord_mail_waiting')) return
  const count = async (which: 'waiting' | 'failed') =>
    observed
      ? countMail(observed, new Date(Date.now() - dayMs)).then(
          (c) => c[which],
          () => Number.NaN,
        )
      : 0
  gauge('concord_mail_waiting', 'Mails that wait to be sent.', () => count('waiting'))
  gauge('concord_mail_failed', 'Mails of the last 24 hours that were given up.', () => count('failed'))
}
