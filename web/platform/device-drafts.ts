/**
 * Unsaved work on this device, kept apart by person: a browser at a counter is shared, and nobody may find the
 * work of the one before. Where storage is full or closed to us the work lives as long as the page.
 */
const prefix = 'concord.draft.'
const inPage = new Map<string, string>()

const storageKey = (person: string, name: string) => `${prefix}${person}.${name}`

function storedKeys(): string[] {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(prefix))
  } catch {
    return []
  }
}

/** What was kept, or null: nothing there, or something that is not ours. */
export function readDeviceDraft<T>(person: string, name: string): T | null {
  const key = storageKey(person, name)
  try {
    return JSON.parse(inPage.get(key) ?? localStorage.getItem(key) ?? 'null') as T | null
  } catch {
    return null
  }
}

export function keepDeviceDraft(person: string, name: string, value: unknown): void {
  const key = storageKey(person, name)
  const text = JSON.stringify(value)
  try {
    localStorage.setItem(key, text)
    inPage.delete(key)
  } catch {
    inPage.set(key, text)
  }
}

function remove(key: string): void {
  inPage.delete(key)
  try {
    localStorage.removeItem(key)
  } catch {
    // Storage is closed to us; nothing was kept there.
  }
}

export const forgetDeviceDraft = (person: string, name: string): void => remove(storageKey(person, name))

/** Whether a person has unsaved work here. */
export const hasDeviceDrafts = (person: string): boolean =>
  [...storedKeys(), ...inPage.keys()].some((key) => key.startsWith(storageKey(person, '')))

/** Takes everybody's work away, or everybody's but one person's. */
export function forgetDeviceDrafts(except?: string): void {
  const stays = except === undefined ? null : storageKey(except, '')
  for (const key of new Set([...storedKeys(), ...inPage.keys()]))
    if (stays === null || !key.startsWith(stays)) remove(key)
}
