import type { Fault } from '../../platform/errors.ts'
import type { Mapping } from '../mapping.schema.ts'
import type { ReadEvent } from '../reader-event.ts'
import type { Validators } from './client.ts'
import type { Resolve } from './guard.ts'
import type { RemoteLimits } from './limits.ts'

/**
 * How a source is read: `ckan` the Action API of a portal, `dcat` a catalogue in RDF, `dcat-us` a data.json, `concord` the
 * changes of another node; the others are files at an address.
 */
export const remoteKinds = ['ckan', 'dcat', 'dcat-us', 'csv', 'xlsx', 'jsonl', 'json', 'concord'] as const
export type RemoteKind = (typeof remoteKinds)[number]

/** Kinds that can be asked for what changed since a time; the others are always read whole. */
export const incrementalKinds: readonly RemoteKind[] = ['ckan', 'dcat', 'concord']

/** A source as its keeper registered it. */
export interface RemoteSource {
  kind: RemoteKind
  /** Of the portal or node for `ckan` and `concord`, of the document for the others. */
  url: string
  /** Sent as `Authorization`, to the origin of `url` only. */
  authorization?: string
  /** CKAN: a filter query (`fq`), e.g. `organization:transport`. */
  filter?: string
  /** Files: how they are read. */
  read?: Mapping['read']
  /** The publisher agreed to be read, whatever robots.txt says to others. */
  ignoreRobots?: boolean
}

/** Where a run goes on after a page. Kept as it is by the caller; each kind of source has its own members. */
export type RemoteCursor = { [member: string]: string | number | boolean | null | string[] }

/** What belongs to this node rather than to the source. */
export interface RemoteAccess {
  /** Where people find who runs this node, e.g. its public address; part of the name it gives itself. */
  contact: string
  /** Networks fetched from although they are not public: `CONCORD_HARVEST_ALLOW`. */
  allow?: readonly string[]
  /** Folder for files while they are read. */
  spoolDir: string
  /** Default: the name servers of the machine. */
  resolve?: Resolve
}

export interface RemoteOptions {
  signal: AbortSignal
  access: RemoteAccess
  /** Of the last page that was kept: the run goes on after it. For `concord` also that of the run before. */
  from?: RemoteCursor
  /** When the last clean run began (ISO 8601): only what changed since is asked for, an overlap included. */
  since?: string
  /** Of a whole earlier run (`RemotePage.validators`): a source that did not change answers with one empty page. */
  validators?: Validators
  limits?: Partial<RemoteLimits>
}

/**
 * A page of a source. A run is complete, so that what is absent may be taken for deleted, only when a page was `last`, no
 * page had faults, and the run was not incremental: faults also tell of totals that were not reached and of repeated pages.
 */
export interface RemotePage {
  /** From 1. */
  number: number
  events: ReadEvent[]
  /** Identifiers that the source says are gone. */
  removed: { sourceId: string; place: string; at?: string }[]
  cursor: RemoteCursor
  /** Records that the source announces. */
  total?: number
  /** Sent for this page. */
  bytes: number
  /** Of the page, not of a record. */
  faults: Fault[]
  /** What should be known, but does not make the run incomplete. */
  notes: Fault[]
  last: boolean
  /** On the last page of a source that is one document. */
  validators?: Validators
  /** The source is as it was for `RemoteOptions.validators`: nothing is read and nothing is gone. */
  notModified?: boolean
}
