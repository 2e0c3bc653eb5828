import { SingleBar } from 'cli-progress'
import type { Command } from 'commander'
import { Errors } from 'typebox/value'
import {
  createSource,
  type HarvestRun,
  harvestNamed,
  harvestNode,
  importRegistry,
  listSources,
  openRegistry,
  removeNamed,
  SourceInput,
} from './harvest/index.ts'
import { ConcordError } from './platform/errors.ts'
import { operatorActor, reloadOrganisationTree } from './security/index.ts'
import type { Stores } from './stores.ts'
import { withStores } from './with-stores.ts'

interface AddFlags {
  kind: string
  title?: string
  body?: string
  filter?: string
  schedule?: string
  publish?: boolean
  json?: boolean
}

/** Sources by the hand of whoever owns the machine: what the workbench does, and the import of a registry of portals. */
export function addSources(program: Command, catalog: Command): void {
  const source = program.command('source').description('portals and files that are harvested again and again')
  addList(source)
  addAdd(source)
  addRun(source.command('run').description('harvest a source now'))
  addRun(catalog.command('harvest').description('harvest a source now; again brings only what changed'))
  addRegistry(source)
  addRemove(source)
}

function addList(source: Command): void {
  source
    .command('list')
    .description('sources with their last run, problems first')
    .option('--registry', 'portals of the registry that nobody uses yet')
    .option('--query <words>', 'words of title, address, country')
    .option('--json', 'one JSON line for each')
    .action(({ registry, query, json }: { registry?: boolean; query?: string; json?: boolean }) =>
      withStores(async ({ postgres: { db } }) => {
        let cursor: Parameters<typeof listSources>[2]['cursor']
        do {
          const page = await listSources(db, operatorActor(), { registry, q: query, cursor, limit: 200 })
          for (const s of page.items)
            console.log(
              json
                ? JSON.stringify(s)
                : `${s.name.padEnd(32)} ${(s.kind ?? '-').padEnd(8)} ${(s.lastRun?.state ?? '-').padEnd(12)} ${s.url}`,
            )
          cursor = page.next ?? undefined
        } while (cursor)
      }),
    )
}

function addAdd(source: Command): void {
  source
    .command('add')
    .description('register a source; nothing is read yet')
    .argument('<name>', 'identity of the source; its entries are found again by it')
    .argument('<url>')
    .requiredOption('--kind <kind>', 'ckan, dcat, dcat-us, concord, csv, xlsx, jsonl or json')
    .option('--title <title>', 'default: the name')
    .option('--body <code>', 'body that answers for the source; default: the highest')
    .option('--filter <fq>', 'CKAN: a filter query')
    .option('--schedule <when>', '"hourly", "daily 03:00", "weekly 1 03:00"; default: only by hand')
    .option('--publish', 'publish what is valid; otherwise it comes in as drafts')
    .option('--json', 'one JSON line')
    .action((name: string, url: string, flags: AddFlags) =>
      withStores(async (stores) => {
        const { body, json, schedule, ...rest } = flags
        const input = {
          name,
          url,
          title: name,
          ...rest,
          ...(body && { organisation: body }),
          ...(schedule && { schedule, active: true }),
        }
        const faults = [...Errors(SourceInput, input)].map((e) => ({
          path: e.instancePath || '/',
          rule: e.keyword,
          message: e.message,
        }))
        if (faults.length > 0)
          throw new ConcordError('invalid_request', 'The source is not valid.', { faults })
        await reloadOrganisationTree(stores.postgres.db)
        const made = await createSource(nodeOf(stores), operatorActor(), input as SourceInput)
        console.log(
          json
            ? JSON.stringify(made)
            : `${made.name} is registered; harvest it with: concord source run ${made.name}`,
        )
      }),
    )
}

function addRun(command: Command): void {
  command
    .argument('<name>')
    .option('--full', 'compare everything, also where asking for changes would do')
    .option('--json', 'end with one JSON line')
    .action((name: string, { full, json }: { full?: boolean; json?: boolean }) =>
      withStores(
        async (stores, signal) => {
          await reloadOrganisationTree(stores.postgres.db)
          const bar = harvestBar(json === true)
          const node = nodeOf(stores)
          const run = await harvestNamed({
            node,
            actor: operatorActor(),
            name,
            full,
            signal,
            onProgress: bar.update,
          }).finally(bar.stop)
          tellRun(run, json === true)
        },
        { heedsSignal: true },
      ),
    )
}

