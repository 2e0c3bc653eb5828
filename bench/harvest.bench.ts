import { mkdtempSync, rmSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSource, harvestNamed, harvestNode, importFile } from '../src/harvest/index.ts'
import { createLogger } from '../src/platform/log.ts'
import type { Postgres } from '../src/platform/postgres.ts'
import { loadProfile } from '../src/platform/profile.ts'
import { createOrganisation, reloadOrganisationTree, systemActor } from '../src/security/index.ts'
import { benchProfile } from './generate.ts'
import { writeDump } from './import.bench.ts'
import { startBenchNode, withPostgres } from './node.ts'
import { atLeast, type BenchOptions, type BenchResult, machine, plain, say } from './result.ts'

/** Entries of the node that is harvested. */
const scales = { full: 100_000, quick: 5_000 } as const
/** Requests a second: what a keeper allows for a node of one's own. The default, 5 with pages of 100, is for others' portals. */
const requestsPerSecond = 50

/** A full harvest of one node's CKAN door by another, into an empty database; then again, when nothing changed. */
export async function run({ quick }: Pick<BenchOptions, 'quick'>): Promise<BenchResult> {
  const entries = scales[quick ? 'quick' : 'full']
  const folder = mkdtempSync(join(tmpdir(), 'concord-bench-'))
  await chmod(folder, 0o755)
  const profile = loadProfile(benchProfile)
  const peer = { dataDir: join(folder, 'peer'), entries }
  try {
    await withPostgres(peer.dataDir, async ({ db }) => {
      const file = join(folder, 'dump.json')
      await writeDump(file, entries)
      const { added } = await importFile({ db, profile, file, format: 'ckan', source: 'dump' })
      if (added !== entries) throw new Error(`${added} of ${entries} packages came in`)
    })
    const node = await startBenchNode(peer)
    try {
      return await withPostgres(join(folder, 'own'), ({ db }) => measure(db, node.address, entries, folder))
    } finally {
      await node.stop()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measure(
  db: Postgres['db'],
  url: string,
  entries: number,
  dataDir: string,
): Promise<BenchResult> {
  const profile = loadProfile(benchProfile)
  const actor = systemActor('bench')
  const config = { publicUrl: 'http://localhost', harvestAllow: ['127.0.0.0/8'], dataDir }
  const node = harvestNode({ db, profile, config, log: createLogger('error') })
  const [tier] = Object.values(profile.codeLists.tier!.entries)
  await createOrganisation(db, actor, { code: 'node', name: 'Node', tier: tier!.code })
  await reloadOrganisationTree(db)
  const limits = { requestsPerSecond }
  await createSource(node, actor, { name: 'peer', title: 'Peer', kind: 'ckan', url, publish: true, limits })
  const rate = async (full: boolean, wanted: 'added' | 'unchanged') => {
    const started = performance.now()
    const run = await harvestNamed({ node, actor, name: 'peer', full })
    const seconds = (performance.now() - started) / 1_000
    if (run.state !== 'done' || run.counts[wanted] !== entries)
      throw new Error(
        `The harvest ended as ${JSON.stringify({ state: run.state, ...run.counts, error: run.error })}`,
      )
    say(`${entries} ${wanted} in ${seconds.toFixed(1)} s`)
    return entries / seconds
  }
  const first = await rate(true, 'added')
  const again = await rate(true, 'unchanged')
  return {
    bench: 'harvest',
    machine: machine(),
    scale: { entries },
    figures: {
      harvest_rate: atLeast(first, 'entries/s', 2_000),
      unchanged_rate: plain(again, 'entries/s'),
    },
    baseline: { name: 'none', figures: {} },
    ratios: {},
    notes: [
      `The other node allows ${requestsPerSecond} requests/s; pages have 100 packages. Both nodes share this machine.`,
    ],
  }
}
