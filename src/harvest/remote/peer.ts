import { objectOf, textOf } from '../mapping-values.ts'
import { storable } from '../reader-event.ts'
import type { RemoteClient } from './client.ts'
import { failed, shownAddress } from './failure.ts'
import type { RemoteSource } from './remote.ts'

/** What another node says beside its entries. */

/** A body of another node, in the members that all nodes have. */
export interface RemoteBody {
  uid: string
  code: string
  name: string
  translations: Record<string, { name?: string; description?: string }>
  tier: string
  divisionCode: string | null
  parentUid: string | null
}

/** Bodies of one node: as many as a node gives. */
const mostBodies = 12_000
const nameLength = 300

/** The node's address from that of any of its pages. */
export function nodeOf(address: string): string {
  const url = new URL(address)
  return `${url.origin}${url.pathname.replace(/\/(api(\/.*)?)?$/, '')}`
}

/** Waits at the node until it has a change after the place. False when none came in `seconds`. */
export async function hasChange(
  source: RemoteSource,
  client: RemoteClient,
  { after, seconds }: { after: number; seconds: number },
): Promise<boolean> {
  const address = `${nodeOf(source.url)}/api/v1/changes?after=${after}&limit=1&entries=false&wait=${seconds}`
  const page = await getObject(client, address)
  if (!Array.isArray(page?.changes)) throw notOurs(address, 'is no page of changes')
  return page.changes.length > 0
}

/** The node's bodies; what is no body is passed over: an entry that names it is rejected. */
export async function readBodies(source: RemoteSource, client: RemoteClient): Promise<RemoteBody[]> {
  const address = `${nodeOf(source.url)}/api/v1/organisations/tree`
  const page = await getObject(client, address)
  if (!Array.isArray(page?.items)) throw notOurs(address, 'is no tree of bodies')
  return page.items.slice(0, mostBodies).flatMap((item) => bodyOf(item) ?? [])
}

function bodyOf(item: unknown): RemoteBody | undefined {
  const body = objectOf(item)
  const [uid, code, name, tier] = [body?.uid, body?.code, body?.name, body?.tier].map(textOf)
  if (!uid || !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(uid)) return undefined
  if (!code || !/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(code) || !name || !tier) return undefined
  const division = textOf(body!.divisionCode)
  return {
    uid: uid.toLowerCase(),
    code,
    name: storable(name).slice(0, nameLength),
    translations: translationsOf(body!.translations),
    tier: tier.slice(0, 64),
    divisionCode: division && /^[A-Za-z0-9.-]{1,20}$/.test(division) ? division : null,
    parentUid: textOf(body!.parentUid)?.toLowerCase() ?? null,
  }
}

function translationsOf(value: unknown): RemoteBody['translations'] {
  const found = Object.entries(objectOf(value) ?? {}).flatMap(([language, texts]) => {
    const name = textOf(objectOf(texts)?.name)
    return name && /^[a-z]{2,3}(-[A-Za-z0-9]+)*$/.test(language)
      ? [[language, { name: storable(name).slice(0, nameLength) }] as const]
      : []
  })
  return Object.fromEntries(found.slice(0, 20))
}

async function getObject(client: RemoteClient, address: string) {
  const { body } = await client.get(address, { accept: 'application/json' })
  try {
    return objectOf(JSON.parse(body.toString('utf8')))
  } catch {
    return undefined
  }
}

const notOurs = (address: string, what: string) =>
  failed(shownAddress(address), 'not_concord', what, {
    remedy: 'Check the address; it should be that of a Concord node.',
  })
