/**
 * A whole node in a process of its own, as `concord serve` runs one, but without rate limits and without the demo.
 * Arguments: the folder of the program (`src` or `dist`), and its ending (`ts` or `js`). JavaScript, so that a built
 * program is measured without what runs TypeScript.
 */
const [folder, ending] = process.argv.slice(2)
/** @param {string} file */
const load = (file) => import(new URL(`../${folder}/${file}.${ending}`, import.meta.url).href)

let stop = async () => {}
const { attachToParent } = await load('platform/supervise')
const parent = attachToParent({ onStop: () => stop() })
const { startNode } = await load('app')
const { loadConfig } = await load('platform/config')
const { createLogger } = await load('platform/log')

const config = loadConfig()
const node = await startNode({
  config,
  log: createLogger(config.LOG_LEVEL),
  rateLimits: false,
  progress: (step) => process.stderr.write(`  ${step}\n`),
})
stop = node.close
parent.ready({ address: await node.listen() })
