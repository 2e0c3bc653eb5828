// Builds the program (TypeScript to dist/) and the web UI (Vite to dist/web, with compressed copies).
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { brotliCompressSync, gzipSync } from 'node:zlib'

rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true })
const steps = [
  ['node_modules/.bin/tsc', ['-p', 'tsconfig.build.json']],
  ['node_modules/.bin/vite', ['build', '--config', 'web/vite.config.ts', '--logLevel', 'warn']],
]
for (const [command, args] of steps) {
  const { status } = spawnSync(command, args, { stdio: 'inherit', cwd: new URL('..', import.meta.url) })
  if (status !== 0) process.exit(status ?? 1)
}

// Compressed once here, so that no request pays for it.
const assets = new URL('../dist/web/assets/', import.meta.url)
for (const name of readdirSync(assets)) {
  if (!/\.(js|css|svg)$/.test(name)) continue
  const text = readFileSync(new URL(name, assets))
  writeFileSync(new URL(`${name}.br`, assets), brotliCompressSync(text))
  writeFileSync(new URL(`${name}.gz`, assets), gzipSync(text, { level: 9 }))
}
