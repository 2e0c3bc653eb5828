import { Parser, type Quad, Store } from 'n3'
import Validator from 'rdf-validate-shacl'
import { maxFindings, type ShaclFinding, type ShaclOutcome } from './shacl.schema.ts'
import { namespaces } from './vocabulary.ts'

/** Characters of a value or message that are kept. */
const maxText = 300

/** Checks graphs against shapes. */
export interface ShaclChecker {
  /** @param subject the address of the entry, to tell its parts by what comes after it. */
  check(quads: Quad[], subject: string): Promise<ShaclOutcome>
}

/** @throws Error where the text is not Turtle or holds no shapes. */
export function createChecker(shapes: string): ShaclChecker {
  const store = new Store(new Parser({ format: 'text/turtle' }).parse(shapes))
  const kinds = ['NodeShape', 'PropertyShape'].map((name) => `http://www.w3.org/ns/shacl#${name}`)
  if (!kinds.some((kind) => store.countQuads(null, `${namespaces.rdf}type`, kind, null) > 0))
    throw new Error('there is no SHACL shape in it')
  const validator = new Validator(store)
  return {
    async check(quads, subject) {
      const report = await validator.validate(new Store(quads))
      const findings = report.results.map((result) => toFinding(result, subject))
      const count = (severity: string) => findings.filter((one) => one.severity === severity).length
      return {
        conforms: report.conforms,
        violations: count('violation'),
        warnings: count('warning'),
        findings: findings.sort(worstFirst).slice(0, maxFindings),
      }
    },
  }
}

type Result = Awaited<ReturnType<Validator['validate']>>['results'][number]

const severities = ['violation', 'warning', 'info'] as const
const worstFirst = (a: ShaclFinding, b: ShaclFinding) =>
  severities.indexOf(a.severity) - severities.indexOf(b.severity)

function toFinding(result: Result, subject: string): ShaclFinding {
  const value = (term: unknown) => (term as { value?: string } | null | undefined)?.value ?? ''
  const severity = value(result.severity).replace(/.*#/, '').toLowerCase()
  const node = value(result.focusNode)
  return {
    severity: severities.find((one) => one === severity) ?? 'violation',
    node: node.startsWith(subject) ? node.slice(subject.length) : node.slice(0, maxText),
    path: shortName(value(result.path)),
    rule: value(result.sourceConstraintComponent)
      .replace(/.*#/, '')
      .replace(/ConstraintComponent$/, ''),
    message: result.message.map(value).join(' ').slice(0, maxText),
    value: value(result.value).slice(0, maxText) || null,
  }
}

/** `dct:title` for the address of a term. */
function shortName(address: string): string {
  const end = address.search(/[^#/]*$/)
  const prefix = Object.entries(namespaces).find(([, namespace]) => namespace === address.slice(0, end))?.[0]
  return prefix ? `${prefix}:${address.slice(end)}` : address.slice(0, maxText)
}
