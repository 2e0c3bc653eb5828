import { mkdirSync } from 'node:fs'
import { isIP, isIPv6 } from 'node:net'
import { resolve } from 'node:path'
import ipaddr from 'ipaddr.js'
import Type, { type Static } from 'typebox'
import { Errors } from 'typebox/value'
import { parseMailFrom, parseSmtpUrl } from './mail.ts'

/** Every setting of a node. Environment variables only; all faults are reported at once. */
const Settings = Type.Object({
  CONCORD_PORT: Type.Integer({ minimum: 0, maximum: 65535, default: 8080 }),
  CONCORD_HOST: Type.String({ minLength: 1, default: '127.0.0.1' }),
  CONCORD_DATA: Type.String({ minLength: 1, default: './data' }),
  CONCORD_PROFILE: Type.String({ pattern: '^[a-z][a-z0-9-]{0,30}$', default: 'neutral' }),
  /** Where people reach this node; used in links, cookies and sign-in redirects. Default: http://HOST:PORT */
  CONCORD_PUBLIC_URL: Type.Optional(Type.String({ pattern: '^https?://[^\\s]+$' })),
  /** What the catalogue is called towards other catalogues and search engines. Default: after the profile. */
  CONCORD_TITLE: Type.Optional(Type.String({ maxLength: 200 })),
  /** E-mail of whoever answers questions about the catalogue. Default: webmaster at the public host. */
  CONCORD_CONTACT: Type.Optional(Type.String({ pattern: '^[^\\s<>"@]+@[^\\s<>"@]+$', maxLength: 320 })),
  /** A Turtle file of SHACL shapes that published entries are checked with after each change. Default: none. */
  CONCORD_SHAPES: Type.Optional(Type.String({ minLength: 1, maxLength: 4_000 })),
  /** Addresses of load balancers whose X-Forwarded-For is believed, e.g. `10.0.0.5,192.168.0.0/16`. Default: nobody's. */
  CONCORD_PROXIES: Type.Optional(Type.String({ pattern: '^[0-9A-Fa-f.:/, a-z]+$' })),
  /** Networks that sources may be fetched from although they are not public, e.g. `10.20.0.0/16,127.0.0.1`. Default: none. */
  CONCORD_HARVEST_ALLOW: Type.Optional(Type.String({ maxLength: 10_000 })),
  /** `true` seeds the demo country on first start; default: only when the databases are embedded. */
  CONCORD_DEMO: Type.Optional(Type.Boolean()),
  DATABASE_URL: Type.Optional(Type.String({ pattern: '^postgres(ql)?://' })),
  /** Connections this process may open to PostgreSQL. */
  DATABASE_POOL: Type.Integer({ minimum: 2, maximum: 500, default: 20 }),
  CLICKHOUSE_URL: Type.Optional(Type.String({ pattern: '^https?://' })),
  CLICKHOUSE_CLUSTER: Type.Optional(Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]*$' })),
  SEARCH_REPLICAS: Type.Integer({ minimum: 1, maximum: 16, default: 1 }),
  /** Seals the tokens of sources; the same at every node of a database. Default: a key file in the data folder. */
  CONCORD_SECRET_KEY: Type.Optional(Type.String({ minLength: 32, maxLength: 1_000 })),
  OIDC_ISSUER: Type.Optional(Type.String({ pattern: '^https?://' })),
  OIDC_CLIENT_ID: Type.Optional(Type.String()),
  OIDC_CLIENT_SECRET: Type.Optional(Type.String()),
  OIDC_LABEL: Type.Optional(Type.String()),
  /** Mail server for notices: `smtp[s]://[USER:PASSWORD@]HOST[:PORT][?tls=required|off]`. Default: no e-mail. */
  SMTP_URL: Type.Optional(Type.String()),
  /** Sender of these mails, `Name <address>`. */
  CONCORD_MAIL_FROM: Type.Optional(Type.String({ maxLength: 300 })),
  LOG_LEVEL: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], { default: 'info' }),
})

