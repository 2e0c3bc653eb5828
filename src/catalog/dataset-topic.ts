/** Outbox topic: published entries were added, changed or retired. Payload: `{ ids: number[] }`. */
export const datasetTopic = 'catalog.dataset'
