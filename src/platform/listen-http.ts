import { createServer } from 'node:net'
import type { Config } from './config.ts'
import type { App } from './http.ts'

type Address = Pick<Config, 'CONCORD_HOST' | 'CONCORD_PORT' | 'CONCORD_PUBLIC_URL' | 'publicUrl'>

/** What a person can do about an address that cannot be had. */
function explain(error: NodeJS.ErrnoException, { CONCORD_HOST: host, CONCORD_PORT: port }: Address): Error {
  if (error.code === 'EADDRINUSE')
    return new Error(
      `Port ${port} of ${host} is in use: another node runs, or another program. Set CONCORD_PORT to a free one.`,
      { cause: error },
    )
  if (error.code === 'EACCES')
    return new Error(
      `Port ${port} needs rights that this account does not have. Set CONCORD_PORT to 1024 or more.`,
      {
        cause: error,
      },
    )
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return new Error(`${host} is no address of this machine. Set CONCORD_HOST to one.`, { cause: error })
  return error
}

/**
 * Looks whether the address can be had, before databases are started for nothing.
 * @throws Error naming the setting to change.
 */
export async function refuseTakenPort(config: Address): Promise<void> {
  if (config.CONCORD_PORT === 0) return
  const probe = createServer()
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject)
    probe.listen(config.CONCORD_PORT, config.CONCORD_HOST, resolve)
  }).catch((error) => {
    throw explain(error, config)
  })
  await new Promise((resolve) => probe.close(resolve))
}

/** Listens at the configured address. @returns the address people use; with port 0 that of the port which was given. */
export async function listen(app: App, config: Address): Promise<string> {
  await app.listen({ port: config.CONCORD_PORT, host: config.CONCORD_HOST }).catch((error) => {
    throw explain(error, config)
  })
  const address = app.server.address()
  const given = typeof address === 'object' ? address?.port : undefined
  return config.CONCORD_PUBLIC_URL || config.CONCORD_PORT !== 0
    ? config.publicUrl
    : config.publicUrl.replace(/:0$/, `:${given}`)
}
