import { declareTargets, refreshCoverage, writeDemoHistory } from '../coverage/index.ts'
import type { Db } from '../platform/postgres.ts'
import type { Profile } from '../platform/profile.ts'
import { listOrganisations } from '../security/index.ts'
import type { DemoEntry } from './entries.ts'
import { hashText } from './random.ts'
import { seedActor } from './write-entries.ts'

/** Of 100 bodies, those whose data resources nobody has counted yet. */
const uncountedShare = 15
/** What is missing in the catalogue of a body, at most, in percent of what it has published. */
const mostMissing = 45

const basis = {
  en: 'Demo: inventory of duties of 2026, annex of the body',
  'zh-CN': '演示：2026年职责清单（各部门附表）',
}

/** What each body has to catalogue, the figures of today, and a past for them that says it is the demo's. */
export async function writeCoverage(
  { db, profile, progress }: { db: Db; profile: Profile; progress?: (step: string) => void },
  entries: DemoEntry[],
): Promise<void> {
  progress?.('Coverage and quality of the catalogue')
  const published = new Map<string, number>()
  for (const { plan } of entries)
    if (plan.published) published.set(plan.body.code, (published.get(plan.body.code) ?? 0) + 1)
  const targets = (await listOrganisations(db)).flatMap(({ id, code }) => {
    const there = published.get(code)
    const chance = hashText(`duties ${code}`)
    if (there === undefined || chance % 100 < uncountedShare) return []
    const missing = Math.round((there * (chance % mostMissing)) / 100)
    return [
      {
        organisationId: id,
        resources: there + missing,
        basis: profile.language === 'zh-CN' ? basis['zh-CN'] : basis.en,
      },
    ]
  })
  await declareTargets(db, { actor: seedActor, profile }, targets)
  await refreshCoverage(db, profile)
  await writeDemoHistory(db, profile)
}
