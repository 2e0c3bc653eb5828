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

/** The same back to a query. */
export function stringifySearch(search: Record<string, unknown>): string {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(search)) {
    if (value === undefined || value === null || value === '') continue
    for (const one of Array.isArray(value) ? value : [value]) params.append(name, String(one))
  }
  const query = params.toString()
  return query ? `?${query}` : ''
}
