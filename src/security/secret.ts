import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** 256 random bits as text for addresses, headers and cookies. */
export const newSecret = (): string => randomBytes(32).toString('base64url')

/** What is stored of a secret that is itself random: no salt is needed. */
export const secretHash = (secret: string): Buffer => createHash('sha256').update(secret).digest()

/** Compares without telling by time how far it went. */
export const sameSecret = (a: string, b: string): boolean => timingSafeEqual(secretHash(a), secretHash(b))
