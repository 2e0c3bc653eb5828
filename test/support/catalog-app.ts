import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CatalogContext, catalogRoutes, type UpsertRecord } from '../../src/catalog/index.ts'
import { type App, createHttp } from '../../src/platform/http.ts'
import { createLogger } from '../../src/platform/log.ts'
import type { Db } from '../../src/platform/postgres.ts'
import { loadProfile } from '../../src/platform/profile.ts'
import { reviewRoutes } from '../../src/review/index.ts'
import type { SearchPort } from '../../src/search/index.ts'
import {
  createOrganisation,
  createPerson,
  type Role,
  type SecurityOptions,
  securityPlugin,
  systemActor,
} from '../../src/security/index.ts'
import { createTestDatabase } from './database.ts'
import { password, signInAs } from './security-app.ts'

const profile = loadProfile('neutral')
const system: CatalogContext = { actor: systemActor('test'), profile }

/** An entry that breaks no rule. */
export const sampleContent = (more: Record<string, unknown> = {}) => ({
  body: 'county',
  language: 'en',
  title: 'Road accidents',
  abstract: 'Accidents on public roads, by place and time.',
  sharingType: 'unconditional',
  openType: 'not_open',
  updateCycle: 'monthly',
  items: [
    { code: '001', name: 'place of accident', dataType: 'character' },
    { code: '002', name: 'number of injured', dataType: 'integer' },
  ],
  ...more,
})

/** A record of an import; its hash is that of its content. */
export const sampleRecord = (sourceId: string, more: Record<string, unknown> = {}, source = 'test') => {
  const content = sampleContent(more)
  const hash = createHash('sha256').update(JSON.stringify(content)).digest()
  return { source, sourceId, hash, content } satisfies UpsertRecord
}

/**
 * The catalogue with sign-in on a database of its own: bodies nation > province > county, and other; people named
 * after their role and body. `more` adds the routes of other capabilities.
 */
export async function createCatalogApp(more?: (app: App, db: Db) => Promise<void>) {
  /** What the rules take for the present; tests move it. */
  const clock = { now: new Date() }
  const database = await createTestDatabase()
  const { db } = database
  const dataDir = mkdtempSync(join(tmpdir(), 'concord-catalog-'))
  const app: App = await createHttp({ log: createLogger('silent'), version: '0' })
  const config = { publicUrl: 'http://localhost', dataDir } as SecurityOptions['config']
  await app.register(securityPlugin, { db, rateLimits: false, config })
  const now = () => clock.now
  await catalogRoutes(app, { db, profile, now })
  reviewRoutes(app, { db, profile, now })
  await more?.(app, db)
  await app.ready()
  const bodies: Record<string, { id: number; uid: string }> = {}
  for (const [code, parent] of [
    ['nation'],
    ['province', 'nation'],
    ['county', 'province'],
    ['other', 'nation'],
  ])
    bodies[code!] = await createOrganisation(db, system.actor, {
      code: code!,
      name: `Body ${code}`,
      tier: 'city',
      parentUid: parent ? bodies[parent]!.uid : null,
    })
  const signIn = async (login: string, roles: Role[], body: string) => {
    const organisationUid = bodies[body]!.uid
    await createPerson(db, system.actor, { login, name: `Person ${login}`, organisationUid, password, roles })
    return signInAs(app, login)
  }
  const close = async () => {
    await app.close()
    await database.drop()
    rmSync(dataDir, { recursive: true, force: true })
  }
  return { app, db, database, profile, system, bodies, clock, signIn, close }
}

/** For routes that are tested without an index. */
export const noSearch: SearchPort = {
  search: () => Promise.reject(new Error('this test has no search index')),
  suggest: () => Promise.reject(new Error('this test has no search index')),
}

export type CatalogApp = Awaited<ReturnType<typeof createCatalogApp>>
