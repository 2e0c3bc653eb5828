import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { attachToParent } from '../../src/platform/supervise.ts'

/**
 * A real OpenID provider on loopback for tests. Its sign-in form takes any name; the name says what it claims:
 * `name` has the verified e-mail name@example.org, `name?` an unverified one.
 */
const parent = attachToParent()
// @ts-expect-error It has no types of its own; what is used of it is this.
const { default: Provider } = (await import('oidc-provider')) as {
  default: new (issuer: string, options: object) => { callback(): Parameters<typeof createServer>[1] }
}
const { redirectUri, clientId, clientSecret } = JSON.parse(process.env.OIDC_TEST_CLIENT!)
const server = createServer()
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
const provider = new Provider(issuer, {
  clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri] }],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
  pkce: { required: () => true },
  cookies: { keys: ['only for tests'] },
  findAccount: (_ctx: unknown, id: string) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      name: id,
      email: `${id.replace('?', '')}@example.org`,
      email_verified: !id.endsWith('?'),
    }),
  }),
})
server.on('request', provider.callback()!)
parent.ready({ issuer })
