import { type Entry, selectHeads, selectPublishedUids, streamEntries } from '../../catalog/index.ts'
import type { Db } from '../../platform/postgres.ts'
import { selectNamed, selectNamesAfter } from './ckan.queries.ts'

/** Everything there is, in bounded memory: the reader sets the pace. */

/** Names of one read: 300 KB. */
const nameBatch = 5_000

/** The names of all published packages in their order. */
export async function* allNames(db: Db): AsyncGenerator<string[]> {
  const [plain, given] = [named(plainNames(db)), named(givenNames(db))]
  let [a, b] = [await plain(), await given()]
  let batch: string[] = []
  while (a !== undefined || b !== undefined) {
    if (b === undefined || (a !== undefined && a < b)) {
      batch.push(a!)
      a = await plain()
    } else {
      batch.push(b)
      b = await given()
    }
    if (batch.length === nameBatch) {
      yield batch
      batch = []
    }
  }
  if (batch.length > 0) yield batch
}

/** One after another, waiting only where a batch ends. */
function named(batches: AsyncGenerator<string[]>): () => string | undefined | Promise<string | undefined> {
  let batch: string[] = []
  let at = 0
  const next = async (): Promise<string | undefined> => {
    for (;;) {
      const read = await batches.next()
      if (read.done) return undefined
      batch = read.value
      at = 0
      if (batch.length > 0) return batch[at++]
    }
  }
  return () => (at < batch.length ? batch[at++] : next())
}

/** Addresses of the packages that have no name of their own. */
async function* plainNames(db: Db): AsyncGenerator<string[]> {
  for (let after: string | null = null; ; ) {
    const rows: { uid: string; id: number }[] = await selectPublishedUids(db, after, nameBatch)
    if (rows.length === 0) return
    const ids = rows.map((r) => r.id)
    const others = await selectNamed(db, ids)
    yield rows.filter((r) => !others.has(r.id)).map((r) => r.uid)
    after = rows.at(-1)!.uid
  }
}

/** Names that clients gave. */
async function* givenNames(db: Db): AsyncGenerator<string[]> {
  for (let after = ''; ; ) {
    const rows = await selectNamesAfter(db, after, nameBatch)
    if (rows.length === 0) return
    const published = new Set((await selectHeads(db, { ids: rows.map((r) => r.id) })).map((h) => h.id))
    yield rows.filter((r) => published.has(r.id)).map((r) => r.name)
    after = rows.at(-1)!.name
  }
}

/** A page of the names: the walk is the same, so that pages and whole lists agree. */
export async function namePage(db: Db, offset: number, limit: number): Promise<string[]> {
  const page: string[] = []
  let passed = 0
  for await (const batch of allNames(db)) {
    const from = Math.max(0, offset - passed)
    if (from < batch.length) page.push(...batch.slice(from, from + limit - page.length))
    passed += batch.length
    if (page.length >= limit) break
  }
  return page
}

/** Entries of one read: whole packages, some 1 MB. */
const packageBatch = 200

/** All published packages, rendered, in the order of their registration. */
export async function* allPackages(
  db: Db,
  render: (entries: Entry[]) => Promise<string[]>,
): AsyncGenerator<string[]> {
  for await (const entries of streamEntries(db, { batch: packageBatch })) yield await render(entries)
}
