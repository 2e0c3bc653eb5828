import { type App, problems } from '../platform/http.ts'
import type { Db } from '../platform/postgres.ts'
import type { Profile } from '../platform/profile.ts'
import { contextOf } from './context.ts'
import { plainAnswer, ref } from './route-schemas.ts'
import { OverdueList, OverdueQuery } from './update-due.schema.ts'
import { listOverdue } from './update-due.ts'

/** What should have been updated: the alarm of the declared cycles. */
export function updateDueRoutes(
  app: App,
  { db, profile, now }: { db: Db; profile: Profile; now: () => Date },
): void {
  app.get(
    '/api/v1/datasets/overdue',
    {
      config: { action: 'dataset:read-draft' },
      ...plainAnswer,
      schema: {
        tags: ['catalogue'],
        operationId: 'listOverdueDatasets',
        summary:
          'Entries of the own organisation whose data did not change within its cycle, longest overdue first',
        querystring: OverdueQuery,
        response: { 200: ref(OverdueList), ...problems },
      },
    },
    (request) => listOverdue(db, contextOf(request, profile), request.query, now()),
  )
}
