import { isIP } from 'node:net'

/** What rate limits count an address by: IPv6 networks are handed out as /64. */
export function addressKey(ip: string): string {
  if (isIP(ip) !== 6 || ip.startsWith('::ffff:')) return ip
  const [head = '', tail] = ip.split('::')
  const left = head.split(':').filter((g) => g !== '')
  const right = tail === undefined ? [] : tail.split(':').filter((g) => g !== '')
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length
  return [...left, ...Array<string>(zeros).fill('0'), ...right].slice(0, 4).join(':')
}
