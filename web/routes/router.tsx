import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router'
import { datasetQuery } from '../catalog/api.ts'
import { readCoverage } from '../coverage/state.ts'
import { type CodeLanguage, codeLanguages } from '../interop/example.ts'
import { needTexts } from '../platform/i18n.ts'
import { profileQuery } from '../platform/profile.ts'
import { queryClient } from '../platform/query.ts'
import { readDuplicateFilter } from '../reuse/filter.ts'
import { entriesQuery, itemsQuery } from '../search/api.ts'
import { asksNothing, readSearch } from '../search/state.ts'
import { sessionQuery } from '../security/session.ts'
import { readAuditFilter } from './audit-filter.ts'
import { readTableSearch } from './collected-search.ts'
import { type EntryTab, entryTabs } from './entry-tabs.ts'
import { parseSearch, type Raw, stringifySearch, text } from './plain-search.ts'
import { readReviewFilter } from './review-filter.ts'
import { ErrorPage, NotFoundPage, RootLayout } from './root-layout.tsx'
import { readSourceFilter, readSourceSearch } from './source-search.ts'

const root = createRootRoute({
  component: RootLayout,
  notFoundComponent: NotFoundPage,
  errorComponent: ErrorPage,
})

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: lazyRouteComponent(() => import('./home.tsx'), 'HomePage'),
})
const search = createRoute({
  getParentRoute: () => root,
  path: '/search',
  validateSearch: readSearch,
  loaderDeps: ({ search: state }) => state,
  // The answer is fetched while the page's code is still on its way; the page itself shows waiting and errors.
  loader: ({ deps }) => {
    if (asksNothing(deps)) return
    if (deps.view === 'items') void queryClient.prefetchQuery(itemsQuery(deps))
    else void queryClient.prefetchQuery(entriesQuery(deps))
  },
  component: lazyRouteComponent(() => import('./search.tsx'), 'SearchPage'),
})

const dataset = createRoute({
  getParentRoute: () => root,
  path: '/dataset/$uid',
  validateSearch: (raw: Raw): { tab?: EntryTab; from?: string; to?: string } => ({
    tab: entryTabs.find((tab) => tab === raw.tab && tab !== 'items'),
    from: text(raw.from),
    to: text(raw.to),
  }),
  loader: ({ params }) => {
    void queryClient.prefetchQuery(datasetQuery(params.uid))
  },
  component: lazyRouteComponent(() => import('./dataset.tsx'), 'DatasetPage'),
})

const body = createRoute({
  getParentRoute: () => root,
  path: '/body/$code',
  component: lazyRouteComponent(() => import('./body.tsx'), 'BodyPage'),
})
const bodies = createRoute({
  getParentRoute: () => root,
  path: '/bodies',
  validateSearch: (raw: Raw): { q?: string } => ({ q: text(raw.q) }),
  component: lazyRouteComponent(() => import('./bodies.tsx'), 'BodiesPage'),
})
const theme = createRoute({
  getParentRoute: () => root,
  path: '/theme/$code',
  component: lazyRouteComponent(() => import('./theme.tsx'), 'ThemePage'),
})
const themes = createRoute({
  getParentRoute: () => root,
  path: '/themes',
  component: lazyRouteComponent(() => import('./theme.tsx'), 'ThemesPage'),
})
const coverage = createRoute({
  getParentRoute: () => root,
  path: '/coverage',
  validateSearch: readCoverage,
  component: lazyRouteComponent(() => import('./coverage.tsx'), 'CoveragePage'),
})
const developers = createRoute({
  getParentRoute: () => root,
  path: '/developers',
  validateSearch: (raw: Raw): { code?: CodeLanguage } => ({
    code: codeLanguages.find((one) => one === raw.code),
  }),
  component: lazyRouteComponent(() => import('./developers.tsx'), 'DevelopersPage'),
})

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (raw: Raw): { next?: string; problem?: string } => ({
    // Only a path of this site: a sign-in page must not send people elsewhere.
    next: typeof raw.next === 'string' && /^\/(?![/\\])/.test(raw.next) ? raw.next : undefined,
    problem: text(raw.problem),
  }),
  loader: () => needTexts('work'),
  component: lazyRouteComponent(() => import('./sign-in.tsx'), 'SignInPage'),
})

