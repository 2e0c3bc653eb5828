import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConcordError } from '../platform/errors.ts'

/** Keeps secrets that must be given out again to somebody else, such as the token of a source: sealed with a key of the node. */
export interface Vault {
  /** AES-256-GCM. `owner` is bound to it: copied to another row it does not open. */
  seal(secret: string, owner: string): Buffer
  /** @throws ConcordError unavailable when it was sealed with another key */
  open(sealed: Buffer, owner: string): string
}

const version = 1
const ivBytes = 12
const tagBytes = 16
const keyBytes = 32

/**
 * Opens the vault of a node. The key is CONCORD_SECRET_KEY (any text of 32 characters or more, the same at every node of a
 * database), else one made at first use in `secret.key` of the data folder, readable to the node's account only.
 */
export function openVault(config: { dataDir: string; CONCORD_SECRET_KEY?: string }): Vault {
  let key: Buffer | undefined
  const keyOf = () => {
    key ??= config.CONCORD_SECRET_KEY
      ? createHash('sha256').update(config.CONCORD_SECRET_KEY).digest()
      : keyFile(config.dataDir)
    return key
  }
  return {
    seal(secret, owner) {
      const iv = randomBytes(ivBytes)
      const cipher = createCipheriv('aes-256-gcm', keyOf(), iv).setAAD(Buffer.from(owner))
      const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
      return Buffer.concat([Buffer.of(version), iv, cipher.getAuthTag(), text])
    },
    open(sealed, owner) {
      try {
        const iv = sealed.subarray(1, 1 + ivBytes)
        const tag = sealed.subarray(1 + ivBytes, 1 + ivBytes + tagBytes)
        const decipher = createDecipheriv('aes-256-gcm', keyOf(), iv)
          .setAAD(Buffer.from(owner))
          .setAuthTag(tag)
        const text = sealed.subarray(1 + ivBytes + tagBytes)
        return Buffer.concat([decipher.update(text), decipher.final()]).toString('utf8')
      } catch (cause) {
        throw new ConcordError(
          'unavailable',
          'The token was sealed with another key than this node has. Enter it again, or give the node the key it was sealed with.',
          { cause },
        )
      }
    },
  }
}

function keyFile(dataDir: string): Buffer {
  const path = join(dataDir, 'secret.key')
  mkdirSync(dataDir, { recursive: true })
  try {
    // Fails when the file is there: of two processes that start together one makes it.
    writeFileSync(path, randomBytes(keyBytes).toString('base64'), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const key = Buffer.from(readFileSync(path, 'utf8'), 'base64')
  if (key.length !== keyBytes) throw new Error(`${path} holds no key. Put back the one of your backup.`)
  return key
}
