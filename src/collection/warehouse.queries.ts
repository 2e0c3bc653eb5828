import { Readable } from 'node:stream'
import type { ClickHouseClient } from '../platform/clickhouse.ts'
import { literal, typeSql, valueSql } from './datatype.ts'
import type { Column } from './table.schema.ts'

/** Rows of collected tables. Names in SQL are numbers of ours and checked names of columns. */

const tableOf = (id: number) => `collection.t_${id}`
/** Where raw records of a batch go in: nothing is kept there, two views pass them on. */
const intakeOf = (id: number) => `collection.in_${id}`
const quoted = (name: string) => `\`${name}\``

export async function createRowTable(engine: ClickHouseClient, id: number, columns: Column[]): Promise<void> {
  const own = columns.map((c) => `${quoted(c.name)} ${typeSql(c)}`).join(', ')
  await engine.command({
    query: `CREATE TABLE IF NOT EXISTS ${tableOf(id)}
      (_batch UInt32, _record UInt64, ${own}) ENGINE = MergeTree ORDER BY (_batch, _record)`,
  })
}

/** Removes rows of batches that readers do not see: of a load that failed or was cut off. */
export async function deleteRowsAbove(engine: ClickHouseClient, id: number, batch: number): Promise<void> {
  if ((await countRows(engine, id, `_batch > ${batch}`)) > 0)
    await engine.command({
      query: `ALTER TABLE ${tableOf(id)} DELETE WHERE _batch > ${batch} SETTINGS mutations_sync = 2`,
    })
}

/**
 * Opens the way in for a batch: raw records go into a table that keeps nothing, one view turns them into rows, another tells
 * what is wrong with those that are none.
 */
export async function openIntake(
  engine: ClickHouseClient,
  id: number,
  batch: number,
  columns: Column[],
): Promise<void> {
  await closeIntake(engine, id)
  const raw = columns.map((_, i) => `c${i}`)
  const cells = raw.map((c) => `trimBoth(${c}, ' \t') AS r_${c}`)
  const values = columns.map((column, i) => `${valueSql(column, `r_c${i}`)} AS v_c${i}`)
  const checked = columns.flatMap((column, i) => {
    const missing = column.required ? [`r_c${i} = '', 'required'`] : []
    const other = column.datatype === 'string' ? [] : [`r_c${i} != '' AND isNull(v_c${i}), 'datatype'`]
    const cases = [...missing, ...other]
    return cases.length === 0 ? [] : [{ column, i, fault: `multiIf(${cases.join(', ')}, '')` }]
  })
  const bad = checked.length === 0 ? 'false' : checked.map((c) => `(${c.fault}) != ''`).join(' OR ')
  const from = `(SELECT _record, ${cells.join(', ')}, ${values.join(', ')} FROM ${intakeOf(id)})`
  const run = (query: string) => engine.command({ query })
  await run(
    `CREATE TABLE ${intakeOf(id)} (_record UInt64, ${raw.map((c) => `${c} String`).join(', ')}) ENGINE = Null`,
  )
  await run(`CREATE MATERIALIZED VIEW ${intakeOf(id)}_rows TO ${tableOf(id)} AS
    SELECT toUInt32(${batch}) AS _batch, _record, ${columns.map((c, i) => `v_c${i} AS ${quoted(c.name)}`).join(', ')}
    FROM ${from} WHERE NOT (${bad})`)
  if (checked.length === 0) return
  const told = checked.map(
    ({ column, i, fault }) =>
      `(${literal(column.name)}, substringUTF8(r_c${i}, 1, 200), ${fault}, ${literal(column.datatype)})`,
  )
  await run(`CREATE MATERIALIZED VIEW ${intakeOf(id)}_rejected TO collection.rejected AS
    SELECT toUInt32(${id}) AS table_id, toUInt32(${batch}) AS batch, _record AS record, toUInt64(0) AS line,
      f.1 AS column, f.2 AS value, f.3 AS rule, f.4 AS message
    FROM ${from} ARRAY JOIN arrayFilter(x -> x.3 != '', [${told.join(', ')}]) AS f WHERE ${bad}`)
}

