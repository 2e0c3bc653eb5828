import type { Profile } from '../../platform/profile.ts'
import {
  type CopiedOrganisation,
  copyOrganisations,
  freshOrganisationTree,
  listOrganisations,
  reloadOrganisationTree,
  subtree,
  systemActor,
} from '../../security/index.ts'
import { objectOf, textOf } from '../mapping-values.ts'
import type { RemoteBody, RemotePage } from '../remote/index.ts'
import type { HarvestWork } from './work.ts'

/** Codes have at most so many characters. */
const codeLength = 64
/** Bodies registered in one transaction: their codes fit into one event of the log. */
const bodiesAtATime = 100

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
  const taken = new Set(organisations.map((o) => o.code))
  const own = new Set(subtree(source.organisationId!))
  const below = new Map(organisations.flatMap((o) => (own.has(o.id) ? [[o.code, o]] : [])))
  /** Bodies that others may be put below: what the other node says of those elsewhere here does not count. */
  const parents = new Map([...below.values()].map((o) => [o.uid, o.id]))
  const top = organisations.find((o) => o.id === source.organisationId)!
  const actor = systemActor(`harvest: ${source.name}`)
  let added = 0
  for (const level of levelsOf(await work.bodies())) {
    const missing: CopiedOrganisation[] = []
    for (const body of level) {
      const known = byUid.get(body.uid) ?? below.get(body.code)
      if (known && own.has(known.id)) parents.set(body.uid, known.id)
      if (!known) missing.push(toCopy(body))
      codes.set(body.code, known?.code ?? missing.at(-1)!.code)
    }
    for (let i = 0; i < missing.length; i += bodiesAtATime) {
      watch.signal.throwIfAborted()
      const some = missing.slice(i, i + bodiesAtATime)
      const ids = await copyOrganisations(db, actor, some)
      for (const [at, { uid }] of some.entries()) parents.set(uid, ids[at]!)
      added += some.length
      watch.progress()
    }
  }
  // Whoever read the tree before all of them were committed does not know them, and would refuse their entries.
  if (added > 0) await reloadOrganisationTree(db)
  return added

  function toCopy({ uid, name, translations, divisionCode, ...body }: RemoteBody): CopiedOrganisation {
    const code = taken.has(body.code) ? freeCode(`${body.code}.${source.name}`, taken) : body.code
    taken.add(code)
    return {
      uid,
      code,
      name,
      translations,
      tier: tierOf(ctx.profile, body.tier, top.tier),
      divisionCode,
      parentId: (body.parentUid && parents.get(body.parentUid)) || top.id,
    }
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

/** Parents before their children, level by level; a ring, which no node has, is left out. */
function* levelsOf(bodies: RemoteBody[]): Generator<RemoteBody[]> {
  const once = new Map(bodies.map((b) => [b.uid, b]))
  const waiting = new Set(once.keys())
  for (let left = [...once.values()]; left.length > 0; ) {
    const [next, rest] = [[] as RemoteBody[], [] as RemoteBody[]]
    for (const body of left) (body.parentUid && waiting.has(body.parentUid) ? rest : next).push(body)
    if (next.length === 0) return
    yield next
    for (const { uid } of next) waiting.delete(uid)
    left = rest
  }
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