const work = createRoute({
  getParentRoute: () => root,
  path: '/work',
  beforeLoad: async ({ location }) => {
    const session = await queryClient.ensureQueryData(sessionQuery)
    if (session.actor.kind === 'anonymous')
      throw redirect({ to: '/sign-in', search: { next: location.href } })
  },
  loader: async () => {
    await Promise.all([needTexts('work'), queryClient.ensureQueryData(profileQuery)])
  },
  component: lazyRouteComponent(() => import('./work-layout.tsx'), 'WorkLayout'),
})
const today = createRoute({
  getParentRoute: () => work,
  path: '/',
  component: lazyRouteComponent(() => import('./work-today.tsx'), 'TodayPage'),
})
const entries = createRoute({
  getParentRoute: () => work,
  path: '/entries',
  validateSearch: (raw: Raw): { q?: string; state?: string; body?: string; sort?: string } => ({
    q: text(raw.q),
    state: text(raw.state),
    body: text(raw.body),
    sort: text(raw.sort),
  }),
  component: lazyRouteComponent(() => import('./work-entries.tsx'), 'EntriesPage'),
})
const reviews = createRoute({
  getParentRoute: () => work,
  path: '/reviews',
  validateSearch: readReviewFilter,
  component: lazyRouteComponent(() => import('./work-reviews.tsx'), 'ReviewsPage'),
})
const oneReview = createRoute({
  getParentRoute: () => work,
  path: '/reviews/$uid',
  component: lazyRouteComponent(() => import('./work-review.tsx'), 'ReviewPage'),
})
const overdue = createRoute({
  getParentRoute: () => work,
  path: '/overdue',
  component: lazyRouteComponent(() => import('./work-overdue.tsx'), 'OverduePage'),
})
const newEntry = createRoute({
  getParentRoute: () => work,
  path: '/dataset/new',
  component: lazyRouteComponent(() => import('./work-editor.tsx'), 'NewEntryPage'),
})
const editEntry = createRoute({
  getParentRoute: () => work,
  path: '/dataset/$uid',
  component: lazyRouteComponent(() => import('./work-editor.tsx'), 'EditEntryPage'),
})
const duplicates = createRoute({
  getParentRoute: () => work,
  path: '/duplicates',
  validateSearch: readDuplicateFilter,
  component: lazyRouteComponent(() => import('./work-duplicates.tsx'), 'DuplicatesPage'),
})
const imports = createRoute({
  getParentRoute: () => work,
  path: '/imports',
  component: lazyRouteComponent(() => import('./work-imports.tsx'), 'ImportsPage'),
})
const newImport = createRoute({
  getParentRoute: () => work,
  path: '/imports/new',
  component: lazyRouteComponent(() => import('./work-imports.tsx'), 'NewImportPage'),
})
const oneImport = createRoute({
  getParentRoute: () => work,
  path: '/imports/$uid',
  validateSearch: (raw: Raw): { outcome?: string } => ({ outcome: text(raw.outcome) }),
  component: lazyRouteComponent(() => import('./work-imports.tsx'), 'ImportPage'),
})
const sources = createRoute({
  getParentRoute: () => work,
  path: '/sources',
  validateSearch: readSourceFilter,
  component: lazyRouteComponent(() => import('./work-sources.tsx'), 'SourcesPage'),
})
const newSource = createRoute({
  getParentRoute: () => work,
  path: '/sources/new',
  component: lazyRouteComponent(() => import('./work-source.tsx'), 'NewSourcePage'),
})
const oneSource = createRoute({
  getParentRoute: () => work,
  path: '/sources/$uid',
  validateSearch: readSourceSearch,
  component: lazyRouteComponent(() => import('./work-source.tsx'), 'SourcePage'),
})
const tables = createRoute({
  getParentRoute: () => work,
  path: '/tables',
  component: lazyRouteComponent(() => import('./work-tables.tsx'), 'TablesPage'),
})
const oneTable = createRoute({
  getParentRoute: () => work,
  path: '/tables/$name',
  validateSearch: readTableSearch,
  component: lazyRouteComponent(() => import('./work-table.tsx'), 'TablePage'),
})
const people = createRoute({
  getParentRoute: () => work,
  path: '/people',
  validateSearch: (raw: Raw): { q?: string; role?: string; sort?: string } => ({
    q: text(raw.q),
    role: text(raw.role),
    sort: text(raw.sort),
  }),
  component: lazyRouteComponent(() => import('./work-people.tsx'), 'PeoplePage'),
})
const tokens = createRoute({
  getParentRoute: () => work,
  path: '/tokens',
  component: lazyRouteComponent(() => import('./work-tokens.tsx'), 'TokensPage'),
})
const notices = createRoute({
  getParentRoute: () => work,
  path: '/notices',
  validateSearch: (raw: Raw): { show?: 'all' | 'mail' } => ({
    show: raw.show === 'all' || raw.show === 'mail' ? raw.show : undefined,
  }),
  component: lazyRouteComponent(() => import('./work-notices.tsx'), 'NoticesPage'),
})
const audit = createRoute({
  getParentRoute: () => work,
  path: '/audit',
  validateSearch: readAuditFilter,
  component: lazyRouteComponent(() => import('./work-audit.tsx'), 'AuditPage'),
})

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    search,
    dataset,
    body,
    bodies,
    theme,
    themes,
    coverage,
    developers,
    signIn,
    work.addChildren([
      today,
      entries,
      reviews,
      oneReview,
      overdue,
      newEntry,
      editEntry,
      duplicates,
      imports,
      newImport,
      oneImport,
      sources,
      newSource,
      oneSource,
      tables,
      oneTable,
      people,
      tokens,
      notices,
      audit,
    ]),
  ]),
  parseSearch,
  stringifySearch,
  defaultPreload: 'intent',
  defaultPreloadStaleTime: 0,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
