import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const namespaces = ['portal', 'work']
const languages = ['en', 'zh-CN']

type Texts = { [key: string]: string | Texts }

/** Every key with its text; endings for numbers are folded, because languages count differently. */
function flatten(texts: Texts, before = ''): Map<string, string> {
  const out = new Map<string, string>()
  for (const [key, value] of Object.entries(texts)) {
    if (typeof value === 'string') out.set(before + key.replace(/_(one|other)$/, ''), value)
    else for (const [inner, text] of flatten(value, `${before}${key}.`)) out.set(inner, text)
  }
  return out
}

const read = (language: string, namespace: string) =>
  flatten(JSON.parse(readFileSync(`${root}locales/${language}/${namespace}.json`, 'utf8')) as Texts)

function sources(folder = root): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory()
      ? sources(`${folder}${entry.name}/`)
      : /\.tsx?$/.test(entry.name) && !entry.name.endsWith('.test.ts')
        ? [readFileSync(folder + entry.name, 'utf8')]
        : [],
  )
}

describe('texts of the pages', () => {
  for (const namespace of namespaces)
    it(`has the same keys of ${namespace} in every language`, () => {
      const [first, ...others] = languages.map((language) => [...read(language, namespace).keys()].sort())
      for (const other of others) expect(other).toEqual(first)
    })

  it('has the same values to fill in, in every language', () => {
    const holes = (text: string) => (text.match(/\{\{\w+\}\}/g) ?? []).sort().join(' ')
    for (const namespace of namespaces) {
      const chinese = read('zh-CN', namespace)
      for (const [key, text] of read('en', namespace)) {
        // A number may be left to the ending of the word.
        const known = new Set(holes(text).split(' '))
        const used = holes(chinese.get(key) ?? '').split(' ')
        expect(
          used.filter((hole) => hole !== '' && !known.has(hole)),
          key,
        ).toEqual([])
      }
    }
  })

  it('has every key that the pages ask for', () => {
    const known = new Set(namespaces.flatMap((namespace) => [...read('en', namespace).keys()]))
    const asked = sources().flatMap((text) =>
      [...text.matchAll(/\bt\(\s*'([\w.-]+)'/g)].map((match) => match[1]),
    )
    expect(asked.length).toBeGreaterThan(200)
    expect(asked.filter((key) => key !== undefined && !known.has(key))).toEqual([])
  })

  it('has the families of keys that the pages put together', () => {
    const known = [...new Set(namespaces.flatMap((namespace) => [...read('en', namespace).keys()]))]
    const families = sources().flatMap((text) =>
      [...text.matchAll(/\bt\(\s*`([\w.-]+[.-])\$\{/g)].map((match) => match[1] ?? ''),
    )
    expect(families.length).toBeGreaterThan(10)
    expect(families.filter((family) => !known.some((key) => key.startsWith(family)))).toEqual([])
  })
})
