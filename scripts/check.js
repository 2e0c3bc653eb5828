// npm run check: types, lint, the dependency line, dead code. All run; every failure is shown.
import { spawn } from 'node:child_process'

const bin = (name) => `node_modules/.bin/${name}`
const checks = [
  ['types', 'node', ['node_modules/ts7/bin/tsc', '-p', 'tsconfig.json']],
  ['lint', bin('biome'), ['check', '--error-on-warnings', '.']],
  ['boundaries', bin('depcruise'), ['src', 'web', '--config', '.dependency-cruiser.cjs']],
  ['dead code', bin('knip'), []],
]

const run = ([name, command, args]) =>
  new Promise((resolve) => {
    const started = Date.now()
    let output = ''
    const child = spawn(command, args)
    child.stdout.on('data', (d) => {
      output += d
    })
    child.stderr.on('data', (d) => {
      output += d
    })
    child.on('close', (code) => {
      let ok = code === 0
      // With the wrong compiler dependency-cruiser cruises nothing and exits 0.
      if (name === 'boundaries' && !/[1-9]\d* modules/.test(output)) ok = false
      console.log(`${ok ? 'ok  ' : 'FAIL'} ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`)
      if (!ok) console.log(output)
      resolve(ok)
    })
  })

const results = await Promise.all(checks.map(run))
process.exit(results.every(Boolean) ? 0 : 1)
