/**
 * What is taken from a source at most. Every server is taken to be broken or hostile until it has sent its last byte; a
 * run has no limit of total time, only of time without progress (a source of 3,000,000 records takes hours).
 */
export const remoteLimits = {
  /** Time to a connection, with name resolution and TLS (ms). */
  connectMs: 10_000,
  /** Time to the whole head of an answer (ms): searching deep in a portal of 300,000 packages takes up to 40 s. */
  headMs: 60_000,
  /** Time without any byte of a body (ms). */
  idleMs: 30_000,
  /** Bytes that a body must bring in each `slowMs`, so that one byte now and then is no progress. */
  slowBytes: 16 * 1024,
  slowMs: 60_000,
  /** Bytes of one page, as sent and unpacked: what ckanext-dcat takes. */
  pageBytes: 50 * 1024 * 1024,
  /** Bytes of a whole file at an address, as sent and unpacked; it is kept on disk, never in memory. */
  fileBytes: 2 * 1024 * 1024 * 1024,
  /** Bytes unpacked for one byte sent, once more than `ratioFrom` bytes came out: text packs at most about 60 to 1. */
  ratio: 200,
  ratioFrom: 4 * 1024 * 1024,
  /** Bytes of the head of an answer. */
  headBytes: 32 * 1024,
  redirects: 5,
  /** Requests to one host in a second, by all runs of this node together. */
  requestsPerSecond: 5,
  /** Times that a request is tried when the network or the server fails. */
  attempts: 4,
  /** First wait before trying again (ms); it doubles each time, with jitter. */
  backoffMs: 1_000,
  /** Longest wait that a server may ask for within a run (ms); a longer one ends the run, which can go on later. */
  retryAfterMs: 300_000,
  /** Longest pause between requests that a robots.txt may ask for (ms). */
  crawlDelayMs: 10_000,
  /** Pages that fail one after the other before the run ends: the source is down rather than a page broken. */
  failedPages: 3,
  /** Pages of one run: 3,000,000 records by ten. */
  pages: 300_000,
} as const satisfies Record<string, number>

export type RemoteLimits = { [Name in keyof typeof remoteLimits]: number }
