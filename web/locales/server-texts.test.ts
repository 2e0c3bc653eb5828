import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { actionNames } from '../../src/security/action.schema.ts'
import { AuditVerification } from '../../src/security/audit.schema.ts'
import { limitKeys } from '../security/audit-text.ts'

/** Every word the server may send as a code, a rule or a kind has a text in both languages. */
const root = fileURLToPath(new URL('../..', import.meta.url))
const languages = ['en', 'zh-CN']

type Texts = { [key: string]: string | Texts }
const read = (language: string, namespace: string) =>
  JSON.parse(readFileSync(`${root}web/locales/${language}/${namespace}.json`, 'utf8')) as Texts
const section = (language: string, namespace: string, ...path: string[]) =>
  path.reduce<Texts>((at, key) => at[key] as Texts, read(language, namespace))

function serverFiles(folder = `${root}src/`): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory()
      ? serverFiles(`${folder}${entry.name}/`)
      : /(?<!\.test)\.ts$/.test(entry.name)
        ? [readFileSync(folder + entry.name, 'utf8')]
        : [],
  )
}

/** How a rule is written down in src: as a member, or as the first or second argument of a helper. */
const rulePatterns = [
  /\brule: '(\w+)'/g,
  /\bwarning\(\s*(?:'[^']*'|`[^`]*`|[\w.]+),\s*'(\w+)'/g,
  /\bfault\(\s*'(\w+)'/g,
  /=> \[\s*'([a-z]\w*)',\s*[`'"]/g,
]
/** Keywords of JSON Schema that our forms use and the validator reports under their own name. */
const keywords = [
  'type',
  'enum',
  'required',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minimum',
  'maximum',
]
  .concat(['exclusiveMinimum', 'maxProperties', 'pattern', 'format', 'const', 'uniqueItems', 'boolean'])
  .concat(['additionalProperties', 'anyOf', 'propertyNames', 'schema'])

describe('texts for what the server says', () => {
  it('has every error code of docs/errors.md', () => {
    const codes = [...readFileSync(`${root}docs/errors.md`, 'utf8').matchAll(/<\/a>`(\w+)`/g)].map(
      (m) => m[1]!,
    )
    expect(codes.length).toBeGreaterThan(15)
    for (const language of languages) {
      const errors = section(language, 'portal', 'errors')
      const whole = codes.filter((code) => {
        const one = errors[code] as Texts | undefined
        return one?.title && one.advice
      })
      expect(
        codes.filter((code) => !whole.includes(code)),
        language,
      ).toEqual([])
    }
  })

  it('has every rule of a fault that src names, and the keywords of the validator', () => {
    const files = serverFiles()
    const rules = new Set([
      ...keywords,
      ...files.flatMap((text) => rulePatterns.flatMap((p) => [...text.matchAll(p)].map((m) => m[1]!))),
    ])
    expect(rules.size).toBeGreaterThan(50)
    for (const language of languages) {
      const known = section(language, 'work', 'fault')
      expect([...rules].filter((rule) => !known[rule]).sort(), language).toEqual([])
    }
  })

  it('has every action that a policy decides on', () => {
    for (const language of languages) {
      const known = section(language, 'work', 'action')
      expect(
        actionNames.filter((action) => !known[action.replaceAll(':', '-')]),
        language,
      ).toEqual([])
    }
  })

  it('has every kind of problem that the verification of the audit log finds, and its limits', () => {
    const kinds = (AuditVerification.properties.problems.items.properties.kind as { enum: string[] }).enum
    expect(kinds.length).toBeGreaterThan(5)
    // The sentences about the limits are told where the verification is.
    const list = serverFiles(`${root}src/security/`).flatMap(
      (text) => /const limits = \[([^\]]+)\]/.exec(text)?.[1] ?? [],
    )
    const limits = [...list.join().matchAll(/'([^']+)'/g)].map((m) => m[1]!)
    expect(limits.length).toBeGreaterThan(2)
    expect(limits.filter((limit) => !limitKeys.some(([begin]) => limit.startsWith(begin)))).toEqual([])
    for (const language of languages) {
      expect(Object.keys(section(language, 'work', 'audit', 'problem')).sort()).toEqual([...kinds].sort())
      expect(Object.keys(section(language, 'work', 'audit', 'limit')).sort()).toEqual(
        limitKeys.map(([, key]) => key).sort(),
      )
    }
  })
})
