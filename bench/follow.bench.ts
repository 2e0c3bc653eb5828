import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createSource, harvestNode } from '../src/harvest/index.ts'
import { createLogger } from '../src/platform/log.ts'
import { loadProfile } from '../src/platform/profile.ts'
import { createOrganisation, systemActor } from '../src/security/index.ts'
import { createWriter, signIn } from './change-writer.ts'
import { addSteward, benchProfile, ensureGenerated, type GeneratedNode } from './generate.ts'
import { type RunningNode, startBenchNode, withPostgres } from './node.ts'
import { cpuSeconds } from './process-tree.ts'
import { searchPath } from './query-mix.ts'
import { readNode } from './read-ahead.ts'
import { atMost, type BenchOptions, type BenchResult, plain, say } from './result.ts'
import { percentile } from './statistics.ts'

/** A second, empty node follows the generated one through its change feed: everything, then each change. */

const reachSeconds = { of: 3_000_000, seconds: 20 * 60 }
/** What a keeper allows for a node of one's own. */
const requestsPerSecond = 50
/** How often the second node is asked how many entries it finds (ms). */
const lookMs = 2_000
const reportMs = 30_000
/** The copy must not take longer (ms): then something is broken rather than slow. */
const giveUpMs = 3 * 3_600_000
/** Changes at the first node: few enough that people could have made them. */
const changes = { perSecond: 10, durationMs: { full: 120_000, quick: 30_000 }, sampleOneIn: 10 }
const lookForMs = 50
const notFoundMs = 60_000

