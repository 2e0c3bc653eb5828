import { createHash } from 'node:crypto'
import { upsertDatasets } from '../../src/catalog/index.ts'
import { loadProfile } from '../../src/platform/profile.ts'
import { createOrganisation, createPerson, type Role } from '../../src/security/index.ts'
import { sampleContent } from './catalog-app.ts'
import { startTestNode, type TestNode } from './node.ts'
import { password, seeder, signInAs } from './security-app.ts'

/** A whole node as clients of CKAN meet it: bodies, people with tokens, and actions by their names. */

type Loose = Record<string, unknown>
export interface Answered {
  status: number
  body: { help: string; success: boolean; result: never; error: Loose & { __type: string } }
  text: string
}

export interface CkanNode extends TestNode {
  bodies: Record<string, { id: number; uid: string }>
  /** Posts JSON to an action; `token` as CKAN's clients send it. */
  act(name: string, params?: Loose, token?: string): Promise<Answered>
  get(url: string, headers?: Record<string, string>): Promise<Answered>
  /** A token of a new person. */
  tokenOf(login: string, role: Role, scopes: string[], body?: string): Promise<string>
  /** Publishes entries of the body `county`. */
  publish(contents: Loose[]): Promise<void>
  /** Waits until the index holds so many, and knows their bodies. */
  found(count: number): Promise<void>
}

const answered = ({ statusCode, body }: { statusCode: number; body: string }): Answered => {
  let parsed: unknown = body
  try {
    parsed = JSON.parse(body)
  } catch {
    // A script, or a feed.
  }
  return { status: statusCode, body: parsed as Answered['body'], text: body }
}

export async function startCkanNode({ bodies = true } = {}): Promise<CkanNode> {
  const node = await startTestNode()
  const { app, db } = node
  const made: CkanNode['bodies'] = {}
  const make = async (code: string, tier: string, parent?: string) => {
    const parentUid = parent ? made[parent]!.uid : null
    const translations = { 'zh-CN': { name: `机构 ${code}` } }
    made[code] = await createOrganisation(db, seeder, {
      code,
      name: `Body ${code}`,
      tier,
      parentUid,
      translations,
    })
  }
  if (bodies) {
    await make('nation', 'nation')
    await make('county', 'county', 'nation')
    await make('other', 'county', 'nation')
  } else await make('desk', 'nation')
  const act: CkanNode['act'] = async (name, params = {}, token) =>
    answered(
      await app.inject({
        method: 'POST',
        url: `/api/action/${name}`,
        payload: params,
        headers: token ? { authorization: token, 'x-ckan-api-key': token } : {},
      }),
    )
  let number = 0
  return {
    ...node,
    bodies: made,
    act,
    get: async (url, headers = {}) => answered(await app.inject({ url, headers })),
    async tokenOf(login, role, scopes, body = Object.keys(made)[0]!) {
      const organisationUid = made[body]!.uid
      await createPerson(db, seeder, { login, name: login, organisationUid, password, roles: [role] })
      const headers = await signInAs(app, login)
      const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
      const payload = { name: login, scopes, expiresAt }
      const answer = await app.inject({ method: 'POST', url: '/api/v1/tokens', headers, payload })
      if (answer.statusCode >= 300) throw new Error(answer.body)
      return answer.json().token
    },
    async publish(contents) {
      const records = contents.map((more) => {
        const content = sampleContent(more)
        const hash = createHash('sha256').update(JSON.stringify(content)).digest()
        return { source: 'test', sourceId: `r${++number}`, hash, content }
      })
      const context = { actor: seeder, profile: loadProfile('neutral') }
      const outcomes = await upsertDatasets(db, context, records, { publish: true })
      const bad = outcomes.find((o) => o.outcome === 'rejected')
      if (bad) throw new Error(JSON.stringify(bad.faults))
    },
    async found(count) {
      for (const end = Date.now() + 40_000; ; ) {
        const { body } = await act('package_search', { rows: 0, 'facet.field': ['organization'] })
        const { count: there, facets } = body.result as { count: number; facets: { organization: object } }
        const known = Object.values(facets.organization).reduce((sum: number, n: number) => sum + n, 0)
        if (there === count && known === count) return
        if (Date.now() > end) throw new Error(`${JSON.stringify(body)}, not ${count}`)
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    },
  }
}
