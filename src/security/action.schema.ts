/**
 * Every action a policy can decide on, with what it means. A route that names another action is refused at
 * start; an action without a policy is denied to everybody.
 *
 * `area` says how far a role reaches: `public` needs no sign-in; `own` is about the actor's own things;
 * `organisation` holds inside the actor's organisation and below it; `node` holds for the whole installation.
 */
export const actions = {
  'public:read': ['public', 'Health, API description, static files, public figures of the home page'],
  'figure:read': ['public', 'Counts and shares shown on public pages'],
  'search:read': ['public', 'Search, facets, suggestions over published entries'],
  'dataset:read': ['public', 'Read a published or retired entry, its items, versions and differences'],
  'organisation:read': ['public', 'Read bodies, their tree, and divisions'],
  'session:create': ['public', 'Sign in'],
  'session:read': ['public', 'Ask who is signed in and what the actor may do'],
  'session:delete': ['public', 'Sign out'],
  'token:create': ['own', 'Make an API token for oneself'],
  'token:read': ['own', 'List own API tokens'],
  'token:revoke': ['own', 'Revoke an own API token; the security administrator any'],
  'password:set': ['own', 'Set the own password; the system administrator that of others'],
  'notice:read': ['own', 'Read own notices and how one is told'],
  'notice:update': ['own', 'Mark own notices as read, choose how one is told'],
  'dataset:read-draft': ['organisation', 'Read drafts of the own organisation and below it'],
  'dataset:create': ['organisation', 'Make an entry'],
  'dataset:update': ['organisation', 'Change an entry'],
  'dataset:publish': ['organisation', 'Publish without review what comes from elsewhere'],
  'dataset:retire': ['organisation', 'Take an entry out of search at once, without review'],
  'dataset:restore': ['organisation', 'Restore an earlier version of an entry'],
  'dataset:import': ['organisation', 'Add and change entries in bulk'],
  'review:submit': [
    'organisation',
    'Submit an entry for publication or retirement, or complete what was returned',
  ],
  'review:withdraw': ['organisation', 'Withdraw a submission'],
  'review:decide': ['organisation', 'Agree to, return or refuse what was submitted'],
  'review:read': ['organisation', 'See submissions with the opinions given'],
  'import:create': ['organisation', 'Start an import'],
  'import:read': ['organisation', 'See imports and their reports'],
  'import:stop': ['organisation', 'Stop an import'],
  'source:read': ['organisation', 'See harvested sources, their runs and the registry of portals'],
  'source:create': ['organisation', 'Register a source'],
  'source:update': ['organisation', 'Change a source, or take one from the registry'],
  'source:run': ['organisation', 'Start, stop and resume harvests'],
  'source:decide': ['organisation', 'Approve or refuse what a harvest would remove'],
  'source:delete': ['organisation', 'Remove a source, with or without its entries'],
  'source:register': ['node', 'Import a registry of portals'],
  'coverage:declare': ['organisation', 'Declare how many data resources a body has to catalogue'],
  'reuse:read': ['organisation', 'See who holds an item already, and the report of duplicate items'],
  'reuse:decide': [
    'organisation',
    'Decide to reuse an item from its source, or say why it is collected again',
  ],
  'reuse:run': ['node', 'Make the report of duplicate items now'],
  'table:read': ['organisation', 'See collected tables, their columns and batches'],
  'table:rows': ['organisation', 'Read rows of collected tables, and records that were rejected'],
  'table:collect': ['organisation', 'Make a table and load files into it'],
  'search:rebuild': ['node', 'Rebuild the search index'],
  'organisation:create': ['node', 'Register a body'],
  'organisation:update': ['node', 'Change a body'],
  'person:read': ['node', 'List people and their roles'],
  'person:create': ['node', 'Make an account'],
  'person:update': ['node', 'Change name, e-mail, organisation of an account'],
  'person:disable': ['node', 'Disable or enable an account'],
  'role:grant': ['node', 'Grant and revoke roles'],
  'audit:read': ['node', 'Read the audit log'],
  'audit:verify': ['node', 'Verify the audit log'],
  'metrics:read': ['node', 'Read the metrics of this node'],
} as const satisfies Record<string, readonly ['public' | 'own' | 'organisation' | 'node', string]>

export type Action = keyof typeof actions

/** True when the action is registered. */
export const isAction = (text: string): text is Action => Object.hasOwn(actions, text)

export const actionNames = Object.keys(actions) as Action[]
