import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { useContent, useLabel } from '../platform/content-language.ts'
import { useCodes } from '../platform/profile.ts'
import { bodiesQuery } from './api.ts'
import { useEditorContext } from './editor-context.tsx'
import { ChoiceField, CodeField, CodesField, InstantField, TextField, WordsField } from './editor-field.tsx'
import { useOwnBodies } from './own-bodies.ts'

export function BasicsSection() {
  const { t } = useTranslation()
  const content = useContent()
  const { editor } = useEditorContext()
  const bodies = useOwnBodies()
  const other = String(editor.get('/language') ?? 'en').startsWith('zh') ? 'en' : 'zh-CN'
  const current = editor.get('/body')
  const options = bodies.map((body) => ({
    value: body.code,
    label: content(body.name, body.translations, 'name').text,
  }))
  const { data: all = [] } = useQuery(bodiesQuery)
  if (typeof current === 'string' && !options.some((option) => option.value === current)) {
    const body = all.find((one) => one.code === current)
    const label = body ? content(body.name, body.translations, 'name').text : current
    options.unshift({ value: current, label })
  }
  return (
    <div className="form-grid">
      <TextField at="/title" label={t('content.title')} hint={t('editor.titleHint')} required wide />
      <TextField at="/abstract" label={t('content.abstract')} hint={t('editor.abstractHint')} area wide />
      <ChoiceField at="/body" label={t('content.body')} options={options} required />
      <ChoiceField
        at="/language"
        label={t('editor.language')}
        options={[
          { value: 'zh-CN', label: '中文' },
          { value: 'en', label: 'English' },
        ]}
      />
      <TextField at={`/translations/${other}/title`} label={t(`editor.titleIn.${other}`)} wide />
      <TextField at={`/translations/${other}/abstract`} label={t(`editor.abstractIn.${other}`)} area wide />
      <CodesField at="/theme" list="theme" label={t('content.theme')} />
      <CodesField at="/classification" list="classification" label={t('content.classification')} />
      <WordsField at="/keyword" label={t('content.keyword')} />
      <WordsField at="/resourceCode" label={t('content.resourceCode')} hint={t('editor.resourceCodeHint')} />
      <CodeField at="/database" list="database" label={t('content.database')} />
      <CodeField at="/updateCycle" list="updateCycle" label={t('content.updateCycle')} required />
      <TextField at="/duty" label={t('content.duty')} hint={t('editor.dutyHint')} area wide />
      <TextField at="/serviceMatter" label={t('content.serviceMatter')} />
      <WordsField at="/spatial" label={t('content.spatial')} />
      <WordsField at="/identifier" label={t('content.identifier')} />
      <TextField at="/temporalStart" type="date" label={t('content.temporalStart')} />
      <TextField at="/temporalEnd" type="date" label={t('content.temporalEnd')} />
      <TextField at="/issued" type="date" label={t('content.issued')} />
      <InstantField at="/modified" label={t('content.modified')} />
      <TextField at="/landingPage" label={t('content.landingPage')} />
      <TextField at="/license" label={t('content.license')} />
      <TextField at="/contact/name" label={t('editor.contactName')} />
      <TextField at="/contact/email" label={t('content.email')} />
      <TextField at="/contact/phone" label={t('content.phone')} />
      <TextField at="/contact/url" label={t('content.url')} />
    </div>
  )
}

/** Only what the chosen type asks for is shown. */
export function SharingSection() {
  const { t } = useTranslation()
  const { editor } = useEditorContext()
  const sharing = editor.get('/sharingType')
  const open = editor.get('/openType')
  return (
    <div className="form-grid">
      <CodeField at="/sharingType" list="sharingType" label={t('content.sharingType')} required />
      <CodeField at="/shareMethod" list="shareMethod" label={t('content.shareMethod')} />
      {sharing === 'conditional' && (
        <>
          <CodeField
            at="/sharingCondition"
            list="sharingCondition"
            label={t('content.sharingCondition')}
            hint={t('editor.conditionHint')}
            required
            wide
          />
          <TextField at="/sharingScope" label={t('content.sharingScope')} area wide />
        </>
      )}
      {sharing === 'not_shared' && (
        <TextField
          at="/refusalBasis"
          label={t('content.refusalBasis')}
          hint={t('editor.basisHint')}
          area
          required
          wide
        />
      )}
      <CodeField at="/openType" list="openType" label={t('content.openType')} required />
      <CodeField at="/grade" list="grade" label={t('content.grade')} />
      {open === 'conditional' && (
        <TextField at="/openCondition" label={t('content.openCondition')} area wide />
      )}
    </div>
  )
}

/** The fields this jurisdiction adds, from its profile. */
export function ExtensionSection() {
  const { t } = useTranslation()
  const label = useLabel()
  const { profile } = useCodes()
  const fields = profile?.extensionFields ?? []
  return (
    <div className="form-grid">
      {fields.map((field) => {
        const props = {
          at: `/extension/${field.name}`,
          label: label(field.label, field.name),
          required: field.required,
        }
        if (field.type === 'code')
          return (
            <ChoiceField
              key={field.name}
              {...props}
              options={(profile?.codeLists[field.codeList ?? '']?.entries ?? []).map((entry) => ({
                value: entry.code,
                label: label(entry.label, entry.code),
              }))}
            />
          )
        if (field.type === 'boolean') return <YesNo key={field.name} {...props} />
        return (
          <TextField
            key={field.name}
            {...props}
            type={field.type === 'number' ? 'number' : field.type === 'date' ? 'date' : 'text'}
          />
        )
      })}
      {fields.length === 0 && <p className="muted">{t('editor.noExtension')}</p>}
    </div>
  )
}

function YesNo(props: { at: string; label: string }) {
  const { editor } = useEditorContext()
  return (
    <label className="check">
      <input
        type="checkbox"
        checked={editor.get(props.at) === true}
        onChange={(event) => editor.set(props.at, event.target.checked)}
      />
      {props.label}
    </label>
  )
}
