import { DataFactory, type NamedNode, type Quad, type Term } from 'n3'
import { rdf, xsd } from './vocabulary.ts'

const { literal, quad } = DataFactory

/** What may stand as an object; undefined and empty texts say nothing. */
type Value = Term | undefined

/** Collects statements about one subject after another. */
export interface GraphNode {
  readonly id: NamedNode
  /** Adds a statement for each value that says something. */
  add(predicate: NamedNode, ...values: Value[]): GraphNode
  /** A part of this resource with an address of its own (`#name`), linked from it. */
  part(predicate: NamedNode, name: string, ...types: NamedNode[]): GraphNode
  /** Another resource, linked from it and described as far as the receiver needs it. */
  link(predicate: NamedNode, id: NamedNode | undefined, ...types: NamedNode[]): GraphNode
}

/** Begins the description of a resource; its statements go to `quads`. */
export function describe(quads: Quad[], id: NamedNode, ...types: NamedNode[]): GraphNode {
  const node: GraphNode = {
    id,
    add(predicate, ...values) {
      for (const value of values) if (value) quads.push(quad(id, predicate, value as NamedNode))
      return node
    },
    part: (predicate, name, ...partTypes) =>
      node.link(predicate, DataFactory.namedNode(`${id.value.split('#')[0]}#${name}`), ...partTypes),
    link(predicate, other, ...otherTypes) {
      if (!other) return silent
      node.add(predicate, other)
      return describe(quads, other, ...otherTypes)
    },
  }
  node.add(rdf('type'), ...types)
  return node
}

/** Takes what is said of a resource that is not there. */
const silent: GraphNode = {
  id: DataFactory.namedNode(''),
  add: () => silent,
  part: () => silent,
  link: () => silent,
}

export const text = (value: string | null | undefined): Value => (value ? literal(value) : undefined)

/** A text in a language (BCP 47); without one it is a plain text. */
export const textIn = (value: string | null | undefined, language: string | undefined): Value =>
  value ? (language ? literal(value, language.toLowerCase()) : literal(value)) : undefined

export const typed = (value: string | number | null | undefined, datatype: string): Value =>
  value === null || value === undefined || value === '' ? undefined : literal(String(value), xsd(datatype))

/** A calendar date or a moment, by its form. */
export const time = (value: string | null | undefined): Value =>
  typed(value, value?.includes('T') ? 'dateTime' : 'date')
