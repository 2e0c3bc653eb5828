import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { bodiesQuery } from '../catalog/api.ts'
import { ProblemError } from '../platform/client.ts'
import { useContent } from '../platform/content-language.ts'
import { ErrorPanel } from '../ui/status.tsx'
import { toast } from '../ui/toasts.tsx'
import { createPerson } from './api.ts'

/** A new account. Without a password the person signs in through the organisation's own service. */
export function NewPerson({ onMade }: { onMade: () => void }) {
  const { t } = useTranslation()
  const content = useContent()
  const id = useId()
  const bodies = useQuery(bodiesQuery)
  const [form, setForm] = useState({ login: '', name: '', email: '', organisationUid: '', password: '' })
  const make = useMutation({
    mutationFn: () => createPerson({ ...form, email: form.email || null, password: form.password || null }),
    onSuccess: () => {
      toast(t('people.made', { name: form.name }))
      onMade()
    },
  })
  // The one thing two accounts cannot share.
  const taken = make.error instanceof ProblemError && make.error.code === 'conflict'
  const submit = (event: FormEvent) => {
    event.preventDefault()
    make.mutate()
  }
  const input = (name: 'login' | 'name' | 'email' | 'password', type = 'text', required = true) => (
    <div className="form-field">
      <label htmlFor={`${id}${name}`}>{t(`people.${name}`)}</label>
      <input
        id={`${id}${name}`}
        className="field"
        type={type}
        required={required}
        autoComplete="off"
        minLength={name === 'password' ? 10 : undefined}
        value={form[name]}
        onChange={(event) => setForm({ ...form, [name]: event.target.value })}
      />
    </div>
  )
  return (
    <form className="drawer-form" onSubmit={submit}>
      {input('name')}
      {input('login')}
      {input('email', 'email', false)}
      <div className="form-field">
        <label htmlFor={`${id}body`}>{t('people.body')}</label>
        <select
          id={`${id}body`}
          className="field"
          required
          value={form.organisationUid}
          onChange={(event) => setForm({ ...form, organisationUid: event.target.value })}
        >
          <option value="" />
          {(bodies.data ?? []).map((body) => (
            <option key={body.uid} value={body.uid}>
              {content(body.name, body.translations, 'name').text}
            </option>
          ))}
        </select>
      </div>
      {input('password', 'password', false)}
      <p className="muted small">{t('people.passwordHint')}</p>
      {bodies.isError && <ErrorPanel error={bodies.error} retry={() => bodies.refetch()} />}
      {taken && (
        <span className="fault" role="alert">
          {t('people.loginTaken')}
        </span>
      )}
      {make.isError && !taken && <ErrorPanel error={make.error} />}
      <button type="submit" className="button primary" disabled={make.isPending}>
        {t('people.make')}
      </button>
    </form>
  )
}