export async function closeIntake(engine: ClickHouseClient, id: number): Promise<void> {
  for (const name of [`${intakeOf(id)}_rejected`, `${intakeOf(id)}_rows`, intakeOf(id)])
    await engine.command({ query: `DROP TABLE IF EXISTS ${name} SYNC` })
}

/** Sends raw records: CSV lines with the number of the record first. */
export async function insertRaw(
  engine: ClickHouseClient,
  id: number,
  csv: Buffer,
  delimiter: string,
): Promise<void> {
  await engine.insert({
    table: `${intakeOf(id)}`,
    values: Readable.from([csv], { objectMode: false }),
    format: 'CSV',
    clickhouse_settings: {
      format_csv_delimiter: delimiter,
      input_format_csv_trim_whitespaces: 0,
      // Two characters of a file like others.
      input_format_null_as_default: 0,
      input_format_csv_empty_as_default: 0,
    },
  })
}

/** A record that is no row, with the column where it is one cell. */
export interface RejectedRecord {
  record: number
  line: number
  column: string
  value: string
  rule: string
  message: string
}

export async function insertRejected(
  engine: ClickHouseClient,
  id: number,
  batch: number,
  records: RejectedRecord[],
): Promise<void> {
  if (records.length === 0) return
  await engine.insert({
    table: 'collection.rejected',
    values: records.map((r) => ({ table_id: id, batch, ...r })),
    format: 'JSONEachRow',
  })
}

async function select<T>(
  engine: ClickHouseClient,
  query: string,
  params: Record<string, unknown> = {},
): Promise<T[]> {
  const answer = await engine.query({ query, query_params: params, format: 'JSONEachRow' })
  return answer.json<T>()
}

async function countRows(engine: ClickHouseClient, id: number, condition: string): Promise<number> {
  const [row] = await select<{ n: number }>(
    engine,
    `SELECT toUInt32(count()) AS n FROM ${tableOf(id)} WHERE ${condition}`,
  )
  return row!.n
}

export const countBatchRows = (engine: ClickHouseClient, id: number, batch: number): Promise<number> =>
  countRows(engine, id, `_batch = ${batch}`)

/** Records of a batch that were rejected for the values of their cells. */
export async function countRejected(engine: ClickHouseClient, id: number, batch: number): Promise<number> {
  const [row] = await select<{ n: number }>(
    engine,
    `SELECT toUInt32(uniqExact(record)) AS n FROM collection.rejected
     WHERE table_id = ${id} AND batch = ${batch} AND column != ''`,
  )
  return row!.n
}

/** Records after a number, at most so many rows and the others of the last record. */
export const selectRejected = (
  engine: ClickHouseClient,
  id: number,
  batch: number,
  page: { after: number; limit: number },
): Promise<RejectedRecord[]> =>
  select(
    engine,
    `SELECT toFloat64(record) AS record, toFloat64(line) AS line, column, value, rule, message FROM collection.rejected
     WHERE table_id = ${id} AND batch = ${batch} AND record > {after:UInt64}
     ORDER BY record LIMIT {limit:UInt32} WITH TIES`,
    page,
  )

/** Which batches readers see: all up to one, or that one alone. */
export interface SeenBatches {
  from: number
  to: number
}

/** Rows in the order in which they came; values as the engine writes them, large numbers as texts. */
export const selectRows = (
  engine: ClickHouseClient,
  id: number,
  columns: Column[],
  seen: SeenBatches,
  page: { batch: number; record: number; limit: number },
): Promise<Record<string, unknown>[]> =>
  select(
    engine,
    `SELECT _batch, _record, ${columns.map((c) => quoted(c.name)).join(', ')} FROM ${tableOf(id)}
     WHERE _batch BETWEEN {from:UInt32} AND {to:UInt32} AND (_batch, _record) > ({batch:UInt32}, {record:UInt64})
     ORDER BY _batch, _record LIMIT {limit:UInt32}
     SETTINGS output_format_json_quote_64bit_integers = 1, output_format_json_quote_decimals = 1`,
    { ...seen, ...page },
  )
