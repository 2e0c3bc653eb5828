import { createClient, type RemoteClient } from './client.ts'
import { refused, shownAddress } from './failure.ts'
import { hasChange, type RemoteBody, readBodies } from './peer.ts'
import { readCkan } from './reader-ckan.ts'
import { readDcat } from './reader-dcat.ts'
import { readFeed } from './reader-feed.ts'
import { readFile } from './reader-file.ts'
import {
  incrementalKinds,
  type RemoteKind,
  type RemoteOptions,
  type RemotePage,
  type RemoteSource,
} from './remote.ts'

export type { RemoteBody } from './peer.ts'
export {
  incrementalKinds,
  type RemoteAccess,
  type RemoteCursor,
  type RemoteKind,
  type RemoteOptions,
  type RemotePage,
  type RemoteSource,
} from './remote.ts'

type ReadRemote = (
  source: RemoteSource,
  client: RemoteClient,
  options: RemoteOptions,
) => AsyncIterable<RemotePage>

const readers: Record<RemoteKind, ReadRemote> = {
  ckan: readCkan,
  dcat: readDcat,
  'dcat-us': readFile,
  csv: readFile,
  xlsx: readFile,
  jsonl: readFile,
  json: readFile,
  concord: readFeed,
}

/** Kinds that are made for programs, where the rules of robots.txt for everybody do not apply. */
const forPrograms: readonly RemoteKind[] = ['ckan', 'concord']

/** Another node, beside the entries that it lists. */
export interface RemotePeer {
  /** Waits until there is a change after the place, at most `seconds`. @throws RemoteFailure */
  hasChange(at: { after: number; seconds: number }): Promise<boolean>
  /** Its tree of bodies. @throws RemoteFailure */
  bodies(): Promise<RemoteBody[]>
  close(): void
}

export const openPeer = (source: RemoteSource, options: RemoteOptions): RemotePeer => {
  const client = clientOf(source, options)
  return {
    hasChange: (at) => hasChange(source, client, at),
    bodies: () => readBodies(source, client),
    close: client.close,
  }
}

function clientOf(source: RemoteSource, { signal, limits, access }: RemoteOptions): RemoteClient {
  if (!URL.canParse(source.url))
    throw refused(shownAddress(source.url), 'url', 'is no web address', 'Give an http or https address.')
  return createClient({
    signal,
    limits,
    contact: access.contact,
    allow: access.allow,
    resolve: access.resolve,
    ignoreRobots: source.ignoreRobots,
    forPrograms: forPrograms.includes(source.kind),
    ...(source.authorization
      ? { authorization: { origin: new URL(source.url).origin, value: source.authorization } }
      : {}),
  })
}

/**
 * Reads a source page by page, each when it is asked for, in bounded memory. Leaving the loop ends all requests.
 * @throws RemoteFailure when the source cannot be read any further, the signal's reason when it is aborted
 */
export async function* openRemote(source: RemoteSource, options: RemoteOptions): AsyncGenerator<RemotePage> {
  const since = incrementalKinds.includes(source.kind) ? options.since : undefined
  const client = clientOf(source, options)
  try {
    yield* readers[source.kind](source, client, { ...options, since })
  } finally {
    client.close()
  }
}
