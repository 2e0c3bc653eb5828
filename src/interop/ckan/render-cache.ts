/** UTF-16 units of rendered packages kept: some 15,000 of 2 KB, 64 MB at most. */
const maxUnits = 32 * 1024 * 1024

interface Rendered {
  version: number
  /** Of the bodies (organization.ts). */
  generation: number
  text: string
}

/**
 * Rendered packages by row id, the least recently used forgotten first. One is current as long as its entry has the
 * version it was made of and no body changed; the reader asks the database for the version every time.
 */
export function createRenderCache() {
  const kept = new Map<number, Rendered>()
  let units = 0
  return {
    get(id: number, version: number, generation: number): string | undefined {
      const found = kept.get(id)
      if (found?.version !== version || found.generation !== generation) return undefined
      kept.delete(id)
      kept.set(id, found)
      return found.text
    },
    put(id: number, rendered: Rendered): void {
      units -= kept.get(id)?.text.length ?? 0
      kept.delete(id)
      kept.set(id, rendered)
      units += rendered.text.length
      for (const [oldest, { text }] of kept) {
        if (units <= maxUnits) break
        kept.delete(oldest)
        units -= text.length
      }
    },
  }
}
