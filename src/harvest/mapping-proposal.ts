import { open } from 'node:fs/promises'
import { ConcordError } from '../platform/errors.ts'
import type { Expression, Format, Mapping } from './mapping.schema.ts'
import { formatMapping } from './mapping.ts'
import { looksLikeJsonLines, openFile } from './reader.ts'
import { openSource } from './reader-bytes.ts'
import type { OpenedFile, ReadOptions } from './reader-event.ts'

/** Names of columns by the entry field they hold, in the words of the catalogues at hand; letter case ignored. */
const columnWords: Record<string, string[]> = {
  title: [
    'title',
    'name',
    'dataset',
    'dataset name',
    '名称',
    '名稱',
    '标题',
    '標題',
    '数据集名称',
    '資料集名稱',
    '目录名称',
    '信息资源名称',
  ],
  abstract: [
    'abstract',
    'description',
    'notes',
    'summary',
    '摘要',
    '描述',
    '简介',
    '說明',
    '说明',
    '資料集描述',
    '信息资源摘要',
  ],
  keyword: ['keyword', 'keywords', 'tags', '关键字', '关键词', '關鍵字', '标签'],
  updateCycle: ['update cycle', 'frequency', 'update_frequency', '更新周期', '更新頻率', '更新频率'],
  landingPage: ['url', 'link', 'landing page', 'landingpage', 'homepage', '链接', '網址', '網站'],
  license: ['license', 'licence', 'license_url', '授權方式', '许可'],
  issued: ['issued', 'created', 'published', '发布日期', '發布日期', '發佈日期'],
  modified: ['modified', 'updated', 'last updated', '更新日期', '更新时间', '更新時間'],
  'contact.name': [
    'contact',
    'contact name',
    '联系人',
    '聯絡人',
    'publisher',
    'provider',
    'organization',
    '提供機關',
  ],
  'contact.email': ['email', 'e-mail', 'mail', '邮箱', '電子郵件'],
  identifierColumn: [
    'identifier',
    'id',
    'code',
    'uuid',
    'slug',
    'path',
    '编号',
    '編號',
    '代码',
    '标识',
    '資料集識別碼',
    '信息资源代码',
  ],
  // Names of providers are rarely those of registered bodies: only a column of codes is taken for the body.
  bodyColumn: ['body', 'body code', 'bodycode', '提供方代码', '信息资源提供方代码'],
}

const steps: Record<string, Expression['steps']> = {
  abstract: [{ html: true }],
  keyword: [{ split: ',' }],
  updateCycle: [{ updateCycle: true }],
  issued: [{ date: 'date' }],
  modified: [{ date: 'date-time' }],
}

/** A mapping for a table from the names of its columns. @throws ConcordError when no column looks like a title. */
export async function proposeMapping(path: string, options: ReadOptions): Promise<Mapping> {
  if (options.format !== 'csv' && options.format !== 'xlsx') return formatMapping(options.format)
  const file = await openFile(path, options)
  try {
    if (file.info.columns?.length === 0) await refuseDamaged(file)
  } finally {
    void file.events.return(undefined)
    file.close()
  }
  const mapping = mappingOfColumns(options.format, file.info.columns ?? [])
  if (!mapping)
    throw new ConcordError(
      'invalid_content',
      `No column of the file looks like a title (columns: ${(file.info.columns ?? []).join(', ').slice(0, 500)}). Give a mapping that says which column is what.`,
      {
        faults: [
          {
            path: '',
            rule: 'title_column',
            message: 'No column of the file looks like a title.',
            remedy: 'Say below which column is what, and whether the first line names the columns.',
          },
        ],
      },
    )
  return options.encoding ? { ...mapping, read: { encoding: options.encoding } } : mapping
}

/** @throws ConcordError when the file has no columns because the line that names them cannot be read. */
async function refuseDamaged(file: OpenedFile): Promise<void> {
  for await (const events of file.events) {
    const first = events[0]
    if (first?.kind === 'fatal')
      throw new ConcordError(
        'invalid_content',
        `${first.place}: ${first.fault.message}. ${first.fault.remedy ?? ''}`,
      )
    return
  }
}

/** A mapping from names of columns, or undefined when none is a title. */
export function mappingOfColumns(format: Format, columns: string[]): Mapping | undefined {
  const names = new Map(columns.map((c) => [c.trim().toLowerCase().replaceAll(/[*＊]/g, ''), c]))
  const find = (field: string) => {
    for (const word of columnWords[field]!) if (names.has(word)) return names.get(word)
    return undefined
  }
  const title = find('title')
  if (!title) return undefined
  const fields: Record<string, Expression> = {}
  for (const field of Object.keys(columnWords)) {
    const column = find(field)
    if (column && !field.endsWith('Column'))
      fields[field] = steps[field] ? { from: column, steps: steps[field] } : { from: column }
  }
  const body = find('bodyColumn')
  return {
    name: format,
    format,
    identifier: { from: find('identifierColumn') ?? find('landingPage') ?? title },
    ...(body ? { bodyFrom: { from: body } } : {}),
    fields,
  }
}

/** The format of a file, by its beginning rather than its name. */
export async function detectFormat(path: string): Promise<Format> {
  const file = await open(path)
  try {
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0)
    if (buffer.readUInt32BE(0) === 0x504b0304) return 'xlsx'
  } finally {
    await file.close()
  }
  const head = (await (await openSource(path)).peek()).toString('utf8').trimStart()
  if (!/^[{[]/.test(head)) return 'csv'
  const start = head.slice(0, 20_000)
  if (
    /"(conformsTo|dcat:|dataset|datasetSeries)"|"@type"\s*:\s*"(dcat:)?Catalog"/.test(start) &&
    !/"results"/.test(start)
  )
    return 'dcat-us'
  if (looksLikeJsonLines(head)) return 'jsonl'
  return /"(results?|resources|metadata_created|owner_org)"/.test(start) ? 'ckan' : 'json'
}
