import { SingleBar } from 'cli-progress'
import type { Command } from 'commander'
import { addCollect } from './commands-collect.ts'
import { addPeople } from './commands-people.ts'
import { addSources } from './commands-source.ts'
import { doctor } from './doctor.ts'
import { type ImportProgress, importFile } from './harvest/index.ts'
import { type RebuildProgress, readNames, rebuildIndex, searchFolder } from './search/index.ts'
import { acceptRestore, operatorActor, verifyAudit } from './security/index.ts'
import { defaultSeed, runSeed, seedList } from './seed/index.ts'
import { serve } from './serve.ts'
import { openEngine } from './stores.ts'
import { tellPerson, withStores } from './with-stores.ts'

/** What people run. Every command that prints a result takes `--json` and then ends with one JSON line. */
export function addCommands(program: Command): void {
  program.command('serve').description('run a node: databases, search, API, web').action(serve)
  program
    .command('migrate')
    .description('bring the databases to the newest schema')
    .action(() =>
      withStores(async (stores) => {
        const { applied, close } = await openEngine(stores, tellPerson)
        await close()
        if (applied.length > 0) tellPerson(`Applied ${applied.length} migrations to ClickHouse`)
        console.log('PostgreSQL and ClickHouse are up to date.')
      }),
    )
  addDoctor(program)
  addSeed(program)
  const catalog = program.command('catalog').description('the catalogue')
  addCatalog(catalog)
  addSources(program, catalog)
  addCollect(program)
  addSearch(program.command('search').description('the search index'))
  addPeople(program)
  addAudit(program.command('audit').description('the record of every use'))
}

function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('check this node and say what to do')
    .option('--json', 'one JSON line')
    .action(async ({ json }: { json?: boolean }) => {
      const findings = await doctor()
      if (json) console.log(JSON.stringify({ ok: findings.every((f) => f.ok), findings }))
      else
        for (const f of findings) {
          console.log(`${f.ok ? 'ok  ' : 'FAIL'}  ${f.check}: ${f.detail}`)
          if (f.remedy) console.log(`      → ${f.remedy}`)
        }
      if (findings.some((f) => !f.ok)) process.exitCode = 1
    })
}

function addSeed(program: Command): void {
  program
    .command('seed')
    .description('write a demo scenario; `seed list` names them')
    .argument('[name]', 'scenario', defaultSeed)
    .option('--json', 'one JSON line')
    .action(async (name: string, { json }: { json?: boolean }) => {
      if (name === 'list') {
        for (const s of seedList())
          console.log(json ? JSON.stringify(s) : `${s.name.padEnd(8)} ${s.description}`)
        return
      }
      await withStores(async ({ postgres, profile, config }) => {
        const result = await runSeed(name, {
          db: postgres.db,
          profile,
          publicUrl: config.publicUrl,
          progress: tellPerson,
        })
        if (json) console.log(JSON.stringify(result))
        else {
          console.log(
            `${result.bodies} bodies, ${result.people} people, ${result.entries} entries (${result.added} new)`,
          )
          for (const l of result.links) console.log(`  ${l.label}: ${l.url}`)
        }
      })
    })
}

interface ImportFlags {
  format?: string
  mapping?: string
  source?: string
  body?: string
  encoding?: string
  draft?: boolean
  report?: string
  json?: boolean
}

function addCatalog(catalog: Command): void {
  catalog
    .command('import')
    .description('import a catalogue from a file; again imports only what changed')
    .argument('<file>')
    .option('--format <format>', 'ckan, dcat-us, csv, xlsx or jsonl')
    .option('--mapping <file>', 'mapping file, or the name of one in mappings/')
    .option('--source <name>', 'identity of the source; default: the file’s name')
    .option('--body <code>', 'body that provides the data')
    .option('--encoding <name>', 'when it cannot be seen from the file, e.g. gb18030')
    .option('--draft', 'leave valid entries as drafts')
    .option('--report <file>', 'outcome of every record, as CSV or .jsonl')
    .option('--json', 'end with one JSON line')
    .action((file: string, flags: ImportFlags) =>
      withStores(
        async ({ postgres, profile }, signal) => {
          const bar = importBar(flags.json === true)
          const { json, ...options } = flags
          const summary = await importFile({
            ...options,
            db: postgres.db,
            profile,
            file,
            signal,
            onProgress: bar.update,
          }).finally(bar.stop)
          const { read, added, changed, unchanged, rejected, gone } = summary
          if (summary.error) console.error(`${summary.error.message}`)
          if (json) console.log(JSON.stringify({ read, added, changed, unchanged, rejected, gone }))
          else {
            console.log(
              `${read} read: ${added} added, ${changed} changed, ${unchanged} unchanged, ${rejected} rejected (${summary.state})`,
            )
            if (rejected > 0 && !flags.report)
              console.log('Reasons: run again with --report FILE, or open the import in the workbench.')
          }
          if (summary.state !== 'done') process.exitCode = 1
        },
        { heedsSignal: true },
      ),
    )
}

