import { type Db, inTransaction } from '../platform/postgres.ts'
import type { Profile } from '../platform/profile.ts'
import {
  createOrganisation,
  freshOrganisationTree,
  listOrganisations,
  type OrganisationRow,
  reloadOrganisationTree,
  subtree,
  systemActor,
} from '../security/index.ts'
import { objectOf, textOf } from './mapping-values.ts'
import type { RemoteBody, RemotePage } from './remote/index.ts'
import type { HarvestWork } from './source-work.ts'

/** Codes have at most so many characters. */
const codeLength = 64
/** Bodies registered in one transaction: half a second of work. */
const bodiesAtATime = 200

/**
 * Brings the bodies that entries of a followed node name along: those that are not here are registered below the body of
 * the source, at the address they have there. A code that another body has here already gets the name of the source
 * behind it, and the entries are given that code.
 */
export function createBodyCopier(work: HarvestWork): (pages: RemotePage[]) => Promise<{ added: number }> {
  const { db, source } = work
  /** Code there → code here. */
  const codes = new Map<string, string>()
  return async (pages) => {
    const named = [...codesIn(pages)].filter((code) => !codes.has(code))
    let added = 0
    if (named.length > 0) {
      await freshOrganisationTree(db)
      const own = new Set(subtree(source.organisationId!))
      const here = new Set((await listOrganisations(db)).flatMap((o) => (own.has(o.id) ? o.code : [])))
      // A body of the same code below the source's is the same one: there is nothing to ask.
      for (const code of named) if (here.has(code)) codes.set(code, code)
      if (named.some((code) => !codes.has(code))) added = await copyTree(work, codes)
      // Not among the bodies there either: the entry is rejected with the code it says.
      for (const code of named) if (!codes.has(code)) codes.set(code, code)
    }
    for (const page of pages) page.events = page.events.map((event) => renamed(event, codes))
    return { added }
  }
}

/** Registers what is missing, the highest first, and says how each body there is called here. */
async function copyTree(work: HarvestWork, codes: Map<string, string>): Promise<number> {
  const { db, source, ctx, watch } = work
  const organisations = await listOrganisations(db)
  const byUid = new Map(organisations.map((o) => [o.uid, o]))
  /** Bodies that others may be put below: what the other node says of those elsewhere here does not count. */
  const parents = new Map<string, string>()
  const taken = new Set(organisations.map((o) => o.code))
  const own = new Set(subtree(source.organisationId!))
  const below = new Map(organisations.flatMap((o) => (own.has(o.id) ? [[o.code, o]] : [])))
  for (const { uid } of below.values()) parents.set(uid, uid)
  const top = organisations.find((o) => o.id === source.organisationId)!
  let added = 0
  const bodies = topFirst(await work.bodies())
  for (let i = 0; i < bodies.length; i += bodiesAtATime) {
    watch.signal.throwIfAborted()
    added += await inTransaction(db, async (tx) => {
      let made = 0
      for (const body of bodies.slice(i, i + bodiesAtATime)) {
        const known = byUid.get(body.uid) ?? below.get(body.code)
        const here = known ?? (await register(tx, body))
        if (!known) made++
        if (!known || own.has(known.id)) parents.set(body.uid, here.uid)
        codes.set(body.code, here.code)
      }
      return made
    })
    watch.progress()
  }
  // Whoever read the tree before all of them were committed does not know them, and would refuse their entries.
  if (added > 0) await reloadOrganisationTree(db)
  return added

  function register(tx: Db, body: RemoteBody): Promise<OrganisationRow> {
    const code = taken.has(body.code) ? freeCode(`${body.code}.${source.name}`, taken) : body.code
    taken.add(code)
    const { name, translations, divisionCode } = body
    const parentUid = (body.parentUid && parents.get(body.parentUid)) || top.uid
    const tier = tierOf(ctx.profile, body.tier, top.tier)
    return createOrganisation(
      tx,
      systemActor(`harvest: ${source.name}`),
      { code, name, translations, tier, divisionCode, parentUid },
      { origin: { uid: body.uid } },
    )
  }
}

/** A tier of this profile: the other node may have another. */
const tierOf = ({ codeLists }: Profile, tier: string, otherwise: string): string =>
  codeLists.tier!.entries.some((t) => t.code === tier) ? tier : otherwise

function freeCode(wanted: string, taken: ReadonlySet<string>): string {
  for (let n = 1; ; n++) {
    const ending = n === 1 ? '' : `-${n}`
    const code = wanted.slice(0, codeLength - ending.length) + ending
    if (!taken.has(code)) return code
  }
}

/** Parents before their children; a ring, which no node has, is left out. */
function topFirst(bodies: RemoteBody[]): RemoteBody[] {
  const known = new Set(bodies.map((b) => b.uid))
  const placed = new Set<string>()
  const order: RemoteBody[] = []
  for (let left = bodies; left.length > 0; ) {
    const next = left.filter((b) => !b.parentUid || !known.has(b.parentUid) || placed.has(b.parentUid))
    if (next.length === 0) break
    for (const body of next) placed.add(body.uid)
    order.push(...next)
    left = left.filter((b) => !placed.has(b.uid))
  }
  return order
}

function* codesIn(pages: RemotePage[]): Generator<string> {
  for (const { events } of pages)
    for (const event of events) {
      if (event.kind !== 'record') continue
      const content = objectOf(objectOf(event.value)?.content)
      for (const value of [content?.body, ...itemsOf(content).map((item) => item.body)]) {
        const code = textOf(value)
        if (code !== undefined) yield code
      }
    }
}

const itemsOf = (content: Record<string, unknown> | undefined): Record<string, unknown>[] =>
  (Array.isArray(content?.items) ? content.items : []).flatMap((item: unknown) => {
    const found = objectOf(item)
    return found ? [found] : []
  })

type PageEvent = RemotePage['events'][number]

function renamed(event: PageEvent, codes: ReadonlyMap<string, string>): PageEvent {
  if (event.kind !== 'record') return event
  const value = objectOf(event.value)
  const content = objectOf(value?.content)
  if (!content) return event
  const other = (code: unknown) => typeof code === 'string' && (codes.get(code) ?? code) !== code
  if (!other(content.body) && !itemsOf(content).some((item) => other(item.body))) return event
  const here = (code: unknown) => (typeof code === 'string' ? (codes.get(code) ?? code) : code)
  const items = itemsOf(content).map((item) => ('body' in item ? { ...item, body: here(item.body) } : item))
  return {
    ...event,
    value: {
      ...value,
      content: { ...content, body: here(content.body), ...(Array.isArray(content.items) ? { items } : {}) },
    },
  }
}