function tellRun(run: HarvestRun, json: boolean): void {
  const { read, added, changed, unchanged, rejected, linked, gone } = run.counts
  const counts = { read, added, changed, unchanged, rejected, linked, gone }
  if (run.error) console.error(run.error.message)
  if (json) console.log(JSON.stringify({ ...counts, state: run.state, complete: run.complete }))
  else {
    console.log(
      `${read} read: ${added} added, ${changed} changed, ${unchanged} unchanged, ${rejected} rejected, ${linked} linked, ${gone} removed (${run.state})`,
    )
    if (run.complete === false && run.task === 'harvest')
      console.log(
        'The source could not be compared whole, so nothing was removed; the report of the run says why.',
      )
    if (run.state === 'waiting')
      console.log(`${run.removals} entries would be removed; approve or refuse it in the workbench.`)
  }
  if (run.state !== 'done') process.exitCode = 1
}

function addRegistry(source: Command): void {
  source
    .command('import')
    .description('import a registry of portals as inactive sources (JSON lines, plain or .zst)')
    .argument('<file>')
    .option('--json', 'one JSON line')
    .action((file: string, { json }: { json?: boolean }) =>
      withStores(async ({ postgres: { db } }) => {
        const { input, packed } = await openRegistry(file)
        const { faults, ...counts } = await importRegistry(db, operatorActor(), input, { packed })
        for (const f of faults) console.error(`${f.path}: ${f.message}`)
        console.log(
          json
            ? JSON.stringify(counts)
            : `${counts.read} portals: ${counts.added} added, ${counts.changed} changed, ${counts.unchanged} unchanged, ${counts.rejected} rejected`,
        )
      }),
    )
}

function addRemove(source: Command): void {
  source
    .command('remove')
    .description('remove a source; its entries stay unless --retire')
    .argument('<name>')
    .option('--retire', 'retire everything it brought, in batches that can be cut off')
    .option('--json', 'one JSON line')
    .action((name: string, { retire, json }: { retire?: boolean; json?: boolean }) =>
      withStores(
        async (stores, signal) => {
          await reloadOrganisationTree(stores.postgres.db)
          const entries = retire ? 'retire' : 'keep'
          const run = await removeNamed({
            node: nodeOf(stores),
            actor: operatorActor(),
            name,
            entries,
            signal,
          })
          if (json)
            console.log(
              JSON.stringify({ removed: name, state: run?.state ?? 'done', retired: run?.counts.gone ?? 0 }),
            )
          else
            console.log(
              run
                ? `${run.counts.gone} entries retired (${run.state})`
                : `${name} is removed; its entries stay.`,
            )
          if (run && run.state !== 'done') process.exitCode = 1
        },
        { heedsSignal: true },
      ),
    )
}

const nodeOf = ({ postgres, profile, config, log }: Stores) =>
  harvestNode({ db: postgres.db, profile, config, log })

/** A bar for people at a terminal; JSON lines on standard error for programs. */
function harvestBar(json: boolean) {
  if (json || !process.stderr.isTTY) {
    let last = 0
    const update = ({ counts, progress }: HarvestRun) => {
      if (!json || performance.now() - last < 1_000) return
      last = performance.now()
      process.stderr.write(`${JSON.stringify({ ...progress, ...counts })}\n`)
    }
    return { update, stop: () => {} }
  }
  const bar = new SingleBar({
    format: '{bar} {percentage} %  {read} of {records} records, {rate}/s, {eta_formatted} left',
    stream: process.stderr,
  })
  bar.start(1, 0, { read: 0, records: '?', rate: 0 })
  const update = ({ counts, progress }: HarvestRun) => {
    bar.setTotal(progress.total ?? Math.max(1, counts.read))
    bar.update(counts.read, {
      read: counts.read,
      records: progress.total ?? '?',
      rate: Math.round(progress.recordsPerSecond ?? 0),
    })
  }
  return { update, stop: () => bar.stop() }
}
