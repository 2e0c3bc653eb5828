import type { DatasetContent } from '../catalog/dataset.schema.ts'
import type { DemoEntry } from './entries.ts'
import { hashText } from './random.ts'
import { reviewedDrafts } from './review-stories.ts'

/** Of 100 published entries, those that were published once before in a poorer form. */
const revisedShare = 6
/** Of 1,000 published entries, those on which a steward is working now. */
const workedOnShare = 9

/** Entries of the bodies whose people can sign in: they have a past, and work waiting. */
const storyRevised = new Set(['population-register@ld', 'vehicles@ld', 'hospitals@ld', 'company-register@ld'])
const storyWorkedOn = new Set([
  ...['population-register@ld', 'driving-licences@ld', 'hospitals@ld', 'doctors@ld'],
  ...reviewedDrafts,
])

/** Says why a version was made. */
export const reasons = {
  first: 'Taken over from the previous catalogue',
  started: 'Draft begun',
  published: 'Reviewed and published',
  revised: 'Items added and update cycle corrected after review',
  working: 'Draft: abstract being revised',
} as const

/** The entry as it was before: fewer items, a slower cycle, no keywords. Undefined where it never changed. */
export function earlierContent({ plan, content }: DemoEntry): DatasetContent | undefined {
  const revised = storyRevised.has(plan.sourceId) || hashText(`revised ${plan.sourceId}`) % 100 < revisedShare
  if (!plan.published || !revised) return undefined
  const items = content.items ?? []
  return {
    ...content,
    updateCycle: content.updateCycle === 'yearly' ? 'irregular' : 'yearly',
    keyword: undefined,
    items: items.slice(0, Math.max(3, items.length - 2)),
    services: undefined,
  }
}

/** What a steward has written but not published. Undefined where nobody is at work. */
export function draftContent({ plan, content }: DemoEntry): DatasetContent | undefined {
  const workedOn =
    storyWorkedOn.has(plan.sourceId) || hashText(`working ${plan.sourceId}`) % 1000 < workedOnShare
  if (!plan.published || !workedOn) return undefined
  const addition =
    content.language === 'zh-CN'
      ? '数据质量说明：缺失值以空值表示，修订结果随下期发布。'
      : ' Quality: missing values are empty; revisions come with the next issue.'
  return { ...content, abstract: `${content.abstract ?? ''}${addition}` }
}
