import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { bodiesQuery } from '../catalog/api.ts'
import { useContent } from '../platform/content-language.ts'
import { useFormats } from '../platform/format.ts'
import { useSession } from '../security/session.ts'
import { ErrorPanel, Notice } from '../ui/status.tsx'
import type { Mapping } from './api.ts'
import { MappingEditor } from './mapping-editor.tsx'
import { Faults, PreviewRecords } from './preview.tsx'
import { type Source, type SourceChange, type SourceKind, sourceKinds, testSource } from './source-api.ts'
import { ScheduleField } from './source-schedule.tsx'

/** The form as it is filled in; a name only for a new source. */
export type SourceDraft = SourceChange & { name?: string }

export const draftOf = (source: Source): SourceDraft => ({
  title: source.title,
  kind: source.kind ?? 'ckan',
  url: source.url,
  filter: source.filter,
  mapping: source.mapping as Mapping | null,
  body: source.body,
  publish: source.publish,
  copyBodies: source.copyBodies,
  schedule: source.schedule,
  active: source.active,
  limits: source.limits,
  guardShare: source.guardShare,
  guardCount: source.guardCount,
  organisation: source.organisation ?? undefined,
})

/** A change of the kind: what only another node can be asked for goes. */
const ofKind = (kind: SourceKind, draft: SourceDraft, mayPublish: boolean): Partial<SourceDraft> => ({
  kind,
  mapping: null,
  copyBodies: kind === 'concord' && mayPublish,
  ...(kind !== 'concord' && draft.schedule === 'continuous' ? { schedule: 'hourly' } : {}),
})

const tables: readonly SourceKind[] = ['csv', 'xlsx', 'json']
const percent = 100

