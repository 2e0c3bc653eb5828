import { totalmem } from 'node:os'

/** Limits of the engine process. Settings of the statement (`SETTINGS …`) may go above those marked with *. */

/** * One statement (s). Above the slowest page of a search by far; bulk work asks for more in its SQL. */
export const maxExecutionSeconds = 60
/** * Memory of one statement (bytes): a third of the machine, as PostgreSQL and Node need theirs; at most 4 GiB. */
export const maxQueryMemoryBytes = Math.min(4 * 1024 ** 3, Math.floor(totalmem() / 3))
/** * Right side of a join in memory (bytes): a quarter of the memory of a statement. */
export const maxJoinBytes = Math.floor(maxQueryMemoryBytes / 4)
/** Values of an answer that must be held whole, as one JSON document (bytes); ask for rows instead. */
export const maxBufferedAnswerBytes = 128 * 1024 ** 2
/** The same as text (bytes): V8 strings end at 512 MiB. */
export const maxDocumentBytes = 512 * 1024 ** 2
/** Answers written row by row, or spooled to disk first (bytes). */
export const maxStreamedAnswerBytes = 16 * 1024 ** 3
/** Text of a statement (bytes); ClickHouse's own limit for parsing is 256 KiB of it, which we raise to the same. */
export const maxQueryBytes = 16 * 1024 ** 2
/** Data of one insert after unpacking (bytes); it is spooled to disk, never held in memory. */
export const maxInsertBytes = 8 * 1024 ** 3
/** Statements waiting; at 12 ms a page this is a wait of several seconds, when callers better hear "busy". */
export const maxQueued = 512
/** A statement that waited this long is answered "busy" (ms). */
export const maxQueueWaitMs = 30_000
/** What the caller is told to wait when busy (s). */
export const retryAfterSeconds = 1
/** A reader that takes nothing for this time loses its answer, as it holds up everybody (ms). */
export const maxReaderStallMs = 30_000
/** Time beyond its own limit after which a statement that does not end makes the process restart (ms). */
export const wedgedAfterMs = 60_000
/** Limit of statements that the engine itself does not time, such as OPTIMIZE and ALTER (s): hours of work would be a fault. */
export const maxMaintenanceSeconds = 3600
/** A body must have come whole after this time (ms). */
export const maxUploadMs = 3_600_000
/** Idle connections are kept longer than any client keeps them (ms), so that the client closes first. */
export const keepAliveMs = 75_000
/** chDB holds one thread per running call; files and compression use the others. */
export const threadPoolSize = 8
