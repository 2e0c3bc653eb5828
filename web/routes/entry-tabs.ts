/** Tabs of an entry's page, the first one without a name in the address. */
export const entryTabs = ['items', 'access', 'versions', 'related', 'api'] as const
export type EntryTab = (typeof entryTabs)[number]
