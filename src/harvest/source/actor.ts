import { type Actor, actingFor } from '../../security/index.ts'
import type { SourceRow } from './source.queries.ts'

/**
 * Who writes what a source brings: the program, with the rights of a steward of the body that answers for the source; of
 * its data office where the source publishes, which somebody with that right has set.
 */
export const harvestActor = (source: Pick<SourceRow, 'name' | 'organisationId' | 'publish'>): Actor =>
  actingFor(`harvest: ${source.name}`, source.organisationId, [
    source.publish ? 'data_office_reviewer' : 'steward',
  ])
