import type { Db } from '../platform/postgres.ts'
import { readOrganisationRevision, readOrganisationTree } from './organisation.queries.ts'

/**
 * The tree of bodies in memory (6,000 bodies are 100 KB), because every decision about an entry asks whether
 * its body is below the actor's. A trigger counts changes of the table; a look at that counter once per
 * `treeTtlMs` tells whether to read the tree again. A body that is not in the tree is in nobody's area.
 */
const treeTtlMs = 1_000

const tree = { parents: new Map<number, number | null>(), revision: -1, checkedAt: 0 }
let loading: Promise<void> | undefined

/** Counts changes of the tree in memory; remembered decisions are valid for one number. */
let generation = 0
export const treeGeneration = () => generation

/** Brings the tree in memory up to date; cheap when it was looked at within the last second. */
export async function freshOrganisationTree(db: Db, now = Date.now()): Promise<void> {
  if (now - tree.checkedAt < treeTtlMs) return
  await (loading ?? load(db, now))
}

function load(db: Db, now: number): Promise<void> {
  const work = reload(db, now).finally(() => {
    if (loading === work) loading = undefined
  })
  loading = work
  return work
}

/** A number that grows with every change of a body: what was read of bodies is current as long as it stays. One row. */
export const organisationRevision = (db: Db): Promise<number> => readOrganisationRevision(db)

/** Reads the tree now: for a program that acts without HTTP requests, and after bulk changes. */
export async function reloadOrganisationTree(db: Db): Promise<void> {
  // One that began before may have read what was there before, and must not have the last word.
  await loading?.catch(() => {})
  tree.revision = -1
  await load(db, Date.now())
}

async function reload(db: Db, now: number): Promise<void> {
  const revision = await readOrganisationRevision(db)
  if (revision !== tree.revision) {
    tree.parents = new Map((await readOrganisationTree(db)).map((o) => [o.id, o.parentId]))
    tree.revision = revision
    generation++
  }
  tree.checkedAt = now
}

/** Puts a body made or moved in this process into the tree at once; a rolled back one vanishes with the next reading. */
export function placeInTree(id: number, parentId: number | null): void {
  tree.parents.set(id, parentId)
  // Forces the next look to read everything, whether the transaction commits or not.
  tree.revision = -1
  generation++
}

/** The body and those above it, nearest first; empty when it is unknown. */
export function pathToRoot(id: number): number[] {
  const path: number[] = []
  let at: number | null | undefined = id
  while (at != null && tree.parents.has(at) && !path.includes(at)) {
    path.push(at)
    at = tree.parents.get(at)
  }
  return path
}

/** True when `id` is `ancestor` or below it. */
export const isWithin = (id: number, ancestor: number): boolean => pathToRoot(id).includes(ancestor)

/** The body and all below it. */
export function subtree(id: number): number[] {
  if (!tree.parents.has(id)) return []
  const children = new Map<number, number[]>()
  for (const [child, parent] of tree.parents) {
    if (parent == null) continue
    const list = children.get(parent)
    if (list) list.push(child)
    else children.set(parent, [child])
  }
  const found = [id]
  for (let i = 0; i < found.length; i++) found.push(...(children.get(found[i]!) ?? []))
  return found
}
