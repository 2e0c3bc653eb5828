export { type CollectInput, type CollectProgress, type CollectSummary, collectFile } from './collect.ts'
export { collectionRoutes } from './table.routes.ts'
