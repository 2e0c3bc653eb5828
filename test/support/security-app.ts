import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type App, createHttp } from '../../src/platform/http.ts'
import { createLogger } from '../../src/platform/log.ts'
import { operationsRoutes } from '../../src/platform/operations.routes.ts'
import type { Db } from '../../src/platform/postgres.ts'
import {
  createOrganisation,
  createPerson,
  type Role,
  type SecurityOptions,
  securityPlugin,
  systemActor,
} from '../../src/security/index.ts'
import { createTestDatabase } from './database.ts'

export const seeder = systemActor('test')
export const password = 'three words together'

/** The security capability alone, on a database of its own, with a body `root`, one below it and one beside. */
export async function createSecurityApp(
  options: {
    rateLimits?: boolean
    config?: Partial<SecurityOptions['config']>
    /** Of another capability. */
    routes?: (app: App, db: Db) => void
  } = {},
) {
  const database = await createTestDatabase()
  const { db } = database
  const dataDir = mkdtempSync(join(tmpdir(), 'concord-security-'))
  const log = createLogger(process.env.LOG_LEVEL ?? 'silent')
  const app: App = await createHttp({ log, version: '0' })
  await app.register(securityPlugin, {
    db,
    rateLimits: options.rateLimits ?? false,
    config: { publicUrl: 'http://localhost', dataDir, ...options.config } as SecurityOptions['config'],
  })
  operationsRoutes(app, [])
  options.routes?.(app, db)
  await app.ready()
  const make = (code: string, parentUid: string | null) =>
    createOrganisation(db, seeder, { code, name: `Body ${code}`, tier: 'nation', parentUid })
  const root = await make('root', null)
  const below = await make('below', root.uid)
  const beside = await make('beside', null)
  const person = (login: string, roles: Role[], organisationUid = below.uid) =>
    createPerson(db, seeder, { login, name: login.toUpperCase(), organisationUid, password, roles })
  const close = async () => {
    await app.close()
    await database.drop()
    rmSync(dataDir, { recursive: true, force: true })
  }
  return { app, db, database, dataDir, log, root, below, beside, person, close }
}

export type SecurityApp = Awaited<ReturnType<typeof createSecurityApp>>

/** Signs in and returns the headers of a browser with that session. */
export async function signInAs(app: App, login: string, secret = password) {
  const answer = await app.inject({
    method: 'POST',
    url: '/api/v1/session',
    payload: { login, password: secret },
  })
  if (answer.statusCode !== 200) throw new Error(`${login} cannot sign in: ${answer.body}`)
  const cookie = answer.cookies.find((c) => c.name === 'concord_session')!
  return { cookie: `concord_session=${cookie.value}`, 'x-csrf-token': answer.json().csrfToken as string }
}
