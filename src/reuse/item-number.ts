import { createHash } from 'node:crypto'

/** Hexadecimal digits of a hash that a JavaScript number holds exactly: 52 bits. */
const digits = 13

/**
 * The number by which the tables know a text, so that 20,000,000 rows are grouped by integers. Two of 1,500,000 names
 * meet by chance once in 4,000 catalogues. `reuse.number_of` in the migration gives the same.
 */
export const numberOf = (text: string): number =>
  Number.parseInt(createHash('md5').update(text).digest('hex').slice(0, digits), 16)

/** The number of an item known by its data element. */
export const elementNumber = (dataElement: string): number => numberOf(`element:${dataElement}`)
