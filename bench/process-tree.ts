import { readdirSync, readFileSync } from 'node:fs'

/**
 * Memory and processor time of a tree of processes. A page that several of them share (PostgreSQL's buffers, mapped index files,
 * the program itself) is counted once: the sum is over the proportional set sizes (PSS) of the kernel.
 */

/** The parent of each running process. */
function parents(): Map<number, number> {
  const map = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const stat = read(`/proc/${name}/stat`)
    // The command before may hold spaces and brackets.
    const parent = Number(stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
    if (parent >= 0) map.set(Number(name), parent)
  }
  return map
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

/** The processes given and all that come from them. `known` is the parent of each process. */
export function treeOf(roots: readonly number[], known: ReadonlyMap<number, number> = parents()): number[] {
  const tree = new Set(roots)
  for (let grown = true; grown; ) {
    grown = false
    for (const [pid, parent] of known)
      if (tree.has(parent) && !tree.has(pid)) {
        tree.add(pid)
        grown = true
      }
  }
  return [...tree]
}

/** `Pss` of a `smaps_rollup` in bytes; 0 where there is none. */
export const pssOf = (rollup: string | undefined): number =>
  Number(/^Pss:\s+(\d+) kB$/m.exec(rollup ?? '')?.[1] ?? 0) * 1024

/** Clock ticks a second in `/proc/PID/stat`; Linux fixes it for programs. */
const ticksPerSecond = 100

/** Processor seconds in a `/proc/PID/stat`, with those of children that have ended. */
export function cpuOf(stat: string | undefined): number {
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = fields?.slice(11, 15).reduce((sum, text) => sum + Number(text), 0) ?? 0
  return ticks / ticksPerSecond
}

/** Processor seconds used so far by processes and their children; undefined where the system does not tell. */
export function cpuSeconds(roots: readonly number[]): number | undefined {
  if (process.platform !== 'linux') return undefined
  return treeOf(roots).reduce((sum, pid) => sum + cpuOf(read(`/proc/${pid}/stat`)), 0)
}

export interface MemoryWatch {
  /** Ends the watch. @returns the largest sums seen, in bytes. */
  stop(): { peak: number; samples: number; processes: number }
  /** The sum now, in bytes. */
  now(): number
}

/** Watches the memory of processes and their children. `roots` is asked each time. */
export function watchMemory(roots: () => number[], everyMs = 1_000): MemoryWatch | undefined {
  if (process.platform !== 'linux' || pssOf(read('/proc/self/smaps_rollup')) === 0) return undefined
  let peak = 0
  let samples = 0
  let processes = 0
  const look = () => {
    const tree = treeOf(roots())
    const sum = tree.reduce((total, pid) => total + pssOf(read(`/proc/${pid}/smaps_rollup`)), 0)
    samples++
    if (sum > peak) {
      peak = sum
      processes = tree.length
    }
    return sum
  }
  look()
  const timer = setInterval(look, everyMs)
  return {
    now: look,
    stop: () => {
      clearInterval(timer)
      return { peak, samples, processes }
    },
  }
}
