import { statfsSync } from 'node:fs'
import { totalmem } from 'node:os'
import type { PostgresFiles } from './embedded-postgres-files.ts'

/** Unix socket paths are limited to 107 bytes on Linux and 103 on macOS; `/.s.PGSQL.65535` is added. */
const socketFolderLimit = 103 - 16
/** Parallel queries need shared memory; containers often have 64 MB of it (bytes). */
const sharedMemoryWanted = 1024 ** 3

/** Sized for a small machine of its own: 2 cores, 4 GB and more. Bulk work raises what it needs per session. */
export function serverSettings(
  options: { durable?: boolean; settings?: Record<string, string> },
  files: PostgresFiles,
  port: number,
): Record<string, string> {
  const megabytes = Math.floor(totalmem() / 1024 ** 2)
  const durable = options.durable !== false
  let sharedMemory = 'mmap'
  try {
    const { bavail, bsize } = statfsSync('/dev/shm')
    if (bavail * bsize >= sharedMemoryWanted) sharedMemory = 'posix'
  } catch {
    if (process.platform !== 'linux') sharedMemory = 'posix'
  }
  return {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories:
      Buffer.byteLength(files.cluster) <= socketFolderLimit ? `"${files.cluster}"` : '',
    max_connections: '100',
    shared_buffers: `${Math.min(durable ? 512 : 128, Math.floor(megabytes / 8))}MB`,
    effective_cache_size: `${Math.floor(megabytes / 3)}MB`,
    work_mem: '32MB',
    maintenance_work_mem: '256MB',
    dynamic_shared_memory_type: sharedMemory,
    max_wal_size: '4GB',
    checkpoint_timeout: '15min',
    wal_compression: 'on',
    random_page_cost: '1.1',
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_checkpoints: 'off',
    synchronous_commit: durable ? 'on' : 'off',
    fsync: durable ? 'on' : 'off',
    full_page_writes: durable ? 'on' : 'off',
    ...options.settings,
  }
}
