import { attachToParent } from '../src/platform/supervise.ts'

/**
 * A whole node in a process of its own, as `concord serve` runs one, but without rate limits and without the demo.
 * Arguments: the folder of the program (`src` or `dist`), and its ending (`ts` or `js`).
 */
const [folder, ending] = process.argv.slice(2)
const load = <T>(file: string) =>
  import(new URL(`../${folder}/${file}.${ending}`, import.meta.url).href) as Promise<T>

let stop = async () => {}
const parent = attachToParent({ onStop: () => stop() })
const { startNode } = await load<typeof import('../src/app.ts')>('app')
const { loadConfig } = await load<typeof import('../src/platform/config.ts')>('platform/config')
const { createLogger } = await load<typeof import('../src/platform/log.ts')>('platform/log')

const config = loadConfig()
const node = await startNode({
  config,
  log: createLogger(config.LOG_LEVEL),
  rateLimits: false,
  progress: (step) => process.stderr.write(`  ${step}\n`),
})
stop = node.close
parent.ready({ address: await node.listen() })
