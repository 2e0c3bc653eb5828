import { hash } from 'node:crypto'
import { basename } from 'node:path'

/**
 * The name of a source where nobody gave one: that of its file, `portal export (2).json` as `portal-export-2`. A name in
 * another script gets a mark of its own, so that two files are never taken for one source.
 */
export function sourceNameOf(file: string): string {
  const name = basename(file).replace(/\.[A-Za-z0-9]{1,6}(\.gz)?$/, '')
  const latin = name
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+|-+$/g, '')
    .slice(0, 80)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: everything that is not ASCII is meant.
  return /[^\u0000-\u007f]/.test(name) || !latin
    ? `${latin || 'import'}-${hash('sha256', name).slice(0, 8)}`
    : latin
}
