import type { Raw } from './plain-search.ts'

export const tableTabs = ['rows', 'columns', 'batches'] as const

/** What the address of a table says: which tab, and which of its loads. */
export const readTableSearch = (raw: Raw): { tab?: (typeof tableTabs)[number]; batch?: number } => {
  const batch = Number(raw.batch)
  return {
    tab: tableTabs.find((tab) => tab === raw.tab),
    batch: Number.isSafeInteger(batch) && batch > 0 ? batch : undefined,
  }
}
