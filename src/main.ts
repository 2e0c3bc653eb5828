import { Command, CommanderError } from 'commander'
import { version } from './app.ts'
import { addCommands } from './commands.ts'
import { ConfigError } from './platform/config.ts'
import { ConcordError } from './platform/errors.ts'

/** Exit codes: 0 done, 1 failed or findings, 2 used wrongly. */
async function main(argv: string[]): Promise<void> {
  const program = new Command('concord')
    .description('One place where every public body’s data is catalogued, found, governed and opened.')
    .version(version)
    .showHelpAfterError('(add --help for the options)')
    .exitOverride()
  addCommands(program)
  try {
    await program.parseAsync(argv)
  } catch (error) {
    if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2)
    report(error)
    process.exit(error instanceof ConfigError ? 2 : 1)
  }
}

function report(error: unknown): void {
  if (error instanceof ConcordError) {
    console.error(`${error.message}`)
    for (const f of error.faults)
      console.error(`  ${f.path}: ${f.message}${f.remedy ? ` (${f.remedy})` : ''}`)
  } else if (process.env.LOG_LEVEL === 'debug') console.error(error)
  else console.error(error instanceof Error ? error.message : String(error))
}

await main(process.argv)
