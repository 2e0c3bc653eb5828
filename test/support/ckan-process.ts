import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

// A CKAN portal of as many packages as told, made as they are asked for; in a process of its own, so that its memory is not
// that of whoever reads it.
const count = Number(process.argv[2])
const notes = 'What the data set holds, where it comes from and how it may be used. '.repeat(12)

const pack = (n: number) => ({
  id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
  name: `data-set-${n}`,
  title: `Data set ${n}`,
  notes,
  state: 'active',
  private: false,
  metadata_modified: '2026-01-02T03:04:05.000000',
  tags: [{ name: 'roads' }, { name: `t${n % 500}` }],
  extras: [{ key: 'frequency', value: 'monthly' }],
  resources: [0, 1].map((r) => ({
    id: `${n}-${r}`,
    url: `https://data.example/${n}/${r}.csv`,
    format: 'CSV',
  })),
})

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost')
  if (url.pathname !== '/api/3/action/package_search') {
    response.writeHead(404).end()
    return
  }
  const start = Number(url.searchParams.get('start'))
  const rows = Math.min(1_000, Number(url.searchParams.get('rows')), Math.max(0, count - start))
  const results = Array.from({ length: rows }, (_, i) => pack(start + i))
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ help: '', success: true, result: { count, results } }))
})
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
process.on('disconnect', () => process.exit())
