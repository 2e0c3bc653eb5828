import type { DatasetContent } from '../catalog/dataset.schema.ts'
import type { PlannedEntry } from './plan.ts'
import type { Random } from './random.ts'

const mediaTypes: Record<string, string> = {
  CSV: 'text/csv',
  XLSX: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  JSON: 'application/json',
  GEOJSON: 'application/geo+json',
  XML: 'application/xml',
  PDF: 'application/pdf',
  HTML: 'text/html',
  ICS: 'text/calendar',
  RSS: 'application/rss+xml',
  SHP: 'application/zip',
  TIFF: 'image/tiff',
}
/** Words of a distribution's title: [English, Chinese]. */
const formatWords: Record<string, [string, string]> = {
  API: ['Query interface', '查询接口'],
  DATABASE: ['Database exchange', '库表交换'],
  SHP: ['Map layer (shapefile)', '矢量图层（SHP）'],
  GEOJSON: ['Map layer (GeoJSON)', '矢量图层（GeoJSON）'],
  PDF: ['Document (PDF)', '文档（PDF）'],
  WMS: ['Map service', '地图服务'],
}

/** How the data is reached: files, exchange, interface; downloads only where the data is open. */
export function accessOf(
  entry: PlannedEntry,
  formats: string[],
  content: Pick<DatasetContent, 'openType' | 'modified' | 'issued'>,
  r: Random,
): Pick<DatasetContent, 'distributions' | 'services'> {
  const { body, sourceId } = entry
  const chinese = body.language === 'zh-CN'
  const path = sourceId.replace('@', '/').replace('.', '-')
  const open = content.openType === 'unconditional'
  const distributions = formats.map((format) => {
    const [en, zh] = formatWords[format] ?? [`Table (${format})`, `数据表（${format}）`]
    const file = mediaTypes[format] !== undefined
    return {
      title: chinese ? zh : en,
      format,
      mediaType: mediaTypes[format],
      accessUrl: `${body.homepage}/data/${path}`,
      downloadUrl: open && file ? `${body.homepage}/files/${path}.${format.toLowerCase()}` : undefined,
      byteSize: file ? r.int(20, 90_000) * 1024 + r.int(0, 1023) : undefined,
      license: open ? 'https://creativecommons.org/licenses/by/4.0/' : undefined,
      issued: content.issued,
      modified: content.modified,
    }
  })
  if (!formats.includes('API')) return { distributions }
  const service = {
    title: chinese ? `${entry.title.zh}查询服务` : `Query service: ${entry.title.en}`,
    description: chinese
      ? '按关键信息项查询，支持分页，返回JSON。'
      : 'Query by the key items; answers in pages of JSON.',
    endpointUrl: `${body.homepage}/api/${path}`,
    endpointDescription: `${body.homepage}/api/${path}/openapi.json`,
    conformsTo: 'https://spec.openapis.org/oas/v3.1.0',
  }
  return { distributions, services: [service] }
}
