import { setTimeout as sleep } from 'node:timers/promises'
import { ConcordError } from '../../platform/errors.ts'
import type { Db } from '../../platform/postgres.ts'
import type { Actor } from '../../security/index.ts'
import { removeSource } from './delete.ts'
import { createHarvestRunner, type HarvestNode } from './runner.ts'
import { getHarvestRun, startHarvest } from './runs.ts'
import { selectSourceByName } from './source.queries.ts'
import type { HarvestRun } from './source.schema.ts'

/** How often the progress of a run is looked at (ms). */
const lookMs = 250

export interface CommandOptions {
  node: HarvestNode
  actor: Actor
  name: string
  /** Ends in order: the run goes on at a node beside, or when the command is given again. */
  signal?: AbortSignal
  onProgress?(run: HarvestRun): void
}

/** Finds a source by its name. @throws not_found naming the command that lists them */
async function byName(db: Db, name: string) {
  const source = await selectSourceByName(db, name)
  if (source) return source
  throw new ConcordError('not_found', `There is no source ${name}. \`concord source list\` names them.`)
}

/** Harvests a source as `concord catalog harvest` does, here or at a node beside that takes the run first. */
export async function harvestNamed(options: CommandOptions & { full?: boolean }): Promise<HarvestRun> {
  const { node, actor, name, full } = options
  const source = await byName(node.db, name)
  return follow(options, await startHarvest(node.db, actor, source.uid, { full }))
}

/** Removes a source as `concord source remove` does. Undefined when its entries stay. */
export async function removeNamed(
  options: CommandOptions & { entries: 'keep' | 'retire' },
): Promise<HarvestRun | undefined> {
  const { node, actor, name, entries } = options
  const source = await byName(node.db, name)
  const run = await removeSource(node.db, actor, source.uid, entries)
  return run && follow(options, run)
}

const open = new Set(['queued', 'running', 'interrupted'])

async function follow(options: CommandOptions, run: HarvestRun): Promise<HarvestRun> {
  const { node, actor, signal, onProgress } = options
  const runner = createHarvestRunner(node)
  runner.wake()
  try {
    for (;;) {
      const now = await getHarvestRun(node.db, actor, run.uid)
      onProgress?.(now)
      // One that waits to be tried again is left to the node, or to the next command.
      if (!open.has(now.state) || now.retryAt !== null || signal?.aborted) return now
      await sleep(lookMs, undefined, { signal }).catch(() => {})
    }
  } finally {
    await runner.close()
  }
}
