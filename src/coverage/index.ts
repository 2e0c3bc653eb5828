export { coverageJobs } from './coverage.jobs.ts'
export { coverageRoutes } from './coverage.routes.ts'
export { refreshCoverage, writeDemoHistory } from './snapshot.ts'
export { declareTargets } from './target.ts'
