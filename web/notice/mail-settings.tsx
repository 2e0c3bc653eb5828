import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { noticeLanguages } from '../../src/notice/kind.schema.ts'
import { queryClient } from '../platform/query.ts'
import { ErrorPanel, Notice, Skeleton } from '../ui/status.tsx'
import { toast } from '../ui/toasts.tsx'
import { type NoticeSettings, saveSettings, settingsQuery } from './api.ts'

const mailChoices = ['never', 'each', 'daily'] as const satisfies readonly NoticeSettings['mail'][]
const languageNames = { en: 'English', 'zh-CN': '中文' } as const

function Form({ settings }: { settings: NoticeSettings }) {
  const { t } = useTranslation()
  const [mail, setMail] = useState(settings.mail)
  const [language, setLanguage] = useState(settings.language)
  const save = useMutation({
    mutationFn: () => saveSettings({ mail, language }),
    onSuccess: (saved) => {
      queryClient.setQueryData(settingsQuery.queryKey, saved)
      toast(t('notices.saved'))
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  return (
    <form className="panel" onSubmit={submit}>
      {!settings.mailEnabled && (
        <Notice>
          <p>{t('notices.mailOff')}</p>
        </Notice>
      )}
      {settings.mailEnabled && settings.email === null && (
        <Notice kind="warm">
          <p>{t('notices.noAddress')}</p>
        </Notice>
      )}
      {settings.email !== null && <p className="muted">{t('notices.address', { email: settings.email })}</p>}
      <fieldset className="plain-fieldset mail-choices">
        <legend>{t('notices.mailLegend')}</legend>
        {mailChoices.map((choice) => (
          <label className="check" key={choice}>
            <input
              type="radio"
              name="mail"
              value={choice}
              checked={mail === choice}
              onChange={() => setMail(choice)}
            />
            <span>
              {t(`notices.mail.${choice}`)}
              <span className="muted small block">{t(`notices.mailHint.${choice}`)}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <div className="form-field">
        <label htmlFor="mail-language">{t('notices.language')}</label>
        <select
          id="mail-language"
          className="field"
          value={language ?? ''}
          onChange={(event) => setLanguage(noticeLanguages.find((l) => l === event.target.value) ?? null)}
        >
          <option value="">{t('notices.ofAccount')}</option>
          {noticeLanguages.map((l) => (
            <option key={l} value={l} lang={l}>
              {languageNames[l]}
            </option>
          ))}
        </select>
      </div>
      {save.isError && <ErrorPanel error={save.error} />}
      <div className="actions">
        <button type="submit" className="button" disabled={save.isPending}>
          {t('notices.save')}
        </button>
      </div>
    </form>
  )
}

/** How the person is told by e-mail. */
export function MailSettings() {
  const { t } = useTranslation()
  const { data, error, isPending, refetch } = useQuery(settingsQuery)
  return (
    <section aria-label={t('notices.mailHead')}>
      {isPending && <Skeleton rows={1} />}
      {error && <ErrorPanel error={error} retry={() => refetch()} />}
      {data && <Form settings={data} />}
    </section>
  )
}
