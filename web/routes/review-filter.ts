import { type Raw, text } from './plain-search.ts'

/** What the address of the review queue says. */
export const readReviewFilter = (
  raw: Raw,
): { state?: string; due?: string; kind?: string; body?: string; mine?: string } => ({
  state: text(raw.state),
  due: text(raw.due),
  kind: text(raw.kind),
  body: text(raw.body),
  mine: text(raw.mine),
})
