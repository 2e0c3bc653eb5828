/** What the report of duplicates is narrowed by. */
export interface DuplicateFilter {
  q?: string
  body?: string
  theme?: string
  minBodies?: string
}

/** The filter in an address; what does not fit is left out. */
export function readDuplicateFilter(raw: Record<string, unknown>): DuplicateFilter {
  const text = (value: unknown) => (typeof value === 'string' && value ? value : undefined)
  const minBodies = String(raw.minBodies ?? '')
  return {
    q: text(raw.q),
    body: text(raw.body),
    theme: text(raw.theme),
    minBodies: /^\d{1,5}$/.test(minBodies) ? minBodies : undefined,
  }
}
