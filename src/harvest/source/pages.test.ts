import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { RemotePage } from '../remote/index.ts'
import { createPageWriter, joins, placesOf } from './pages.ts'

const fault = { path: '', rule: 'page_unreadable', message: 'is no JSON' }
const page = (number: number, records = 100, more: Partial<RemotePage> = {}): RemotePage => ({
  number,
  events: Array.from({ length: records }, () => ({ kind: 'record', place: '', value: {}, bytes: 1_000 })),
  removed: [],
  cursor: { next: number },
  bytes: 0,
  faults: [],
  notes: [],
  last: false,
  ...more,
})

test('pages that come while others are written are written together, in order', async () => {
  const written: number[][] = []
  const writer = createPageWriter(async (pages) => {
    await sleep(20)
    written.push(pages.map((p) => p.number))
  }, joins)
  for (let n = 1; n <= 25; n++) await writer.add(page(n))
  await writer.end()
  expect(written[0]).toEqual([1])
  expect(written[1]).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
  expect(written.flat()).toEqual(Array.from({ length: 25 }, (_, i) => i + 1))
})

test('a slow source has each page written at once', async () => {
  const written: number[][] = []
  const writer = createPageWriter(async (pages) => void written.push(pages.map((p) => p.number)), joins)
  for (let n = 1; n <= 3; n++) {
    await writer.add(page(n))
    await sleep(5)
  }
  await writer.end()
  expect(written).toEqual([[1], [2], [3]])
})

test('a batch is no larger than one transaction, and a broken page is its last', () => {
  const full = Array.from({ length: 10 }, (_, i) => page(i))
  expect(placesOf(full)).toBe(1_000)
  expect(joins(full.slice(1), full[0]!)).toBe(true)
  expect(joins(full, page(11, 1))).toBe(false)
  expect(joins([page(1)], page(2, 1, { faults: [fault] }))).toBe(true)
  expect(joins([page(1, 1, { faults: [fault] })], page(2, 1))).toBe(false)
  const heavy = page(1, 2)
  heavy.events = [{ kind: 'record', place: '', value: {}, bytes: 8 * 1024 * 1024 }]
  expect(joins([heavy], page(2, 1))).toBe(false)
})

test('what writing throws is thrown at the next page, or at the end', async () => {
  const broken = () =>
    createPageWriter(async () => {
      throw new Error('disk full')
    }, joins)
  const first = broken()
  await first.add(page(1))
  await sleep(1)
  await expect(first.add(page(2))).rejects.toThrow('disk full')
  const second = broken()
  await second.add(page(1))
  await expect(second.end()).rejects.toThrow('disk full')
})
