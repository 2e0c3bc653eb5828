/** What an address says, before anything is known of it. */
export type Raw = Record<string, unknown>
export const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value ? value : undefined

/** Plain addresses: `?q=住址&theme=health&theme=water`, nothing encoded as JSON. */
export function parseSearch(query: string): Record<string, string | string[]> {
  const out: Record<string, string | string[]> = {}
  const params = new URLSearchParams(query)
  for (const name of new Set(params.keys())) {
    const values = params.getAll(name)
    out[name] = values.length > 1 ? values : (values[0] ?? '')
  }
  return out
}

export function stringifySearch(search: Record<string, unknown>): string {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(search)) {
    if (value === undefined || value === null || value === '') continue
    for (const one of Array.isArray(value) ? value : [value]) params.append(name, String(one))
  }
  const query = params.toString()
  return query ? `?${query}` : ''
}

/** A date as the browser's date fields write it. */
export const day = (value: unknown) =>
  typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value))
    ? value
    : undefined
