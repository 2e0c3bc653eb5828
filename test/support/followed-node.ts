import { setTimeout as sleep } from 'node:timers/promises'
import type { portalKit } from './portal.ts'

/** Another node as its followers see it: bodies, entries, and the changes that made them. */
export async function followedNode(start: ReturnType<typeof portalKit>['start']) {
  const changes: object[] = []
  const bodies: object[] = []
  const portal = await start(async (url) => {
    if (url.pathname === '/api/v1/organisations/tree') return { items: bodies }
    if (url.pathname !== '/api/v1/changes') return null
    const after = Number(url.searchParams.get('after'))
    if (node.answer) return node.answer
    // Asked whether there is one, it says so; asked for them, it has none.
    if (node.lies && after > 0) {
      const told = url.searchParams.get('entries') === 'false'
      return { changes: told ? [{ ordinal: after + 1 }] : [], next: after, end: true, last: after }
    }
    const until = Date.now() + Number(url.searchParams.get('wait') ?? 0) * 1_000
    while (changes.length <= after && Date.now() < until) await sleep(10)
    // The second page breaks off.
    if (node.broken && after > 0) return '{"changes":[{"ordinal":'
    const limit = Number(url.searchParams.get('limit'))
    const page = changes.slice(after, after + limit)
    const next = after + page.length
    return { changes: page, next, end: next >= changes.length, last: changes.length }
  })
  const change = (kind: string, uid: string, entry?: object) =>
    void changes.push({
      ordinal: changes.length + 1,
      kind,
      uid,
      version: 1,
      at: '2026-01-01T00:00:00Z',
      ...(entry && { entry: { uid, ...entry } }),
    })
  const node = {
    ...portal,
    bodies,
    broken: false,
    lies: false,
    answer: undefined as object | string | undefined,
    changes,
    put: (uid: string, title: string, more: object = {}) =>
      change('update', uid, {
        content: {
          title,
          body: 'city',
          sharingType: 'unconditional',
          openType: 'unconditional',
          updateCycle: 'daily',
          items: [],
          ...more,
        },
      }),
    remove: (uid: string) => change('delete', uid),
  }
  return node
}
