import { type Quad, Writer } from 'n3'
import { namespaces } from './vocabulary.ts'

/** Writes quads in a syntax of the Turtle family, at once. */
export function serialise(
  quads: Quad[],
  format: 'text/turtle' | 'application/trig' | 'application/n-triples' | 'application/n-quads',
): string {
  const writer = new Writer({ format, prefixes: namespaces })
  writer.addQuads(quads)
  let text = ''
  writer.end((error, result: string) => {
    if (error) throw error
    text = result
  })
  return text
}
