import { type Raw, text } from './plain-search.ts'

/** What the addresses of sources say beside their path. */

export const readSourceFilter = (
  raw: Raw,
): { registry?: boolean; q?: string; kind?: string; country?: string } => ({
  registry: raw.registry === 'true' || raw.registry === true || undefined,
  q: text(raw.q),
  kind: text(raw.kind),
  country: text(raw.country),
})

export const sourceTabs = ['run', 'settings', 'history'] as const

export const readSourceSearch = (
  raw: Raw,
): { tab?: (typeof sourceTabs)[number]; run?: string; outcome?: string } => ({
  tab: sourceTabs.find((tab) => tab === raw.tab),
  run: text(raw.run),
  outcome: text(raw.outcome),
})
