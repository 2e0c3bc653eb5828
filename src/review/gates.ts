import type { DatasetContent } from '../catalog/dataset.schema.ts'
import type { Fault } from '../platform/errors.ts'
import type { Profile } from '../platform/profile.ts'
import type { AssessmentInput } from './review.schema.ts'

/** What must be there before anything is published; the order in which it is shown. */
export const gateNames = ['content', 'basis', 'grade', 'secrecy', 'personal'] as const
export type GateName = (typeof gateNames)[number]

export interface Gate {
  gate: GateName
  passed: boolean
  /** `path` from the content's root, or `/assessment/…`. */
  faults: Fault[]
}

/** Faults told of one gate: an entry without any grade has as many as items. */
const maxGateFaults = 50

/**
 * Every gate with what is missing. `contentFaults` are those of the catalogue's own rules, which may have become
 * stricter since the draft was saved; the citation for what is not shared is one of them and is shown by itself.
 */
export function gatesOf(
  content: DatasetContent,
  assessment: AssessmentInput | null,
  contentFaults: Fault[],
  profile: Profile,
): Gate[] {
  const faults: Record<GateName, Fault[]> = {
    content: contentFaults.filter((f) => f.rule !== 'citation_required'),
    basis: contentFaults.filter((f) => f.rule === 'citation_required'),
    grade: gradeFaults(content, profile),
    secrecy: secrecyFaults(content, assessment),
    personal: personalFaults(content, assessment),
  }
  return gateNames.map((gate) => ({
    gate,
    passed: faults[gate].length === 0,
    faults: faults[gate].slice(0, maxGateFaults),
  }))
}

/** Faults of all gates that are not passed. */
export const gateFaults = (gates: Gate[]): Fault[] => gates.flatMap((g) => g.faults)

function gradeFaults(content: DatasetContent, profile: Profile): Fault[] {
  const faults: Fault[] = []
  const missing = (path: string, what: string) =>
    faults.push({
      path,
      rule: 'grade_required',
      message: `${what} has no grade.`,
      remedy: 'Choose its grade from the list of the profile.',
    })
  if (!content.grade) missing('/grade', 'The entry')
  if (!(profile.review.entryGradeCounts && content.grade))
    content.items?.forEach((item, i) => {
      if (!item.grade) missing(`/items/${i}/grade`, `The item ${item.name}`)
    })
  return faults
}

const assessmentMissing = (name: 'secrecy' | 'personal'): Fault => ({
  path: `/assessment/${name}`,
  rule: 'assessment_required',
  message:
    name === 'secrecy'
      ? 'Nobody has assessed whether the data is a secret.'
      : 'Nobody has assessed what the data means for the persons in it.',
  remedy: 'Assess it and record the result when submitting.',
})

function secrecyFaults(content: DatasetContent, assessment: AssessmentInput | null): Fault[] {
  if (!assessment) return [assessmentMissing('secrecy')]
  const secret: Fault = {
    path: '/assessment/secrecy',
    rule: 'secret',
    message: 'State and work secrets stay outside this platform.',
    remedy: 'Withdraw the entry and remove it, or describe only what is no secret.',
  }
  if (assessment.secrecy.result === 'secret') return [secret]
  if (content.extension?.secrecy === 'secret') return [{ ...secret, path: '/extension/secrecy' }]
  return []
}

function personalFaults(content: DatasetContent, assessment: AssessmentInput | null): Fault[] {
  if (!assessment) return [assessmentMissing('personal')]
  const { result, note } = assessment.personal
  const path = '/assessment/personal'
  const item = content.items?.findIndex((i) => i.personal) ?? -1
  if (result === 'none' && item >= 0)
    return [
      {
        path,
        rule: 'personal_contradiction',
        message: `The item ${content.items![item]!.name} is marked as personal information; the assessment says there is none.`,
        remedy: 'Assess the consequences for the persons, or correct the item.',
      },
    ]
  if (result === 'not_acceptable')
    return [
      {
        path,
        rule: 'personal_not_acceptable',
        message: 'The consequences for the persons were assessed as not acceptable.',
        remedy: 'Leave out, mask or aggregate the items concerned, then assess again.',
      },
    ]
  if (result === 'acceptable' && !note?.trim())
    return [
      {
        path,
        rule: 'safeguards_required',
        message: 'Personal information is published about without saying what protects the persons.',
        remedy: 'Write in the note which safeguards make it acceptable.',
      },
    ]
  return []
}
