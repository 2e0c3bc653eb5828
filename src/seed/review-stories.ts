export type Said = [en: string, zh: string]
interface Step {
  by: 'steward' | 'reviewer' | 'dataoffice'
  step: 'submit' | 'agree' | 'return'
  /** Working days before the day of the seed. */
  ago: number
  text: Said
}

export interface Story {
  sourceId: string
  kind?: 'retirement'
  steps: Step[]
}

const submitted = (ago: number, en: string, zh: string): Step => ({
  by: 'steward',
  step: 'submit',
  ago,
  text: [en, zh],
})
const agreed = (ago: number, en: string, zh: string): Step => ({
  by: 'reviewer',
  step: 'agree',
  ago,
  text: [en, zh],
})

/** The work of one department: something at every stage, on time, nearly late and late. */
export const stories: Story[] = [
  {
    sourceId: 'identity-cards@ld',
    steps: [submitted(0, 'Abstract says what missing values mean.', '摘要已说明缺失值的含义。')],
  },
  {
    // Three working days are given at this stage: this one ends today.
    sourceId: 'passports@ld',
    steps: [submitted(3, 'Abstract revised after questions of users.', '根据用户提问修订了摘要。')],
  },
  {
    sourceId: 'vehicle-inspections@ld',
    steps: [
      submitted(2, 'Abstract revised.', '修订了摘要。'),
      agreed(1, 'Complete; the items agree with the register.', '内容完整，信息项与登记系统一致。'),
    ],
  },
  {
    sourceId: 'traffic-accidents@ld',
    steps: [submitted(14, 'Abstract revised.', '修订了摘要。'), agreed(12, 'Agreed.', '同意。')],
  },
  {
    sourceId: 'foreign-residents@ld',
    steps: [
      submitted(5, 'Quality notes added.', '补充了数据质量说明。'),
      agreed(4, 'Agreed.', '同意。'),
      {
        by: 'dataoffice',
        step: 'return',
        ago: 2,
        text: [
          'Say how long a record is kept after a person has left the country.',
          '请写明人员离境后登记信息的保存期限。',
        ],
      },
    ],
  },
  {
    sourceId: 'crime-statistics@ld',
    kind: 'retirement',
    steps: [
      submitted(
        1,
        'The monthly statistics of offences replace this entry.',
        '该条目已由违法犯罪月度统计替代。',
      ),
    ],
  },
]

/** Entries of the chapter on which somebody is at work; the retired one has no draft. */
export const reviewedDrafts: readonly string[] = stories.filter((s) => !s.kind).map((s) => s.sourceId)
