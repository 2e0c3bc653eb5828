export { noticeJobs } from './notice.jobs.ts'
export type { NoticeInput } from './notice.queries.ts'
export { noticeRoutes } from './notice.routes.ts'
export { notify } from './notify.ts'
