import { Readable } from 'node:stream'
import type { ClickHouseClient } from '../platform/clickhouse.ts'
import { quote } from '../platform/engine-sql.ts'
import { textSql, typeSql, valueSql } from './reading.ts'
import type { Column } from './table.schema.ts'

/** Rows of collected tables. Names in SQL are numbers of ours and checked names of columns. */

const tableOf = (id: number) => `collection.t_${id}`
/** Where raw records of a batch go in, and where they are once their values are read; neither keeps anything. */
const intakeOf = (id: number) => `collection.in_${id}`
const readOf = (id: number) => `collection.read_${id}`
/** Characters of a wrong value that are kept. */
const shownValue = 200
const quoted = (name: string) => `\`${name}\``

export async function createRowTable(engine: ClickHouseClient, id: number, columns: Column[]): Promise<void> {
  const own = columns.map((c) => `${quoted(c.name)} ${typeSql(c)}`).join(', ')
  await engine.command({
    query: `CREATE TABLE IF NOT EXISTS ${tableOf(id)}
      (_batch UInt32, _record UInt64, ${own}) ENGINE = MergeTree ORDER BY (_batch, _record)`,
  })
}

export async function dropRowTable(engine: ClickHouseClient, id: number): Promise<void> {
  await engine.command({ query: `DROP TABLE IF EXISTS ${tableOf(id)} SYNC` })
}

/** Removes rows of batches that readers do not see: of a load that failed or was cut off. */
export async function deleteRowsAbove(engine: ClickHouseClient, id: number, batch: number): Promise<void> {
  if ((await countRows(engine, id, `_batch > ${batch}`)) > 0)
    await engine.command({
      query: `ALTER TABLE ${tableOf(id)} DELETE WHERE _batch > ${batch} SETTINGS mutations_sync = 2`,
    })
}

/**
 * Opens the way in for a batch. Raw records go into a table that keeps nothing; a view reads their values into another such
 * table, once; from there one view makes rows, and one tells what is wrong with those that are none. Each step stands in a
 * subselect of its own, so that no expression is written out twice, however many columns there are.
 * @param columns in the order of the file
 */
export async function openIntake(
  engine: ClickHouseClient,
  id: number,
  batch: number,
  columns: Column[],
): Promise<void> {
  await closeIntake(engine, id)
  // Names of ours begin with an underscore, which no column's does.
  const each = (write: (column: Column, i: number) => string) => columns.map(write).join(', ')
  const strict = columns.flatMap((column, i) => (column.datatype === 'string' ? [] : [{ column, i }]))
  const trimmed = `SELECT _record, ${each((_, i) => `trimBoth(_c${i}, ' \t') AS _r${i}`)} FROM ${intakeOf(id)}`
  const texts = `SELECT *, ${each((column, i) => `${textSql(column, `_r${i}`)} AS _t${i}`)} FROM (${trimmed})`
  const values = `SELECT *, ${each((column, i) => `${valueSql(column, `_t${i}`)} AS _v${i}`)} FROM (${texts})`
  const isWrong = (i: number) => `(_r${i} != '' AND isNull(_v${i}))`
  const wrong = strict.map(({ i }) => isWrong(i))
  const isBad = wrong.length > 1 ? `or(${wrong.join(', ')})` : (wrong[0] ?? 'false')
  const run = (query: string) => engine.command({ query })
  await run(`CREATE TABLE ${intakeOf(id)} (_record UInt64, ${each((_, i) => `_c${i} String`)}) ENGINE = Null`)
  await run(`CREATE TABLE ${readOf(id)} (_record UInt64, _bad Bool, ${each((_, i) => `_r${i} String`)},
    ${each((column, i) => `_v${i} ${typeSql(column)}`)}) ENGINE = Null`)
  await run(`CREATE MATERIALIZED VIEW ${readOf(id)}_rows TO ${tableOf(id)} AS
    SELECT toUInt32(${batch}) AS _batch, _record, ${each((column, i) => `_v${i} AS ${quoted(column.name)}`)}
    FROM ${readOf(id)} WHERE NOT _bad`)
  const told = strict.map(
    ({ column, i }) =>
      `(${isWrong(i)}, ${quote(column.name)}, substringUTF8(_r${i}, 1, ${shownValue}), ${quote(column.datatype)})`,
  )
  if (told.length > 0)
    await run(`CREATE MATERIALIZED VIEW ${readOf(id)}_rejected TO collection.rejected AS
      SELECT toUInt32(${id}) AS table_id, toUInt32(${batch}) AS batch, _record AS record, toUInt64(0) AS line,
        f.2 AS column, f.3 AS value, 'datatype' AS rule, f.4 AS message
      FROM (SELECT * FROM ${readOf(id)} WHERE _bad) ARRAY JOIN arrayFilter(x -> x.1, [${told.join(', ')}]) AS f`)
  await run(`CREATE MATERIALIZED VIEW ${intakeOf(id)}_read TO ${readOf(id)} AS
    SELECT _record, ${isBad} AS _bad, ${each((_, i) => `_r${i}, _v${i}`)} FROM (${values})`)
}

/** Closes the way in, once what is on it has arrived. */
export async function closeIntake(engine: ClickHouseClient, id: number): Promise<void> {
  const [intake, read] = [intakeOf(id), readOf(id)]
  for (const name of [`${intake}_read`, `${read}_rows`, `${read}_rejected`, read, intake])
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
      // Without it a tab is refused as a delimiter.
      input_format_csv_allow_whitespace_or_tab_as_delimiter: 1,
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
