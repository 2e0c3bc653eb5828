import Type, { type Static } from 'typebox'
import { noticeLanguages } from './kind.schema.ts'

/** `each`: within a minute, what came in that minute together; `daily`: one digest in the morning. */
export const mailChoices = ['never', 'each', 'daily'] as const
export type MailChoice = (typeof mailChoices)[number]

/** For who has chosen nothing: nobody misses a clock, and nobody's mailbox fills. */
export const defaultMail: MailChoice = 'daily'

const settings = {
  mail: Type.Enum([...mailChoices]),
  language: Type.Union([Type.Enum([...noticeLanguages]), Type.Null()], {
    description: 'Language of the mails; null: that of your account.',
  }),
}

export const NoticeSettingsInput = Type.Object(settings, { additionalProperties: false })
export type NoticeSettingsInput = Static<typeof NoticeSettingsInput>

export const NoticeSettings = Type.Object(
  {
    ...settings,
    email: Type.Union([Type.String(), Type.Null()], { description: 'Where mails go; null: nowhere.' }),
    mailEnabled: Type.Boolean({ description: 'This node sends e-mail.' }),
  },
  { $id: 'NoticeSettings' },
)
export type NoticeSettings = Static<typeof NoticeSettings>
