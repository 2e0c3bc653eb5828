import { uidsBySource } from '../catalog/index.ts'
import { isWorkingDay, localDate, nextDate } from '../platform/calendar.ts'
import { ConcordError } from '../platform/errors.ts'
import type { Db } from '../platform/postgres.ts'
import type { Profile } from '../platform/profile.ts'
import { decide, type ReviewContext, submit, wasReviewed } from '../review/index.ts'
import { getPerson, personActor } from '../security/index.ts'
import type { DemoEntry } from './entries.ts'
import { type Said, type Story, stories } from './review-stories.ts'
import { seedActor, seedSource } from './write-entries.ts'

interface Context {
  db: Db
  profile: Profile
  now?: Date
  progress?: (step: string) => void
}

/**
 * Submits some drafts and lets people decide about them, so that every queue of the demo has something in it. Their
 * clocks are counted back from the present: the one chapter that depends on the day. What was reviewed is left alone.
 */
export async function seedReviews(ctx: Context, entries: DemoEntry[]): Promise<void> {
  const present = new Map(entries.map((e) => [e.plan.sourceId, e]))
  const wanted = stories.filter((s) => present.has(s.sourceId))
  const uids = await uidsBySource(
    ctx.db,
    seedSource,
    wanted.map((s) => s.sourceId),
  )
  try {
    for (const story of wanted) {
      const uid = uids.get(story.sourceId)
      if (uid === undefined || (await wasReviewed(ctx.db, uid))) continue
      const personal = present.get(story.sourceId)!.content.items?.some((i) => i.personal) ?? false
      await ctx.db.transaction().execute((tx) => tell({ ...ctx, db: tx }, story, uid, personal))
    }
  } catch (error) {
    // A demo must open in a year whose calendar nobody has announced, too.
    if (!(error instanceof ConcordError) || error.code !== 'calendar_year_missing') throw error
    ctx.progress?.(`Reviews were left out: ${error.message}`)
  }
}

async function tell(ctx: Context, story: Story, uid: string, personal: boolean): Promise<void> {
  const { db, profile } = ctx
  const chinese = profile.language === 'zh-CN'
  const words = ([en, zh]: Said) => (chinese ? `${zh}（${en}）` : en)
  const safeguards = words([
    'Only bodies whose duty needs it get it; every call is on record.',
    '仅限履职确有需要的部门使用，调用全程留痕。',
  ])
  let review: { uid: string; revision: number } | undefined
  for (const { by, step, ago, text } of story.steps) {
    const actor = personActor(await getPerson(db, seedActor, by))
    const at: ReviewContext = { actor, profile, now: workingDaysAgo(profile, ctx.now ?? new Date(), ago) }
    review =
      step === 'submit'
        ? await submit(db, at, uid, {
            kind: story.kind,
            text: words(text),
            assessment: {
              secrecy: { result: 'not_secret' },
              personal: personal ? { result: 'acceptable', note: safeguards } : { result: 'none' },
            },
          })
        : await decide(db, at, review!.uid, { decision: step, opinion: words(text) }, review!.revision)
  }
}

/** The same time of day, some working days ago. */
function workingDaysAgo(profile: Profile, now: Date, days: number): Date {
  let date = localDate(profile, now)
  let back = 0
  for (let left = days; left > 0; ) {
    date = nextDate(date, -1)
    back++
    if (isWorkingDay(profile, date)) left--
  }
  return new Date(now.getTime() - back * 86_400_000)
}
