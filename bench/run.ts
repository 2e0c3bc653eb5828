import { existsSync } from 'node:fs'
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { type BenchOptions, type BenchResult, fullEntries, machine, quickEntries } from './result.ts'

/** `npm run bench -- NAME [--quick]`: progress on standard error; the last line of standard output is the result as JSON. */

/** name → what it measures. `generate` is not a measurement of the product but makes the others' data. */
const benches: Record<string, string> = {
  search: 'answers of the search API: one caller, 32 callers, the last page; PostgreSQL in the same run',
  rebuild: 'rebuild of the whole index while people search; memory of all processes',
  freshness: 'from a change to its being found, at 200 changes a second',
  page: 'the results page in a real browser, and the scripts it loads',
  harvest: 'full CKAN harvest of one node by another, then again without a change',
  follow: 'a second node follows the first: all entries, then from change to change',
  ckan: 'CKAN API: package_search by 32 callers, package_show, deep pages, the list of all names',
  import: 'import of a CKAN dump with validation, then the same file again',
  ingest: 'a CSV file of 10,000,000 rows from the disk to a table that can be queried; COPY in the same run',
  score: 'quality score of every entry, and the count of every body, territory and tier',
  relevance: 'nDCG@10 of the judged queries',
  reuse:
    'who already holds an item: one item, 50 at once; the report of all duplicates; PostgreSQL in the same run',
  generate: 'makes the catalogue that search, rebuild, freshness and page are measured on',
}

const usage = `Usage: npm run bench -- NAME [options]

${Object.entries(benches)
  .map(([name, text]) => `  ${name.padEnd(10)} ${text}`)
  .join('\n')}

  --quick        ${quickEntries} entries instead of ${fullEntries}
  --scale N      N entries
  --no-baseline  leave the baseline out (the result says so)
  --strict       end with code 1 when a promised figure is missed`

/** A load average above this at the start means that others use the cores too. */
const busyLoad = 1

/** Exit codes: 0 measured, 1 failed (with --strict: or a figure missed), 2 used wrongly. */
async function main(): Promise<number> {
  const options = readArguments()
  if (!options) {
    console.error(usage)
    return 2
  }
  const { name, strict, ...rest } = options
  const file = `./${name}.bench.ts`
  if (!existsSync(new URL(file, import.meta.url))) throw new Error(`bench/${file} is not there.`)
  const { run } = (await import(file)) as { run(options: BenchOptions): Promise<BenchResult> }
  console.error(`${name}${rest.quick ? ' (quick)' : ''} on ${machine()}`)
  const busy = loadavg()[0]!
  const measured = await run(rest)
  const result: BenchResult = { ...measured, machine: machine() }
  if (busy > busyLoad)
    result.notes = [
      ...(measured.notes ?? []),
      `The machine had other work: its load was ${busy.toFixed(1)} when the run began.`,
    ]
  const missed = report(result)
  console.log(JSON.stringify(result))
  return strict && missed > 0 ? 1 : 0
}

function readArguments(): (BenchOptions & { name: string; strict: boolean }) | undefined {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      allowNegative: true,
      options: {
        quick: { type: 'boolean', default: false },
        strict: { type: 'boolean', default: false },
        baseline: { type: 'boolean', default: true },
        scale: { type: 'string' },
      },
    })
    const name = positionals[0]
    const { quick, strict, baseline, scale } = values
    const entries = scale === undefined ? (quick ? quickEntries : fullEntries) : Number(scale)
    if (positionals.length !== 1 || !name || !(name in benches)) return undefined
    if (!Number.isSafeInteger(entries) || entries < 1_000) return undefined
    return { name, quick, strict, baseline, entries }
  } catch {
    return undefined
  }
}

/** Shows the figures to people. @returns how many promises were missed. */
function report({ figures, baseline, ratios, notes }: BenchResult): number {
  const line = (key: string, value: number | null, unit: string, rest: string) =>
    console.error(`  ${key.padEnd(26)} ${String(value ?? 'not measured').padStart(12)} ${unit} ${rest}`)
  for (const [key, f] of Object.entries(figures)) {
    const promise =
      f.reach === null ? '' : `(reach ${f.reach}${f.met === null ? '' : f.met ? ', met' : ', MISSED'})`
    line(key, f.value, f.unit, promise)
  }
  if (Object.keys(baseline.figures).length > 0) console.error(`  baseline: ${baseline.name}`)
  for (const [key, f] of Object.entries(baseline.figures))
    line(key, f.value, f.unit, ratios[key] === undefined ? '' : `(× ${ratios[key]})`)
  for (const note of notes ?? []) console.error(`  - ${note}`)
  return Object.values(figures).filter((f) => f.met === false).length
}

try {
  process.exitCode = await main()
} catch (error) {
  console.error(error)
  process.exitCode = 1
}
