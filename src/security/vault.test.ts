import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openVault } from './vault.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'concord-vault-'))
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

test('what is sealed opens again, in another process too, and shows nothing of itself', () => {
  const sealed = openVault({ dataDir }).seal('令牌 token', 'a')
  expect(sealed.includes('token')).toBe(false)
  expect(openVault({ dataDir }).open(sealed, 'a')).toBe('令牌 token')
  expect(statSync(join(dataDir, 'secret.key')).mode & 0o077).toBe(0)
})

test('it does not open for another owner, with another key, or once changed', () => {
  const vault = openVault({ dataDir, CONCORD_SECRET_KEY: 'k'.repeat(32) })
  const sealed = vault.seal('token', 'a')
  const changed = Buffer.from(sealed)
  changed[changed.length - 1]! ^= 1
  for (const open of [
    () => vault.open(sealed, 'b'),
    () => openVault({ dataDir }).open(sealed, 'a'),
    () => vault.open(changed, 'a'),
    () => vault.open(Buffer.alloc(3), 'a'),
  ])
    expect(open).toThrow('another key')
  expect(vault.seal('token', 'a').equals(sealed)).toBe(false)
})
