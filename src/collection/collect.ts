import type { ClickHouseClient } from '../platform/clickhouse.ts'
import { ConcordError } from '../platform/errors.ts'
import { type Db, inTransaction, isUniqueViolation } from '../platform/postgres.ts'
import { ifUnlocked } from '../platform/server.queries.ts'
import {
  type Actor,
  audit,
  authorize,
  findOrganisation,
  freshOrganisationTree,
  listOrganisations,
} from '../security/index.ts'
import { type CollectProgress, type CollectSummary, loadBatch } from './batch.ts'
import { openCsv } from './csv-file.ts'
import { insertTable, selectTable, type TableRow } from './table.queries.ts'
import type { Column, DataTable } from './table.schema.ts'

export interface CollectInput {
  file: string
  /** Name of the table; it is made where there is none. */
  table: string
  /** Code of the body of a new table; default: the actor's own, else the highest. */
  body?: string
  title?: string
  mode?: DataTable['mode']
  delimiter?: string
  encoding?: string
  signal?: AbortSignal
  onProgress?: (progress: CollectProgress) => void
}

/** What collecting needs of its node. */
export interface CollectNode {
  db: Db
  engine: ClickHouseClient
}

/** Any number that no other program uses as an advisory lock in this database; those of tables are this many millions and their ids. */
const tableLock = 7_226_071
/**
 * Loads a file into a table: readers see all of it or nothing. The first batch pins the columns; a file with others is
 * quarantined with what differs. The same file again changes nothing, and a load that was cut off is done anew.
 * @throws ConcordError where the file is no table, somebody loads the same table, or the actor may not.
 */
export async function collectFile(
  node: CollectNode,
  actor: Actor,
  input: CollectInput,
): Promise<CollectSummary> {
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(input.table))
    throw new ConcordError(
      'invalid_request',
      `${input.table.slice(0, 80)} is no name of a table: small letters, digits and underscores, a letter first.`,
    )
  await freshOrganisationTree(node.db)
  const known = await selectTable(node.db, input.table)
  const organisationId = known?.organisationId ?? (await bodyOf(node.db, actor, input.body))
  authorize(actor, 'table:collect', { kind: 'table', organisationId })
  if (known) await refuseOtherTable(node.db, known, input)
  const file = await openCsv(input.file, input)
  try {
    const table = known ?? (await makeTable(node.db, actor, input, organisationId, file.columns))
    const done = await ifUnlocked(node.db, tableLock * 1_000_000 + table.id, () =>
      loadBatch(node, actor, table.name, file, input),
    )
    if (done) return done
  } finally {
    file.source.close()
  }
  throw new ConcordError(
    'conflict',
    `The table ${input.table} is being loaded. Wait until that load has ended.`,
  )
}

/** What is said of a new table is not silently dropped where the table is there, and another. @throws conflict */
async function refuseOtherTable(db: Db, known: TableRow, { mode, body, title }: CollectInput): Promise<void> {
  const is = (what: string) =>
    new ConcordError(
      'conflict',
      `The table ${known.name} is there, and ${what}. Leave the option out, or take another name.`,
    )
  if (mode !== undefined && mode !== known.mode)
    throw is(
      known.mode === 'snapshot' ? 'each of its files is the whole table' : 'keeps the rows of all its files',
    )
  if (title !== undefined && title !== known.title) throw is(`has the title ${known.title}`)
  if (body !== undefined && (await findOrganisation(db, { code: body }))?.id !== known.organisationId)
    throw is('belongs to another body')
}

async function bodyOf(db: Db, actor: Actor, code: string | undefined): Promise<number> {
  if (code === undefined && actor.organisationId !== null) return actor.organisationId
  const found =
    code === undefined ? (await listOrganisations(db, { limit: 1 }))[0] : await findOrganisation(db, { code })
  if (!found)
    throw new ConcordError('invalid_request', code ? `There is no body ${code}.` : 'There is no body yet.')
  return found.id
}

const makeTable = (
  db: Db,
  actor: Actor,
  input: CollectInput,
  organisationId: number,
  columns: Column[],
): Promise<TableRow> =>
  inTransaction(db, async (tx) => {
    const { table: name, title = name, mode = 'snapshot' } = input
    const made = await insertTable(tx, { name, title, organisationId, mode, columns, by: actor.name }).catch(
      (error) => {
        if (isUniqueViolation(error))
          throw new ConcordError(
            'conflict',
            `Somebody else just made the table ${name}. Load the file again.`,
          )
        throw error
      },
    )
    await audit(tx, {
      actor,
      action: 'table:create',
      objectKind: 'table',
      objectId: name,
      organisationId,
      decision: 'allow',
      detail: { mode, columns: columns.length },
    })
    return made
  })