/** A bar for people at a terminal; JSON lines on standard error for programs; nothing in between. */
function importBar(json: boolean) {
  const started = performance.now()
  const rate = (n: number) => Math.round(n / ((performance.now() - started) / 1000))
  if (json || !process.stderr.isTTY) {
    let last = 0
    const update = ({ bytes, size, counts }: ImportProgress) => {
      if (!json || performance.now() - last < 1_000) return
      last = performance.now()
      process.stderr.write(`${JSON.stringify({ bytes, size, ...counts, perSecond: rate(counts.read) })}\n`)
    }
    return { update, stop: () => {} }
  }
  const bar = new SingleBar({
    format: '{bar} {percentage} %  {read} records, {rate}/s, {rejected} rejected, {eta_formatted} left',
    stream: process.stderr,
  })
  bar.start(1, 0, { read: 0, rate: 0, rejected: 0 })
  const update = ({ bytes, size, counts }: ImportProgress) => {
    bar.setTotal(size)
    bar.update(bytes, { read: counts.read, rate: rate(counts.read), rejected: counts.rejected })
  }
  return { update, stop: () => bar.stop() }
}

function addSearch(search: Command): void {
  search
    .command('rebuild')
    .description(
      'build the whole index from the catalogue; searches go on meanwhile, a cut-off run is resumed',
    )
    .option('--json', 'end with one JSON line')
    .action(({ json }: { json?: boolean }) =>
      withStores(async ({ postgres, config, profile, log }) => {
        const bar = rebuildBar(json === true)
        const result = await rebuildIndex({
          db: postgres.db,
          pool: postgres.pool,
          databaseUrl: postgres.url,
          names: await readNames(postgres.db, profile),
          folder: searchFolder(config.dataDir),
          log,
          onProgress: bar.update,
        }).finally(bar.stop)
        const seconds = Number(result.seconds.toFixed(1))
        if (json) console.log(JSON.stringify({ ...result, seconds }))
        else console.log(`${result.entries} entries in ${result.segments} segments, ${seconds} s`)
      }),
    )
}

function rebuildBar(json: boolean) {
  if (json || !process.stderr.isTTY) {
    const update = (p: RebuildProgress) => void (json && process.stderr.write(`${JSON.stringify(p)}\n`))
    return { update, stop: () => {} }
  }
  const bar = new SingleBar({
    format: '{bar} {percentage} %  {value} of {total} entries, {eta_formatted} left',
    stream: process.stderr,
  })
  bar.start(1, 0)
  const update = ({ done, total }: RebuildProgress) => {
    bar.setTotal(total)
    bar.update(done)
  }
  return { update, stop: () => bar.stop() }
}

function addAudit(audit: Command): void {
  audit
    .command('verify')
    .description('prove the log unbroken, or say where it is not')
    .option('--json', 'one JSON line')
    .action(({ json }: { json?: boolean }) =>
      withStores(async ({ postgres, config }) => {
        const result = await verifyAudit(postgres.db, { dataDir: config.dataDir })
        if (json) console.log(JSON.stringify(result))
        else {
          console.log(
            `${result.events} events, ${result.checkpoints} checkpoints: ${result.ok ? 'unbroken' : 'BROKEN'}`,
          )
          for (const p of result.problems) console.log(`  ${p.kind} at ${p.seq}: ${p.message}`)
          console.log('This check cannot find:')
          for (const l of result.limits) console.log(`  ${l}`)
        }
        if (!result.ok) process.exitCode = 1
      }),
    )
  audit
    .command('accept-restore')
    .description('after PostgreSQL was restored from a backup: give up the checkpoints of what was lost')
    .requiredOption('--reason <text>', 'why the database was restored; kept in the log')
    .option('--json', 'one JSON line')
    .action(({ reason, json }: { reason: string; json?: boolean }) =>
      withStores(async ({ postgres, config }) => {
        const result = await acceptRestore(postgres.db, operatorActor(), { dataDir: config.dataDir, reason })
        if (json) console.log(JSON.stringify(result))
        else
          console.log(
            `Checkpoints after event ${result.after} are given up (the last was of event ${result.until}). The log says so.`,
          )
      }),
    )
}
