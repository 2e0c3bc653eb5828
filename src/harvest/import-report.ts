import { csvLine, csvMark } from '../platform/csv.ts'
import type { Db } from '../platform/postgres.ts'
import type { ImportRecordRow, ImportRunRow } from './import.queries.ts'
import { selectRecords } from './import-record.queries.ts'

/** Rows read at a time. */
const pageRows = 2_000
const columns = [
  'place',
  'identifier',
  'title',
  'outcome',
  'entry',
  'rule',
  'path',
  'message',
  'remedy',
  'excerpt',
] as const

/** The report of a run, piece by piece: CSV (a line for each fault) or JSON lines (one for each record). */
export async function* reportLines(
  db: Db,
  run: Pick<ImportRunRow, 'id'>,
  format: 'csv' | 'jsonl',
): AsyncGenerator<string> {
  if (format === 'csv') yield `${csvMark}${columns.join(',')}\r\n`
  let after = 0
  for (;;) {
    const rows = await selectRecords(db, run.id, { after, limit: pageRows })
    if (rows.length === 0) return
    yield rows.map(format === 'csv' ? csvLines : jsonLine).join('')
    if (rows.length < pageRows) return
    after = rows.at(-1)!.position
  }
}

const jsonLine = (r: ImportRecordRow) =>
  `${JSON.stringify({
    place: r.place,
    identifier: r.sourceId,
    title: r.title,
    outcome: r.outcome,
    entry: r.datasetUid,
    faults: r.faults ?? [],
    excerpt: r.excerpt,
  })}\n`

function csvLines(r: ImportRecordRow): string {
  const faults = r.faults && r.faults.length > 0 ? r.faults : [undefined]
  return faults
    .map((f, i) =>
      csvLine([
        r.place,
        r.sourceId,
        r.title,
        r.outcome,
        r.datasetUid,
        f?.rule,
        f?.path,
        f?.message,
        f?.remedy,
        i === 0 ? r.excerpt : null,
      ]),
    )
    .join('')
}