export async function run({ entries, quick }: BenchOptions): Promise<BenchResult> {
  const generated = await ensureGenerated(entries)
  await readNode(generated.dataDir)
  const folder = mkdtempSync(join(tmpdir(), 'concord-follow-'))
  chmodSync(folder, 0o755)
  const first = await startBenchNode(generated)
  try {
    await registerSource(folder, first.address)
    const started = performance.now()
    const second = await startBenchNode(
      { dataDir: folder, entries: 0 },
      { CONCORD_HARVEST_ALLOW: '127.0.0.0/8' },
    )
    try {
      const copied = await copy(first, second, entries, started)
      const compared = await firstRunEnds(second, started)
      const late = await followChanges(generated, first, second, quick)
      return { bench: 'follow', machine: '', ...toResult(generated, { ...copied, compared }, late) }
    } finally {
      await second.stop()
    }
  } finally {
    await first.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The second node: one body, and the first node as a source that is followed continuously with its bodies. */
async function registerSource(dataDir: string, url: string): Promise<void> {
  const profile = loadProfile(benchProfile)
  const actor = systemActor('bench')
  await withPostgres(dataDir, async ({ db }) => {
    const config = { publicUrl: 'http://localhost', harvestAllow: ['127.0.0.0/8'], dataDir }
    const node = harvestNode({ db, profile, config, log: createLogger('error') })
    const [tier] = Object.values(profile.codeLists.tier!.entries)
    await createOrganisation(db, actor, { code: 'follower', name: 'Follower', tier: tier!.code })
    await addSteward({ db }, 'follower')
    await createSource(node, actor, {
      name: 'first',
      title: 'First node',
      kind: 'concord',
      url,
      publish: true,
      copyBodies: true,
      schedule: 'continuous',
      active: true,
      limits: { requestsPerSecond },
    })
  })
}

/** Waits until the second node finds every entry. */
async function copy(first: RunningNode, second: RunningNode, entries: number, started: number) {
  const before = cpuOfBoth(first, second)
  const elapsed = () => (performance.now() - started) / 1_000
  for (let told = 0; ; await sleep(lookMs)) {
    const { total } = await second.client.json<{ total: number }>('/api/v1/search?limit=0&facets=false')
    if (total >= entries) break
    if (elapsed() * 1_000 > giveUpMs) throw new Error(`Only ${total} of ${entries} entries came.`)
    if (elapsed() * 1_000 - told < reportMs) continue
    told = elapsed() * 1_000
    say(`${total} entries found after ${elapsed().toFixed(0)} s`)
  }
  const seconds = elapsed()
  const after = cpuOfBoth(first, second)
  say(`${entries} entries found after ${seconds.toFixed(0)} s`)
  const cpu = (of: 'first' | 'second') =>
    before && after ? ((after[of] - before[of]) * 1_000) / entries : null
  return { seconds, cpuFirst: cpu('first'), cpuSecond: cpu('second') }
}

/** Waits until the run that copied everything has also compared it. @returns seconds since the start of the node */
async function firstRunEnds({ client }: RunningNode, started: number): Promise<number> {
  const headers = await signIn(client)
  for (;;) {
    const { body } = await client.send('GET', '/api/v1/sources', { headers })
    const { items } = JSON.parse(body.toString('utf8')) as { items: { lastRun: { state: string } | null }[] }
    const state = items[0]?.lastRun?.state
    if (state === 'done') return (performance.now() - started) / 1_000
    if (state !== 'queued' && state !== 'running') throw new Error(`The copy ended as ${state}.`)
    await sleep(lookMs)
  }
}

function cpuOfBoth(first: RunningNode, second: RunningNode) {
  const [a, b] = [cpuSeconds(first.pids()), cpuSeconds(second.pids())]
  return a === undefined || b === undefined ? undefined : { first: a, second: b }
}

/** From a change at the first node to its being found at the second (ms). */
async function followChanges(
  generated: GeneratedNode,
  first: RunningNode,
  second: RunningNode,
  quick: boolean,
): Promise<{ ms: number[]; lost: number; changed: number }> {
  const seen: Promise<number | undefined>[] = []
  const writer = await createWriter(generated, first.client, {
    rate: changes.perSecond,
    durationMs: quick ? changes.durationMs.quick : changes.durationMs.full,
    sampleOneIn: changes.sampleOneIn,
    onSample: ({ word, dueAt, written }) => {
      const look = async () => {
        if ((await written) === undefined) throw new Error('A change was refused.')
        return (await isFound(second, word)) ? performance.now() - dueAt : undefined
      }
      seen.push(look())
    },
  })
  const { changed } = await writer.run()
  const all = await Promise.all(seen)
  const ms = all.filter((t) => t !== undefined).sort((a, b) => a - b)
  return { ms, lost: all.length - ms.length, changed }
}

async function isFound({ client }: RunningNode, word: string): Promise<boolean> {
  const path = searchPath(word, { facets: false, limit: 1 })
  for (const end = performance.now() + notFoundMs; performance.now() < end; await sleep(lookForMs)) {
    const answer = await client.json<{ total: number; relaxed: boolean }>(path)
    if (answer.total > 0 && !answer.relaxed) return true
  }
  return false
}

function toResult(
  { entries, items }: GeneratedNode,
  copied: Awaited<ReturnType<typeof copy>> & { compared: number },
  { ms, lost, changed }: Awaited<ReturnType<typeof followChanges>>,
): Omit<BenchResult, 'bench' | 'machine'> {
  return {
    scale: { entries, items, changes: changed },
    figures: {
      copy_seconds: atMost(copied.seconds, 's', (reachSeconds.seconds * entries) / reachSeconds.of),
      compared_seconds: plain(copied.compared, 's'),
      copy_rate: plain(entries / copied.seconds, 'entries/s'),
      cpu_first: plain(copied.cpuFirst, 'ms of processor an entry'),
      cpu_second: plain(copied.cpuSecond, 'ms of processor an entry'),
      found_p50: plain(percentile(ms, 0.5), 'ms'),
      found_p99: atMost(percentile(ms, 0.99), 'ms', 5_000),
      never_found: atMost(lost, 'changes', 0),
    },
    baseline: { name: 'none', figures: {} },
    ratios: {},
    notes: [
      `Copied: from the start of the second node with an empty database until its search finds every entry. Both nodes, with their databases and indexes, share this machine; ${requestsPerSecond} requests/s allowed. Compared: until the run has also looked for what it did not meet; changes are made after that.`,
      `Found: from when a change was due at the first node until a search at the second finds it; ${changes.perSecond} changes/s in requests of 10, ${ms.length + lost} looked for.`,
    ],
  }
}
