import { SingleBar } from 'cli-progress'
import type { Command } from 'commander'
import { type CollectInput, collectFile } from './collection/index.ts'
import { workPage } from './platform/work-page.ts'
import { operatorActor } from './security/index.ts'
import { openEngine } from './stores.ts'
import { tellPerson, withStores } from './with-stores.ts'

interface CollectFlags extends Pick<CollectInput, 'table' | 'body' | 'title' | 'delimiter' | 'encoding'> {
  append?: boolean
  json?: boolean
}

/** Files of rows by the hand of whoever owns the machine. */
export function addCollect(program: Command): void {
  program
    .command('collect')
    .description('load a CSV file (also gzip) into a table; the same file again changes nothing')
    .argument('<file>')
    .requiredOption('--table <name>', 'table to load; it is made where there is none')
    .option('--body <code>', 'body that answers for a new table; default: the highest')
    .option('--title <title>', 'title of a new table')
    .option('--append', 'a new table keeps the rows of all its files; otherwise each file is the whole table')
    .option('--delimiter <character>', 'when it cannot be seen from the file')
    .option('--encoding <name>', 'when it cannot be seen from the file, e.g. gb18030')
    .option('--json', 'end with one JSON line')
    .action((file: string, { append, json, ...flags }: CollectFlags) =>
      withStores(
        async (stores, signal) => {
          const { client: engine, close } = await openEngine(stores, tellPerson)
          const bar =
            json || !process.stderr.isTTY
              ? undefined
              : new SingleBar({
                  format: '{bar} {percentage} % · {records} records · {rate}/s · {eta_formatted} left',
                })
          const began = Date.now()
          bar?.start(1, 0, { records: 0, rate: 0 })
          try {
            const done = await collectFile({ db: stores.postgres.db, engine }, operatorActor(), {
              ...flags,
              ...(append && { mode: 'append' }),
              file,
              signal,
              onProgress: ({ bytes, size, records }) => {
                bar?.setTotal(size)
                bar?.update(bytes, { records, rate: Math.round((records * 1000) / (Date.now() - began)) })
              },
            })
            bar?.stop()
            if (json) console.log(JSON.stringify(done))
            else {
              console.log(
                `${done.read} read: ${done.accepted} accepted, ${done.rejected} rejected (${done.state})`,
              )
              for (const fault of done.faults) console.log(`  ${fault.message} ${fault.remedy ?? ''}`)
              const page = `${stores.config.publicUrl}${workPage('tables', done.table)}`
              if (done.rejected > 0) console.log(`Reasons: ${page}?tab=batches&batch=${done.batch}`)
              else if (done.state !== 'quarantined') console.log(`Rows: ${page}`)
            }
            if (done.state === 'quarantined') process.exitCode = 1
          } finally {
            bar?.stop()
            await close()
          }
        },
        { heedsSignal: true },
      ),
    )
}
