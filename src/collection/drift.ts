import type { Fault } from '../platform/errors.ts'
import type { Column } from './table.schema.ts'

/**
 * Compares the columns of a file with those that a table was pinned with, by title; their order does not count.
 * @returns faults for what is new or missing, and for each column of the file its place in the table
 */
export function driftOf(pinned: Column[], found: Column[]): { faults: Fault[]; order: number[] } {
  const places = new Map(pinned.map((c, i) => [c.title, i]))
  const titles = new Set(found.map((c) => c.title))
  const faults: Fault[] = []
  for (const { title } of found)
    if (!places.has(title))
      faults.push({
        path: `/${title}`,
        rule: 'new_column',
        message: `The file has a column ${title}, which the table does not have.`,
        remedy: 'Load it into a table of its own, or leave the column out.',
      })
  for (const { title } of pinned)
    if (!titles.has(title))
      faults.push({
        path: `/${title}`,
        rule: 'missing_column',
        message: `The file does not have the column ${title}.`,
        remedy: 'Add it to the file; its cells may be empty.',
      })
  return { faults, order: found.map((c) => places.get(c.title) ?? -1) }
}
