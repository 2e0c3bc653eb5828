import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { ckan, importKit, packages, rulesOf } from '../../test/support/import-kit.ts'

const { load, write } = importKit()

/** Text that packs badly, so that a part of the file is a part of the records. */
const noise = (i: number) =>
  Array.from({ length: 30 }, (_, k) => ((i * 7919 + k * 104_729) % 1_000_003).toString(36)).join(' ')
const count = 3_000
const list = packages(count, (i) => ({ notes: noise(i), resources: [] }))
const files = {
  ckan: ckan(list),
  jsonl: list.map((one) => JSON.stringify(one)).join('\n'),
  csv: ['id,title,notes', ...list.map((one, i) => `p${i},${one.title},"${noise(i)}"`)].join('\n'),
} as const

describe.each(['ckan', 'jsonl', 'csv'] as const)('a compressed file: %s', (format) => {
  const whole = gzipSync(files[format])

  test('whole', async () => {
    expect(await load(write(`${format}-whole.gz`, whole), { format })).toMatchObject({
      state: 'done',
      added: count,
    })
  })

  test('that ends early: what was before is in, the run fails and says so, again too', async () => {
    const file = write(`${format}-early.gz`, whole.subarray(0, Math.floor(whole.length * 0.6)))
    for (const resumed of [false, true]) {
      const result = await load(file, { format })
      expect(result).toMatchObject({ state: 'failed', resumed, gone: 0 })
      // All but a last piece of the packer's own.
      expect(result.added).toBeGreaterThan(count * 0.55)
      expect(result.error!.message).toContain('the compressed file ends early')
      expect(result.error!.message).toContain('Fetch the file again')
      expect(result.error!.place).toMatch(/line \d+$/)
      expect(rulesOf(result.records)).toEqual(['file_cut_off'])
    }
  })

  test('whose bytes are damaged in the middle', async () => {
    const bytes = Buffer.from(whole)
    bytes.fill(0xff, Math.floor(bytes.length / 2), Math.floor(bytes.length / 2) + 200)
    const result = await load(write(`${format}-damaged.gz`, bytes), { format })
    expect(result.state).toBe('failed')
    // What unpacks to nonsense may break the JSON before the packer notices.
    expect(result.error!.message).toMatch(
      format === 'ckan' ? /byte [\d,]+, line 1/ : /compressed file is damaged/,
    )
    expect(result.added).toBeGreaterThan(count * 0.4)
    expect(result.added).toBeLessThan(count)
  })

  test('that is short and ends early', async () => {
    const text = files[format].slice(0, 3_000)
    const packed = gzipSync(text)
    const result = await load(write(`${format}-short.gz`, packed.subarray(0, packed.length - 100)), {
      format,
    })
    expect(result).toMatchObject({ state: 'failed' })
    expect(result.added).toBeGreaterThan(0)
  })

  test('without its end sum', async () => {
    const result = await load(write(`${format}-sum.gz`, whole.subarray(0, -6)), { format })
    expect(result.state).toBe('failed')
    expect(result.error!.message).toContain('ends early')
    expect(result.added).toBeGreaterThanOrEqual(count - 1)
  })
})
