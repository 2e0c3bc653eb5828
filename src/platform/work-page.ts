/** The first part of the address of every page of the workbench (web/routes/router.tsx). */
const workbench = '/work'

/** The path of a page of the workbench in the web UI, e.g. of one import: `workPage('imports', uid)`. */
export const workPage = (...parts: string[]): string => [workbench, ...parts].join('/')
