import { readFileSync } from 'node:fs'
import { Parser, type Quad, Store } from 'n3'
import Validator from 'rdf-validate-shacl'

const validators = new Map<string, Validator>()

function validatorOf(file: string): Validator {
  const known = validators.get(file)
  if (known) return known
  const made = new Validator(new Store(new Parser().parse(readFileSync(file, 'utf8'))))
  validators.set(file, made)
  return made
}

/** What a graph breaks of the shapes in a Turtle file, one line each. */
export async function violations(quads: Quad[], shapesFile: string): Promise<string[]> {
  const report = await validatorOf(shapesFile).validate(new Store(quads))
  const short = (term: { value: string } | null | undefined) => term?.value.replace(/^.*[/#]/, '')
  return report.results.map(
    (r) =>
      `${short(r.focusNode)} ${short(r.path as { value: string })} ${short(r.sourceConstraintComponent)}`,
  )
}
