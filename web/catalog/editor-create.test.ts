import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createOnce } from './editor-create.ts'
import { saveDataset } from './work-api.ts'

interface Sent {
  method: string
  path: string
  key: string | null
  content: unknown
}

/** A server that keeps answers by Idempotency-Key, as ours does, and fails as told before each call. */
function server() {
  const made = new Map<string, string>()
  const sent: Sent[] = []
  const failures: ('before' | 'after' | 'refuse')[] = []
  const fetchOnce = async (path: string, init: RequestInit) => {
    const key = new Headers(init.headers).get('idempotency-key')
    const { content } = JSON.parse(String(init.body)) as { content: unknown }
    sent.push({ method: init.method ?? '', path, key, content })
    const failure = failures.shift()
    if (failure === 'before') throw new TypeError('no network')
    if (failure === 'refuse') return Response.json({ code: 'invalid_content', faults: [] }, { status: 422 })
    const uid =
      init.method === 'POST' ? (made.get(key ?? '') ?? `entry-${made.size + 1}`) : path.split('/').at(-1)!
    if (init.method === 'POST') made.set(key ?? '', uid)
    if (failure === 'after') throw new TypeError('the answer was lost')
    return Response.json({ uid, content }, { headers: { etag: '"v1"' } })
  }
  vi.stubGlobal('fetch', fetchOnce)
  return { made, sent, failures }
}

describe('making an entry', () => {
  beforeEach(() => {
    const items = new Map<string, string>()
    vi.stubGlobal('localStorage', {
      getItem: (key: string) => items.get(key) ?? null,
      setItem: (key: string, value: string) => items.set(key, value),
      removeItem: (key: string) => items.delete(key),
    })
  })
  afterEach(() => vi.unstubAllGlobals())

  it('makes one entry when the answer was lost and the person tries again', async () => {
    const { made, failures } = server()
    failures.push('after')
    await expect(createOnce('ann', { title: 'One' })).rejects.toMatchObject({ code: 'network' })
    const again = await createOnce('ann', { title: 'One' })
    expect(again.data.uid).toBe('entry-1')
    expect(made.size).toBe(1)
  })

  it('saves what was typed since over the entry that was made', async () => {
    const { made, sent, failures } = server()
    failures.push('after')
    await expect(createOnce('ann', { title: 'One' })).rejects.toThrow()
    const again = await createOnce('ann', { title: 'One, corrected' })
    expect(again.data.uid).toBe('entry-1')
    expect(made.size).toBe(1)
    expect(sent.map((one) => [one.method, one.content])).toEqual([
      ['POST', { title: 'One' }],
      ['POST', { title: 'One' }],
      ['PUT', { title: 'One, corrected' }],
    ])
  })

  it('begins anew after a refusal, and for another person', async () => {
    const { sent, failures } = server()
    failures.push('refuse')
    await expect(createOnce('ann', { title: '' })).rejects.toMatchObject({ code: 'invalid_content' })
    await createOnce('ann', { title: 'One' })
    failures.push('before')
    await expect(createOnce('ann', { title: 'Two' })).rejects.toThrow()
    await createOnce('bo', { title: 'Bo’s' })
    expect(new Set(sent.map((one) => one.key)).size).toBe(4)
  })

  it('takes the present words where those of the open attempt are refused', async () => {
    const { made, failures } = server()
    failures.push('before', 'refuse')
    await expect(createOnce('ann', { title: 'bad' })).rejects.toThrow()
    await createOnce('ann', { title: 'good' })
    expect(made.size).toBe(1)
  })
})

describe('saving', () => {
  beforeEach(() => vi.stubGlobal('localStorage', undefined))
  afterEach(() => vi.unstubAllGlobals())

  it('keeps its key until the end of the change is known', async () => {
    const { sent, failures } = server()
    failures.push('before')
    await expect(saveDataset('e1', { title: 'One' }, '"v1"')).rejects.toThrow()
    await saveDataset('e1', { title: 'One' }, '"v1"')
    await saveDataset('e1', { title: 'One' }, '"v1"')
    const keys = sent.map((one) => one.key)
    expect(keys[0]).toBe(keys[1])
    expect(keys[2]).not.toBe(keys[1])
  })
})
