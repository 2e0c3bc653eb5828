export { type CollectInput, collectFile } from './collect.ts'
export { collectionRoutes } from './table.routes.ts'
