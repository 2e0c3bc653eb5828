import { hash, verify } from '@node-rs/argon2'

/** argon2id as OWASP's password storage sheet recommends: 19 MiB, two passes, one lane; about 30 ms. */
const options = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

/** A PHC string with its own salt. */
export const hashPassword = (password: string): Promise<string> => hash(password, options)

let decoy: Promise<string> | undefined

/** True when the password fits. Without a hash the same work is done, so that the time does not tell who exists. */
export async function verifyPassword(passwordHash: string | null, password: string): Promise<boolean> {
  if (passwordHash !== null) return verify(passwordHash, password)
  decoy ??= hashPassword('no account has this password')
  await verify(await decoy, password)
  return false
}
