import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { codeList, loadProfile } from '../src/platform/profile.ts'

const ids = readdirSync(new URL('../profiles/', import.meta.url)).map((f) => f.replace('.json', ''))

describe.each(ids)('profile %s', (id) => {
  const profile = loadProfile(id)
  const lists = Object.entries(profile.codeLists)

  it('has every label in Chinese and English', () => {
    const labels = [
      profile.name,
      ...lists.flatMap(([, list]) => [
        list.label,
        ...list.entries.flatMap((e) => [e.label, ...(e.note ? [e.note] : [])]),
      ]),
      ...profile.extensionFields.map((f) => f.label),
    ]
    for (const label of labels) {
      expect(label.en, JSON.stringify(label)).toMatch(/[A-Za-z]/)
      expect(label['zh-CN'], JSON.stringify(label)).toMatch(/\p{Script=Han}|^pH/u)
    }
  })

  it('has the classes the core decides by, and grades from the highest to the lowest', () => {
    const codes = (name: string) => [...codeList(profile, name).keys()]
    expect(codes('sharingType')).toEqual(['unconditional', 'conditional', 'not_shared'])
    expect(codes('openType')).toEqual(['unconditional', 'conditional', 'not_open'])
    expect(codes('grade')).toEqual(['core', 'important', 'general_4', 'general_3', 'general_2', 'general_1'])
    expect(codes('tier').slice(0, 3)).toEqual(['nation', 'province', 'city'])
  })

  it('takes resource codes made of its own classes', () => {
    const { pattern, separator } = profile.identifiers.resourceCode
    const parents = new Set(profile.codeLists.classification!.entries.map((e) => e.parent))
    for (const e of profile.codeLists.classification!.entries)
      if (!parents.has(e.code) && e.code.length > 3)
        expect(`${e.code}${separator}000042`).toMatch(new RegExp(pattern, 'u'))
  })

  it('names a list for every coded extension field', () => {
    for (const f of profile.extensionFields)
      if (f.type === 'code') expect(profile.codeLists[f.codeList ?? ''], f.name).toBeDefined()
  })
})

describe('profile cn', () => {
  const profile = loadProfile('cn')
  it('keeps the numbers of the guide and says how well they are known', () => {
    const national = (list: string) => profile.codeLists[list]!.entries.map((e) => e.nationalCode)
    expect(national('sharingType')).toEqual(['1', '2', '3'])
    expect(national('updateCycle').slice(0, 6)).toEqual(['1', '2', '3', '4', '5', '6'])
    expect(profile.codeLists.classification!.evidence).toBe('unverified')
    expect(profile.codeLists.grade!.evidence).toBe('secondary')
    expect('101001/000042').toMatch(new RegExp(profile.identifiers.resourceCode.pattern, 'u'))
  })
})
