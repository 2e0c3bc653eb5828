import { writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ckan, importKit, packages } from '../../test/support/import-kit.ts'
import { withSourceLock } from './import.queries.ts'

const { load, write, query, database, idsOf } = importKit()

const runsOf = (source: string) =>
  query('select id, state, stop_requested as stop from harvest.import_run where source = $1 order by id', [
    source,
  ])

/** Leaves a run as a killed process does: at work, with a checkpoint. */
async function abandon(source: string, file: string, stopRequested: boolean) {
  const stop = new AbortController()
  await load(file, { format: 'ckan', signal: stop.signal, onProgress: () => stop.abort() })
  await query(`update harvest.import_run set state = 'running', stop_requested = $2 where source = $1`, [
    source,
    stopRequested,
  ])
}

describe('a file that is cut off', () => {
  test('stays failed when it is taken up again, and nothing is gone', async () => {
    const whole = ckan(packages(2_500, () => ({ notes: 'x'.repeat(100) })))
    await load(write('cut.json', whole), { format: 'ckan' })
    const file = write('cut.json', whole.slice(0, 200_000))
    const first = await load(file, { format: 'ckan' })
    expect(first).toMatchObject({ state: 'failed', gone: 0, rejected: 1 })
    for (let i = 0; i < 2; i++) {
      const again = await load(file, { format: 'ckan' })
      expect(again).toMatchObject({ state: 'failed', resumed: true, gone: 0, rejected: 1, read: first.read })
      expect(again.error).toEqual(first.error)
      expect(again.records.filter((r) => r.outcome === 'gone')).toEqual([])
    }
    expect(await query(`select count(*) from harvest.import_run where source = 'cut'`)).toEqual([
      { count: 2 },
    ])
  })

  test('whose place is at the end of a full batch stays failed too', async () => {
    const whole = ckan(packages(1_000))
    const file = write('full.json', whole.slice(0, -2))
    for (const resumed of [false, true])
      expect(await load(file, { format: 'ckan' })).toMatchObject({ state: 'failed', resumed, added: 1_000 })
  })
})

describe('a process that was killed', () => {
  test('after somebody asked to stop: the command goes on', async () => {
    const file = write('halted.json', ckan(packages(6_000)))
    await abandon('halted', file, true)
    expect(await load(file, { format: 'ckan' })).toMatchObject({
      state: 'done',
      resumed: true,
      read: 6_000,
      added: 6_000,
    })
    expect(await runsOf('halted')).toMatchObject([{ state: 'done', stop: false }])
  })

  test('another file of the source ends the run it left', async () => {
    const file = write('left.json', ckan(packages(3_000)))
    await abandon('left', file, true)
    writeFileSync(file, ckan(packages(3_001)))
    expect(await load(file, { format: 'ckan' })).toMatchObject({ state: 'done', read: 3_001 })
    expect(await runsOf('left')).toMatchObject([
      { state: 'stopped', stop: false },
      { state: 'done', stop: false },
    ])
  })
})

test('an import that is refused leaves no run, and the one before can still go on', async () => {
  const file = write('busy.json', ckan(packages(3_000)))
  const stop = new AbortController()
  await load(file, { format: 'ckan', signal: stop.signal, onProgress: () => stop.abort() })
  const other = write('other.json', ckan(packages(3)))
  await withSourceLock(database().db, 'busy', async () => {
    await expect(load(other, { format: 'ckan', source: 'busy' })).rejects.toThrow(
      'Another import of the source',
    )
  })
  expect(await runsOf('busy')).toHaveLength(1)
  expect(await load(file, { format: 'ckan' })).toMatchObject({ state: 'done', resumed: true, added: 3_000 })
})

test('an import that failed on our side goes on where it was', async () => {
  const file = write('broken.json', ckan(packages(6_000)))
  let failed = false
  const first = load(file, {
    format: 'ckan',
    onProgress() {
      if (!failed) {
        failed = true
        throw new Error('the disk is on fire')
      }
    },
  })
  await expect(first).rejects.toThrow('on fire')
  const [left] = await runsOf('broken')
  expect(left).toMatchObject({ state: 'failed' })
  expect(await load(file, { format: 'ckan' })).toMatchObject({
    state: 'done',
    resumed: true,
    read: 6_000,
    added: 6_000,
  })
  expect(await idsOf('broken')).toHaveLength(6_000)
})

test('a stopped import goes on where it was; two of one source do not run at once', async () => {
  const file = write('stop.json', ckan(packages(6_000)))
  const stop = new AbortController()
  const stopped = await load(file, { format: 'ckan', signal: stop.signal, onProgress: () => stop.abort() })
  expect(stopped.state).toBe('interrupted')
  expect(stopped.read).toBeGreaterThan(0)
  expect(stopped.read).toBeLessThan(6_000)
  const both = await Promise.allSettled([load(file, { format: 'ckan' }), load(file, { format: 'ckan' })])
  const done = both.flatMap((r) => (r.status === 'fulfilled' ? [r.value] : []))
  expect(done.at(-1)).toMatchObject({ state: 'done', resumed: true, read: 6_000, added: 6_000 })
  expect(await idsOf('stop')).toHaveLength(6_000)
})

test('a run taken over by another process writes nothing more and leaves its end to that one', async () => {
  const file = write('fenced.json', ckan(packages(4_000)))
  let taken: Promise<unknown> | undefined
  const result = await load(file, {
    format: 'ckan',
    onProgress: () => {
      taken ??= query(`update harvest.import_run set epoch = epoch + 1 where source = 'fenced'`)
    },
  })
  await taken
  expect(result.state).toBe('running')
  expect(await idsOf('fenced')).toHaveLength(result.added)
  expect(result.added).toBeLessThan(4_000)
})
