/**
 * The life of a submission, without a database: which step leads where, and who is barred from deciding.
 * An agreement counts for the version it was given for, so that nothing is published that one stage has not seen.
 */
export const stages = ['department', 'office'] as const
export type Stage = (typeof stages)[number]

/** The state in which a stage decides. */
export const reviewStateOf = { department: 'dept_review', office: 'centre_review' } as const
export const openStates = ['dept_review', 'centre_review', 'returned'] as const
export const endStates = ['refused', 'withdrawn', 'approved'] as const
export const states = [...openStates, ...endStates] as const
export type State = (typeof states)[number]

export const decisions = ['agree', 'return', 'refuse'] as const
export type Decision = (typeof decisions)[number]
export const stepNames = ['submit', 'complete', ...decisions, 'withdraw'] as const
export type Step = (typeof stepNames)[number]

/** What somebody said, as far as the rules look at it. */
export interface Past {
  personId: number
  stage: Stage
  step: Step
  version: number
}

export interface Situation {
  state: State
  /** The stage that decides, or decided last. */
  stage: Stage
  stages: readonly Stage[]
  version: number
  opinions: readonly Past[]
}

/** The first stage that has not agreed to this version; undefined when all have. */
export const stageFor = (s: Pick<Situation, 'stages' | 'version' | 'opinions'>): Stage | undefined =>
  s.stages.find(
    (stage) => !s.opinions.some((o) => o.step === 'agree' && o.stage === stage && o.version === s.version),
  )

/**
 * Where a step leads; undefined where the state does not allow it. `opinions` of the situation holds the step itself
 * already, and `version` is the one it is about.
 */
export function advance(s: Situation, step: Step): Pick<Situation, 'state' | 'stage'> | undefined {
  const { stage } = s
  if (!isOpen(s.state)) return undefined
  if (step === 'withdraw') return { state: 'withdrawn', stage }
  const next = stageFor(s)
  if (step === 'complete') {
    if (s.state !== 'returned' || !next) return undefined
    return { state: reviewStateOf[next], stage: next }
  }
  if (s.state !== reviewStateOf[stage]) return undefined
  if (step === 'return') return { state: 'returned', stage }
  if (step === 'refuse') return { state: 'refused', stage }
  if (step !== 'agree') return undefined
  return next ? { state: reviewStateOf[next], stage: next } : { state: 'approved', stage }
}

export const isOpen = (state: State): state is (typeof openStates)[number] =>
  (openStates as readonly State[]).includes(state)

const isDecision = (step: Step): step is Decision => (decisions as readonly Step[]).includes(step)

export const bars = ['author', 'submitter', 'other_stage'] as const
export type Bar = (typeof bars)[number]

/** Four eyes: why a person may not decide at a stage; null where they may. */
export function barOf(
  personId: number,
  s: {
    stage: Stage
    authors: readonly number[]
    opinions: readonly Pick<Past, 'personId' | 'stage' | 'step'>[]
  },
): Bar | null {
  if (s.authors.includes(personId)) return 'author'
  const own = s.opinions.filter((o) => o.personId === personId)
  if (own.some((o) => o.step === 'submit' || o.step === 'complete')) return 'submitter'
  if (own.some((o) => isDecision(o.step) && o.stage !== s.stage)) return 'other_stage'
  return null
}
