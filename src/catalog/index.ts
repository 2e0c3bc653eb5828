export { type Bodies, bodiesWith } from './bodies.ts'
export { catalogRoutes } from './catalog.routes.ts'
export type { Change } from './change.queries.ts'
export {
  type ChangeSequencer,
  getChanges,
  lastChange,
  sequenceChanges,
  startChangeSequencer,
} from './change.ts'
export { type CatalogContext, contextOf } from './context.ts'
export type { BodyRef, DatasetContent } from './dataset.schema.ts'
export { checkDataset, createDataset, policyObject, saveDataset } from './dataset.ts'
export { getDataset, readLatest, visibleMeta } from './dataset-read.ts'
export { retireBySource } from './dataset-retire.ts'
export { publishDataset, removeDataset, retireDataset } from './dataset-state.ts'
export { datasetTopic } from './dataset-topic.ts'
export { selectUids as uidsBySource } from './dataset-upsert.queries.ts'
export {
  unchangedRecords,
  upsertDatasets,
} from './dataset-upsert.ts'
export { type Validation, validateDataset } from './dataset-validation.ts'
export {
  getItemNames,
  getItemRows,
  getItemsOf,
  type ItemName,
  type ItemRow,
  publishedId,
} from './display.queries.ts'
export { type DatasetRow, getDatasetRows } from './display.ts'
export {
  type EntryHead,
  selectDraftIds,
  selectFilledRanges as filledRanges,
  selectHeads,
  selectPublishedUids,
  selectUid,
  selectUidsBetween,
} from './entry.queries.ts'
export {
  type Entry,
  getChanged,
  getEntries,
  getEntriesByUid,
  getEntryTexts,
  getPublicState,
  getVisibleEntry,
  streamAddresses,
  streamEntries,
} from './entry.ts'
export { catalogJobs } from './figure.jobs.ts'
export { datasetRange } from './figure.ts'
export { holdDataset, releaseDataset } from './hold.ts'
export {
  type HeldItem,
  itemRelation,
  publishedRelation,
  selectElementHolders,
  selectHeldItems,
} from './item-use.queries.ts'
export { contentOfVersion, lockNewest, type NewestVersion } from './newest.ts'
export { addSchemas, basedOn, ref } from './route-schemas.ts'
export {
  copyDatasetsForIndex,
  type IndexRow,
  parseIndexLine,
  selectDatasetsForIndex,
} from './search-copy.queries.ts'
export {
  countLiveEntries,
  getSourceOf,
  type Holder,
  type LiveEntry,
  moveToSource,
  type SourceEntry,
  selectHolders,
  selectLiveEntries,
  selectLiveEntriesOf,
  selectLiveIds,
  selectSourceEntries,
} from './source-entries.queries.ts'
export { overdueByBody } from './update-due.ts'
export type { UpsertOptions, UpsertOutcome, UpsertRecord } from './upsert-plan.ts'
export { maxDifferences } from './version.schema.ts'
export { listVersions } from './version.ts'
export { diffContents } from './version-diff.ts'
