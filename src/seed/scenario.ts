import { readFact, writeFact } from '../platform/fact.queries.ts'
import type { Db } from '../platform/postgres.ts'
import type { Profile } from '../platform/profile.ts'
import {
  createOrganisation,
  createPerson,
  findOrganisation,
  getPerson,
  listOrganisations,
  listPeople,
  putDivisions,
  reloadOrganisationTree,
} from '../security/index.ts'
import { buildCountry, type Country, divisionsOf, nationKey } from './country.ts'
import { writeCoverage } from './coverage.ts'
import { demoLogins } from './demo-people.ts'
import { buildEntries } from './entries.ts'
import { seedReviews } from './reviews.ts'
import { readBack, seedActor, writeEntries } from './write-entries.ts'

interface SeedContext {
  db: Db
  profile: Profile
  /** Where people reach this node; without it no links are given. */
  publicUrl?: string
  /** Told what is being done. */
  progress?: (step: string) => void
  /** The present, from which the clocks of the demo's reviews are counted back. */
  now?: Date
}

/** What is in the databases after a seed, read back from them. */
interface SeedResult {
  name: string
  bodies: number
  people: number
  /** Entries written or found unchanged. */
  entries: number
  added: number
  changed: number
  unchanged: number
  links: { label: string; url: string }[]
}

interface Scenario {
  description: string
  /** Places whose bodies have entries; undefined: all. */
  places: Set<string> | undefined
  /** False: bodies and people only. */
  entries: boolean
}

const scenarios: Record<string, Scenario> = {
  demo: {
    description: 'a small country: some hundred bodies, thousands of entries, work in progress',
    places: undefined,
    entries: true,
  },
  small: {
    description: 'the central bodies, one province and one city: some hundreds of entries',
    places: new Set([nationKey, 'p1', 'c1']),
    entries: true,
  },
  empty: {
    description: 'bodies, territories and people without any entry',
    places: new Set(),
    entries: false,
  },
}

/** The scenario of the first start. */
export const defaultSeed = 'demo'
const actor = seedActor

/** Names and descriptions of the scenarios. */
export const seedList = (): { name: string; description: string }[] =>
  Object.entries(scenarios).map(([name, s]) => ({ name, description: s.description }))

/** What an installation remembers of its seed. Bodies and people come before the entries, so they prove nothing. */
interface SeedState {
  name: string
  /** False: it was begun, and cut off unless it runs now. */
  finished: boolean
  /** The day on which it was begun (milliseconds): its data is current then, and a later run writes the same again. */
  today?: number
}
const seedFact = 'seed'

/** The seed that was begun or finished here; undefined when none was. */
export const seedState = (db: Db): Promise<SeedState | undefined> => readFact<SeedState>(db, seedFact)

/** True when the demo people are in this installation and came with a seed: their passwords are public. */
export async function demoIsOpen(db: Db): Promise<boolean> {
  if (!(await seedState(db))?.finished) return false
  const found = await getPerson(db, actor, demoLogins[0]!.login).catch(() => undefined)
  return found !== undefined && found.disabledAt === null
}

/**
 * Writes a scenario. May be run again: what is there is left, changed demo entries are brought back.
 * @throws Error when the scenario is unknown, an entry is refused, or the databases do not hold what was written.
 */
export async function runSeed(name: string, ctx: SeedContext): Promise<SeedResult> {
  const scenario = scenarios[name]
  if (!scenario) throw new Error(`There is no seed ${name}. Use one of ${Object.keys(scenarios).join(', ')}.`)
  const country = buildCountry(ctx.profile.id)
  const before = await seedState(ctx.db)
  // Installations from before have no day: their data stays as it was.
  const today = before ? before.today : startOfDay((ctx.now ?? new Date()).getTime())
  if (!before?.finished)
    await writeFact(ctx.db, seedFact, { name, finished: false, today } satisfies SeedState)
  ctx.progress?.('Bodies, territories and people')
  await seedBodies(ctx, country)
  const people = await seedPeople(ctx, country)
  const entries = scenario.entries ? buildEntries(country, scenario.places, today) : []
  const counts = await writeEntries(ctx, entries)
  const bodies = (await listOrganisations(ctx.db)).length
  if (bodies < country.bodies.length)
    throw new Error(`Only ${bodies} of ${country.bodies.length} bodies are there.`)
  await readBack(ctx.db, entries)
  if (scenario.entries) await seedReviews(ctx, entries)
  if (entries.length > 0) await writeCoverage(ctx, entries)
  await writeFact(ctx.db, seedFact, { name, finished: true, today } satisfies SeedState)
  return { name, bodies, people, entries: entries.length, ...counts, links: linksOf(ctx, country) }
}

const dayMs = 86_400_000
const startOfDay = (at: number) => at - (at % dayMs)

async function seedBodies(ctx: SeedContext, country: Country): Promise<void> {
  const { db, profile } = ctx
  await putDivisions(db, actor, divisionsOf(country))
  const uids = new Map((await listOrganisations(db)).map((o) => [o.code, o.uid]))
  const chinese = profile.language === 'zh-CN'
  const note = chinese
    ? '演示机构，统一社会信用代码为虚构。'
    : 'Body of the demo; its organisation number is invented.'
  await db.transaction().execute(async (tx) => {
    for (const body of country.bodies) {
      if (uids.has(body.code)) continue
      const made = await createOrganisation(tx, actor, {
        code: body.code,
        name: chinese ? body.zh : body.en,
        translations: chinese ? { en: { name: body.en } } : { 'zh-CN': { name: body.zh } },
        tier: body.tier,
        divisionCode: body.place.code,
        creditCode: body.creditCode,
        parentUid: body.parent === null ? null : uids.get(body.parent),
        description: note,
        homepage: body.homepage,
        contact: `data@${new URL(body.homepage).hostname}`,
      })
      uids.set(body.code, made.uid)
    }
  })
  await reloadOrganisationTree(db)
}

async function seedPeople(ctx: SeedContext, country: Country): Promise<number> {
  const { db } = ctx
  const known = new Set((await listPeople(db, actor, { limit: 1_000 })).map((p) => p.login))
  for (const [i, demo] of demoLogins.entries()) {
    if (known.has(demo.login)) continue
    const body = demo.dept === undefined ? country.bodies[0]! : country.bodyFor(demo.dept, nationKey)!
    const organisation = (await findOrganisation(db, { code: body.code }))!
    await createPerson(db, actor, {
      login: demo.login,
      password: demo.password,
      name: country.data.people[i]!,
      email: `${demo.login}@${country.data.domain}`,
      organisationUid: organisation.uid,
      language: ctx.profile.language,
      roles: [demo.role],
    })
  }
  return (await listPeople(db, actor, { limit: 1_000 })).length
}

function linksOf(ctx: SeedContext, country: Country): SeedResult['links'] {
  const at = ctx.publicUrl
  if (!at) return []
  const chinese = ctx.profile.language === 'zh-CN'
  const query = encodeURIComponent(chinese ? '户籍地址' : 'household address')
  const body = country.bodyFor('int', nationKey)!
  return [
    { label: chinese ? '首页' : 'Home', url: `${at}/` },
    {
      label: chinese ? '哪些数据含有户籍地址' : 'Who holds the household address',
      url: `${at}/search?view=items&q=${query}`,
    },
    { label: chinese ? body.zh : body.en, url: `${at}/body/${body.code}` },
    { label: chinese ? '工作台' : 'Workbench', url: `${at}/work` },
  ]
}