/** Where a source is, what comes of it and when; with a test that shows its first records and writes nothing. */
export function SourceForm(props: {
  source?: Source
  start: SourceDraft
  submit: string
  pending: boolean
  error: unknown
  onSave: (draft: SourceDraft) => void
}) {
  const { t } = useTranslation()
  const content = useContent()
  const { may } = useSession()
  const [draft, setDraft] = useState(props.start)
  const { data: bodies = [] } = useQuery(bodiesQuery)
  const set = (change: Partial<SourceDraft>) => setDraft((before) => ({ ...before, ...change }))
  const test = useMutation({
    mutationFn: () => {
      const { kind, url, filter, mapping, limits, token } = draft
      return testSource({ kind, url, filter, mapping, limits, token, uid: props.source?.uid })
    },
    onSuccess: (found) => {
      if (!draft.mapping && found.mapping && tables.includes(draft.kind))
        set({ mapping: found.mapping as Mapping })
    },
  })
  const save = (event: FormEvent) => {
    event.preventDefault()
    props.onSave(draft)
  }
  const text = (
    key: 'name' | 'title' | 'url' | 'filter',
    more: { required?: boolean; type?: string; pattern?: string; hint?: string } = {},
  ) => (
    <div className="form-field">
      <label htmlFor={`source-${key}`}>{t(`source.field.${key}`)}</label>
      <input
        id={`source-${key}`}
        className="field"
        type={more.type ?? 'text'}
        required={more.required}
        pattern={more.pattern}
        value={draft[key] ?? ''}
        aria-describedby={more.hint ? `source-${key}-hint` : undefined}
        onChange={(event) => set({ [key]: event.target.value || (key === 'filter' ? null : '') })}
      />
      {more.hint && (
        <span id={`source-${key}-hint`} className="muted small">
          {more.hint}
        </span>
      )}
    </div>
  )
  return (
    <form className="panel source-form" onSubmit={save}>
      <div className="form-grid">
        {text('title', { required: true })}
        {!props.source &&
          text('name', {
            required: true,
            pattern: '[A-Za-z0-9][A-Za-z0-9._\\-]{0,99}',
            hint: t('source.nameHint'),
          })}
        <div className="form-field">
          <label htmlFor="source-kind">{t('source.field.kind')}</label>
          <select
            id="source-kind"
            className="field"
            value={draft.kind}
            onChange={(event) => set(ofKind(event.target.value as SourceKind, draft, may('dataset:publish')))}
          >
            {sourceKinds.map((kind) => (
              <option key={kind} value={kind}>
                {t(`source.kind.${kind}`)}
              </option>
            ))}
          </select>
        </div>
        {text('url', { required: true, type: 'url', hint: t('source.urlHint') })}
        {draft.kind === 'ckan' && text('filter', { hint: t('source.filterHint') })}
        <div className="form-field">
          <label htmlFor="source-body">{t('import.body')}</label>
          <select
            id="source-body"
            className="field"
            value={draft.body ?? ''}
            onChange={(event) => set({ body: event.target.value || null })}
          >
            <option value="">{t('import.bodyFromRecords')}</option>
            {bodies.map((one) => (
              <option key={one.uid} value={one.code}>
                {content(one.name, one.translations, 'name').text}
              </option>
            ))}
          </select>
        </div>
        <div className="form-field">
          <label htmlFor="source-token">{t('source.field.token')}</label>
          <input
            id="source-token"
            className="field"
            type="password"
            autoComplete="off"
            placeholder={props.source?.hasToken ? t('source.tokenKept') : ''}
            aria-describedby="source-token-hint"
            onChange={(event) => set({ token: event.target.value || undefined })}
          />
          <span id="source-token-hint" className="muted small">
            {t('source.tokenHint')}
          </span>
        </div>
        <ScheduleField
          value={draft.schedule ?? 'manual'}
          mayFollow={draft.kind === 'concord'}
          onChange={(schedule) => set({ schedule })}
        />
        <Guard draft={draft} set={set} />
      </div>
      <div className="checks">
        <label className="check">
          <input
            type="checkbox"
            checked={draft.active ?? false}
            onChange={(event) => set({ active: event.target.checked })}
          />
          {t('source.active')}
        </label>
        {may('dataset:publish') && (
          <label className="check">
            <input
              type="checkbox"
              checked={draft.publish ?? false}
              onChange={(event) => set({ publish: event.target.checked })}
            />
            {t('import.publish')}
          </label>
        )}
        {draft.kind === 'concord' && may('dataset:publish') && (
          <label className="check">
            <input
              type="checkbox"
              checked={draft.copyBodies ?? false}
              onChange={(event) => set({ copyBodies: event.target.checked })}
            />
            {t('source.copyBodies')}
          </label>
        )}
      </div>
      {props.error !== null && <ErrorPanel error={props.error} />}
      <div className="actions">
        <button type="submit" className="button primary" disabled={props.pending}>
          {props.submit}
        </button>
        <button
          type="button"
          className="button"
          disabled={test.isPending || !draft.url}
          onClick={() => test.mutate()}
        >
          {t(test.isPending ? 'source.testing' : 'source.test')}
        </button>
      </div>
      <div aria-live="polite">
        {test.error && <ErrorPanel error={test.error} />}
        {test.data && (
          <>
            <TestResult test={test.data} />
            {draft.mapping && (
              <MappingEditor
                mapping={draft.mapping}
                columns={test.data.columns}
                onChange={(mapping) => set({ mapping })}
              />
            )}
          </>
        )}
      </div>
    </form>
  )
}

function Guard({ draft, set }: { draft: SourceDraft; set: (change: Partial<SourceDraft>) => void }) {
  const { t } = useTranslation()
  return (
    <div className="form-field">
      <label htmlFor="source-guard">{t('source.field.guard')}</label>
      <input
        id="source-guard"
        className="field"
        type="number"
        min={0}
        max={percent}
        step="any"
        value={Math.round((draft.guardShare ?? 0.05) * percent * 100) / 100}
        aria-describedby="source-guard-hint"
        onChange={(event) => set({ guardShare: Number(event.target.value) / percent })}
      />
      <span id="source-guard-hint" className="muted small">
        {t('source.guardHint')}
      </span>
    </div>
  )
}

function TestResult({ test }: { test: Awaited<ReturnType<typeof testSource>> }) {
  const { t } = useTranslation()
  const format = useFormats()
  return (
    <>
      {test.faults.length > 0 && (
        <Notice kind="warm">
          <Faults faults={test.faults} />
        </Notice>
      )}
      {test.total !== null && <p>{t('source.announces', { total: format.number(test.total) })}</p>}
      {test.records.length > 0 && <PreviewRecords records={test.records} />}
    </>
  )
}