export type Config = Static<typeof Settings> & {
  /** Absolute path of CONCORD_DATA. */
  dataDir: string
  /** Without a trailing slash. */
  publicUrl: string
  /** The networks of CONCORD_HARVEST_ALLOW. */
  harvestAllow: string[]
}

export class ConfigError extends Error {}

/** Settings that may hold a password: a fault does not repeat them. */
const secrets = new Set([
  'DATABASE_URL',
  'CLICKHOUSE_URL',
  'OIDC_CLIENT_SECRET',
  'SMTP_URL',
  'CONCORD_SECRET_KEY',
])

/** A host as it stands in an address. One that means "all of this machine" is no address people can use. */
function hostInUrl(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return isIPv6(host) ? `[${host}]` : host
}

const readBoolean = (text: string) =>
  /^(1|true|yes|on)$/i.test(text) ? true : /^(0|false|no|off)$/i.test(text) ? false : text

/**
 * Reads the settings from the environment.
 * @throws ConfigError naming every variable that is wrong and what it should be.
 */
export function loadConfig(env: Record<string, string | undefined> = process.env): Config {
  const values: Record<string, unknown> = {}
  for (const [key, schema] of Object.entries(Settings.properties) as [
    string,
    { type?: string; default?: unknown },
  ][]) {
    const text = env[key]
    if (text === undefined || text === '') {
      if (schema.default !== undefined) values[key] = schema.default
    } else if (schema.type === 'integer') values[key] = /^-?\d+$/.test(text) ? Number(text) : text
    else if (schema.type === 'boolean') values[key] = readBoolean(text)
    else values[key] = text
  }
  const faults = [...Errors(Settings, values)].map((e) => {
    const name = e.instancePath.slice(1) || 'environment'
    return `${name}=${secrets.has(name) ? '(not shown)' : JSON.stringify(values[name])}: ${e.message}`
  })
  faults.push(...mailFaults(values))
  if (values.OIDC_ISSUER && !values.OIDC_CLIENT_ID)
    faults.push('OIDC_CLIENT_ID: is needed when OIDC_ISSUER is set')
  const harvestAllow = String(values.CONCORD_HARVEST_ALLOW ?? '')
    .split(',')
    .map((network) => network.trim())
    .filter((network) => network !== '')
  for (const network of harvestAllow)
    if (!ipaddr.isValidCIDR(network) && !isIP(network))
      faults.push(`CONCORD_HARVEST_ALLOW: ${JSON.stringify(network)} is no network such as 10.20.0.0/16`)
  if (faults.length > 0) throw new ConfigError(`Wrong settings:\n${faults.map((f) => `  ${f}`).join('\n')}`)
  const settings = values as Static<typeof Settings>
  return {
    ...settings,
    dataDir: resolve(settings.CONCORD_DATA),
    harvestAllow,
    publicUrl: (
      settings.CONCORD_PUBLIC_URL ?? `http://${hostInUrl(settings.CONCORD_HOST)}:${settings.CONCORD_PORT}`
    ).replace(/\/$/, ''),
  }
}

/** An address for mail that does not work is found at start, not with the first mail. */
function mailFaults({ SMTP_URL, CONCORD_MAIL_FROM }: Record<string, unknown>): string[] {
  const faults: string[] = []
  const tryTo = (name: string, read: () => unknown) => {
    try {
      read()
    } catch (error) {
      faults.push(`${name}: ${(error as Error).message}`)
    }
  }
  if (typeof SMTP_URL === 'string') tryTo('SMTP_URL', () => parseSmtpUrl(SMTP_URL))
  if (typeof CONCORD_MAIL_FROM === 'string')
    tryTo('CONCORD_MAIL_FROM', () => parseMailFrom(CONCORD_MAIL_FROM))
  if (SMTP_URL && !CONCORD_MAIL_FROM) faults.push('CONCORD_MAIL_FROM: is needed when SMTP_URL is set')
  return faults
}

/** Makes the data folder; what is below it is the embedded databases', the search index and uploads. */
export function ensureDataDir(config: Config): void {
  mkdirSync(config.dataDir, { recursive: true, mode: 0o755 })
}
