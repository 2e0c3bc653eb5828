import { ConcordError } from '../platform/errors.ts'
import { fileFormats } from './mapping.schema.ts'
import { openSource, type Source } from './reader-bytes.ts'
import { readCsv } from './reader-csv.ts'
import type { OpenedFile, ReadEvent, ReadInfo, ReadOptions } from './reader-event.ts'
import { readJson, recordLayouts } from './reader-json.ts'
import { readJsonLines } from './reader-jsonl.ts'
import { readXlsx } from './reader-xlsx.ts'

/** Opens a file and finds out its encoding and columns; the records are read as they are asked for, in bounded memory. */
export async function openFile(path: string, options: ReadOptions): Promise<OpenedFile> {
  if (options.format === 'xlsx') return readXlsx(path, options)
  const source = await openSource(path, options.encoding)
  const { events, info, next } = await chooseReader(source, options)
  return {
    info: { ...info, encoding: source.encoding },
    bytesRead: source.bytesRead,
    events,
    next,
    close: source.close,
  }
}

async function chooseReader(
  source: Source,
  options: ReadOptions,
): Promise<{
  events: AsyncGenerator<ReadEvent[]>
  info?: Partial<ReadInfo>
  next?: () => string | undefined
}> {
  if (!(fileFormats as readonly string[]).includes(options.format))
    throw new ConcordError(
      'invalid_request',
      `Records of the format ${options.format} come from a source on the web, not from a file. Register it as a source.`,
    )
  if (options.format === 'csv') return readCsv(source, options)
  if (options.format === 'jsonl') return { events: readJsonLines(source) }
  const head = new TextDecoder().decode(await source.peek())
  if (options.format === 'ckan' && looksLikeJsonLines(head)) return { events: readJsonLines(source) }
  const layout =
    options.format === 'json'
      ? recordLayouts.pointer(options.records ?? '')
      : options.format === 'ckan'
        ? recordLayouts.ckan()
        : recordLayouts['dcat-us']()
  return { events: readJson(source, layout), next: layout.next }
}

/** One JSON object a line, as `ckanapi dump` writes: the first line is a whole value and no answer that wraps a list. */
export function looksLikeJsonLines(head: string): boolean {
  const start = head.trimStart()
  if (!start.startsWith('{')) return false
  const end = start.indexOf('\n')
  const line = end < 0 ? start : start.slice(0, end)
  try {
    const value = JSON.parse(line) as Record<string, unknown>
    return ('id' in value || 'name' in value || 'title' in value) && !('dataset' in value)
  } catch {
    // A line longer than what was read ahead: a second object further on can be no part of the first.
    return end < 0 && /^\{"[^"]+":/.test(start) && !/^\{\s*"(help|success|result|results|count)"/.test(start)
  }
}
