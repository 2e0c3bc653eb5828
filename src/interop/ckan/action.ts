import type { CatalogContext } from '../../catalog/index.ts'
import type { Db } from '../../platform/postgres.ts'
import type { Profile } from '../../platform/profile.ts'
import type { SearchPort } from '../../search/index.ts'
import type { Action } from '../../security/index.ts'
import type { Counts } from './counts.ts'
import type { Packages } from './packages.ts'
import type { Loose } from './resource.ts'

/** What the actions work with. */
export interface Ckan {
  db: Db
  profile: Profile
  port: Pick<SearchPort, 'search'>
  packages: Packages
  counts: Counts
  publicUrl: string
  now(): Date
}

export interface Call {
  ctx: CatalogContext
  params: Loose
}

/** One action of CKAN's API. */
export interface CkanAction {
  /** What the caller needs the right for; the rules ask again with the object. */
  needs: Action
  /** It changes something, and so is never done by GET. */
  writes?: boolean
  /** Loaders ask for one thing after another: the rate limit is wider. */
  oneByOne?: boolean
  /** One sentence for `help_show`. */
  help: string
  run(ckan: Ckan, call: Call): Promise<unknown>
}

export type ActionTable = Record<string, CkanAction>
