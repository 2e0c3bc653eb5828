import robotsParser from 'robots-parser'

// The types of the package speak of a default export; at run time the function is the module.
const parseRobots = robotsParser as unknown as typeof robotsParser.default

/** Bytes of a robots.txt that are read (RFC 9309, 2.5, wants at least 500 KiB). */
export const robotsBytes = 512 * 1024

/** What the robots.txt of a host says to this node. */
export interface Robots {
  allows(url: string): boolean
  /** Pause between requests that it asks for (ms). */
  delayMs: number
}

export const allowsAll: Robots = { allows: () => true, delayMs: 0 }

/**
 * Reads a robots.txt. Interfaces made for programs are not what `User-agent: *` speaks of: CKAN comes with a robots.txt
 * that keeps search engines out of /api/, and its API is there for harvesters. For them only rules count that name us.
 */
export function readRobots(text: string, o: { at: string; agent: string; forPrograms: boolean }): Robots {
  const rules = o.forPrograms
    ? text.replace(/^([ \t]*user-agent[ \t]*:[ \t]*)\*/gim, '$1everybody else')
    : text
  const robots = parseRobots(o.at, rules)
  return {
    allows: (url) => robots.isAllowed(url, o.agent) !== false,
    delayMs: Math.max(0, robots.getCrawlDelay(o.agent) ?? 0) * 1_000,
  }
}
