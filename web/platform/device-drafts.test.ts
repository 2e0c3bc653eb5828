import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  forgetDeviceDraft,
  forgetDeviceDrafts,
  hasDeviceDrafts,
  keepDeviceDraft,
  readDeviceDraft,
} from './device-drafts.ts'

/** What a browser has, in memory; its keys are own members, as in a browser. */
function storage(full = false) {
  const items: Record<string, string> = {}
  return Object.assign(items, {
    getItem: (key: string) => items[key] ?? null,
    setItem: (key: string, value: string) => {
      if (full) throw new Error('QuotaExceededError')
      items[key] = value
    },
    removeItem: (key: string) => {
      delete items[key]
    },
  })
}

for (const full of [false, true])
  describe(`unsaved work on a device whose storage is ${full ? 'full' : 'open'}`, () => {
    beforeEach(() => {
      vi.stubGlobal('localStorage', storage(full))
      forgetDeviceDrafts()
    })
    afterEach(() => vi.unstubAllGlobals())

    it('is found again by the person and by nobody else', () => {
      keepDeviceDraft('ann', 'new', { title: 'Half written' })
      expect(readDeviceDraft('ann', 'new')).toEqual({ title: 'Half written' })
      expect(readDeviceDraft('bo', 'new')).toBeNull()
      expect(hasDeviceDrafts('bo')).toBe(false)
      forgetDeviceDraft('ann', 'new')
      expect(hasDeviceDrafts('ann')).toBe(false)
    })

    it('goes when its person signs out, and when somebody else signs in', () => {
      keepDeviceDraft('ann', 'new', 1)
      keepDeviceDraft('bo', 'new', 2)
      forgetDeviceDrafts('bo')
      expect(readDeviceDraft('ann', 'new')).toBeNull()
      expect(readDeviceDraft('bo', 'new')).toBe(2)
      forgetDeviceDrafts()
      expect(hasDeviceDrafts('bo')).toBe(false)
    })
  })
