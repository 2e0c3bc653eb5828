import { readFileSync } from 'node:fs'
import { Parser, type Quad, Store } from 'n3'
import Validator from 'rdf-validate-shacl'

/** What a graph breaks of the shapes in a Turtle file, one line each. */
export async function violations(quads: Quad[], shapesFile: string): Promise<string[]> {
  const shapes = new Store(new Parser().parse(readFileSync(shapesFile, 'utf8')))
  const report = await new Validator(shapes).validate(new Store(quads))
  const short = (term: { value: string } | null | undefined) => term?.value.replace(/^.*[/#]/, '')
  return report.results.map(
    (r) =>
      `${short(r.focusNode)} ${short(r.path as { value: string })} ${short(r.sourceConstraintComponent)}`,
  )
}
