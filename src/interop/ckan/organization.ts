import type { Db } from '../../platform/postgres.ts'
import { listOrganisations, type OrganisationRow, organisationRevision } from '../../security/index.ts'
import type { ExtraPair } from './extras.ts'
import { naive } from './time.ts'

/** Bodies as CKAN's organizations: the code is the name, the address the id. */

export interface Organizations {
  /** Grows when a body was changed: what was rendered before is not current any more. */
  generation: number
  /** Bodies above come before those below them, else by title: so can a loader make them one after another. */
  list: OrganisationRow[]
  byId: ReadonlyMap<number, OrganisationRow>
  byUid: ReadonlyMap<string, OrganisationRow>
  byName: ReadonlyMap<string, OrganisationRow>
  /** By name or id. */
  find(ref: unknown): OrganisationRow | undefined
}

/** It is asked this often (ms) whether a body changed. */
const lookMs = 1_000

/** The bodies in memory (10,000 of them are 5 MB), current within a second; `now` looks at once. */
export function createOrganizations(db: Db): (now?: boolean) => Promise<Organizations> {
  let kept: Organizations | undefined
  let revision = -1
  let lookedAt = 0
  const look = async (): Promise<Organizations> => {
    // Taken before: a change during the reading is seen at the next look.
    const latest = await organisationRevision(db)
    if (!kept || latest !== revision) {
      kept = arranged(await listOrganisations(db), (kept?.generation ?? 0) + 1)
      revision = latest
    }
    lookedAt = Date.now()
    return kept
  }
  let looking: Promise<Organizations> | undefined
  return (now = false) => {
    if (kept && !now && Date.now() - lookedAt < lookMs) return Promise.resolve(kept)
    if (now) return look()
    looking ??= look().finally(() => {
      looking = undefined
    })
    return looking
  }
}

function arranged(rows: OrganisationRow[], generation: number): Organizations {
  const byId = new Map(rows.map((o) => [o.id, o]))
  const byUid = new Map(rows.map((o) => [o.uid, o]))
  const byName = new Map(rows.map((o) => [o.code, o]))
  const depths = new Map<number, number>()
  const depthOf = (o: OrganisationRow): number => {
    const known = depths.get(o.id)
    if (known !== undefined) return known
    const parent = o.parentId === null ? undefined : byId.get(o.parentId)
    const depth = parent ? depthOf(parent) + 1 : 0
    depths.set(o.id, depth)
    return depth
  }
  const list = [...rows].sort((a, b) => depthOf(a) - depthOf(b) || compare(a.name, b.name) || a.id - b.id)
  const find = (ref: unknown) =>
    typeof ref === 'string' ? (byName.get(ref) ?? byUid.get(ref.toLowerCase())) : undefined
  return { generation, list, byId, byUid, byName, find }
}

export const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** An organization as packages carry it. */
export const organizationInPackage = (o: OrganisationRow) => ({
  id: o.uid,
  name: o.code,
  title: o.name,
  type: 'organization',
  description: o.description ?? '',
  image_url: '',
  created: naive(o.createdAt),
  is_organization: true,
  approval_status: 'approved',
  state: 'active',
})

/** An organization as `organization_show` gives it. */
export const organizationDict = (o: OrganisationRow, { byId }: Organizations, packages: number) => ({
  ...organizationInPackage(o),
  display_name: o.name,
  extras: extrasOf(o),
  // As the extension for hierarchies has it: the body above.
  groups: o.parentId === null ? [] : [{ capacity: 'public', name: byId.get(o.parentId)!.code }],
  image_display_url: '',
  num_followers: 0,
  package_count: packages,
  tags: [],
  users: [],
})

const extrasOf = (o: OrganisationRow): ExtraPair[] =>
  (
    [
      ['contact', o.contact],
      ['credit_code', o.creditCode],
      ['division_code', o.divisionCode],
      ['homepage', o.homepage],
      ['tier', o.tier],
      ['translations', Object.keys(o.translations).length > 0 ? JSON.stringify(o.translations) : null],
    ] as const
  ).flatMap(([key, value]) => (value ? [{ key, value }] : []))
