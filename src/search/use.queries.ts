import type { ClickHouseClient } from '../platform/clickhouse.ts'

/** One use of the catalogue, without any person. */
export interface UseEvent {
  kind: 'search' | 'view'
  query: string
  /** `catalog.dataset.id`; 0 for a search. */
  datasetId: number
  /** Entries found; 0 for a view. */
  results: number
  language: string
  requestId: string
  /** Milliseconds since 1970. */
  at: number
}

export async function insertUseEvents(clickhouse: ClickHouseClient, events: UseEvent[]): Promise<void> {
  await clickhouse.insert({
    table: 'search.use_event',
    columns: ['at', 'kind', 'query', 'dataset_id', 'results', 'language', 'request_id'],
    format: 'JSONCompactEachRow',
    values: events.map((e) => [
      new Date(e.at).toISOString().replace('T', ' ').replace('Z', ''),
      e.kind,
      e.query,
      e.datasetId,
      e.results,
      e.language,
      e.requestId,
    ]),
  })
}
