import { beforeAll, describe, expect, it, vi } from 'vitest'

let foreignLanguage: typeof import('./content-language.ts').foreignLanguage

describe('the language of a text on a page', () => {
  beforeAll(async () => {
    // Preferences look at the browser when they are loaded.
    vi.stubGlobal('navigator', { language: 'en', languages: ['en'] })
    vi.stubGlobal('matchMedia', () => ({ matches: false }))
    foreignLanguage = (await import('./content-language.ts')).foreignLanguage
  })

  it('is marked where it was written down and is not that of the page', () => {
    expect(foreignLanguage('Driving licences', 'zh-CN', 'en')).toBe('en')
    expect(foreignLanguage('机动车驾驶证信息', 'en', 'zh-CN')).toBe('zh-CN')
    expect(foreignLanguage('Driving licences', 'en', 'en-GB')).toBeUndefined()
  })

  it('is seen by its characters where nobody wrote it down', () => {
    expect(foreignLanguage('内政部', 'en')).toBe('zh')
    expect(foreignLanguage('内政部', 'zh-CN')).toBeUndefined()
    // Latin letters may be any language; a wrong mark is worse than none.
    expect(foreignLanguage('Ministerio del Interior', 'zh-CN')).toBeUndefined()
  })
})
