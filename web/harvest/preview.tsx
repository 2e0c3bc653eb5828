import { useMutation, useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { bodiesQuery } from '../catalog/api.ts'
import { useContent } from '../platform/content-language.ts'
import { queryClient } from '../platform/query.ts'
import { useSession } from '../security/session.ts'
import { useFaultText, usePlaceText } from '../ui/fault-text.ts'
import { ErrorPanel, Notice, Skeleton } from '../ui/status.tsx'
import { toast } from '../ui/toasts.tsx'
import {
  type Format,
  formats,
  type ImportPreview,
  type ImportRun,
  importQuery,
  type Mapping,
  mappingsQuery,
  previewQuery,
  saveMapping,
  startImport,
} from './api.ts'
import { MappingEditor } from './mapping-editor.tsx'

const encodings = ['utf-8', 'gb18030', 'big5', 'utf-16le', 'utf-16be']
/** The preview is asked for again when nothing was changed for this long (ms). */
const askAfterMs = 500

function usePaused<T>(value: T): T {
  const [paused, setPaused] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setPaused(value), askAfterMs)
    return () => clearTimeout(timer)
  }, [value])
  return paused
}

export function Faults({ faults }: { faults: ImportPreview['faults'] }) {
  const faultText = useFaultText()
  const place = usePlaceText()
  return (
    <ul className="fault-lines">
      {faults.map((fault) => (
        <li key={fault.path + fault.rule + fault.message}>
          {fault.path && <strong title={fault.path}>{place(fault.path)}</strong>} {faultText(fault)}
        </li>
      ))}
    </ul>
  )
}

/** Records as they would come in: the text of the source beside the entry. */
export function PreviewRecords({ records }: { records: ImportPreview['records'] }) {
  const { t } = useTranslation()
  return (
    <section aria-labelledby="preview-head">
      <h2 id="preview-head">{t('import.firstRecords', { count: records.length })}</h2>
      <ul className="preview-list">
        {records.map((record) => (
          <li key={record.place}>
            <details>
              <summary>
                <span
                  className={`tag ${record.faults.length > 0 ? 'danger' : record.warnings.length > 0 ? 'caution' : 'ok'}`}
                >
                  {record.faults.length > 0
                    ? t('import.wouldReject')
                    : record.warnings.length > 0
                      ? t('import.wouldWarn')
                      : t('import.wouldTake')}
                </span>
                <strong>{record.title ?? t('import.untitled')}</strong>
                <span className="muted num">{record.place}</span>
              </summary>
              <div className="preview-pair">
                <pre>{record.source}</pre>
                <pre>{record.content ? JSON.stringify(record.content, null, 2) : t('import.noEntry')}</pre>
              </div>
            </details>
            <Faults faults={[...record.faults, ...record.warnings]} />
          </li>
        ))}
      </ul>
    </section>
  )
}

/** What the file's first records would become; every change of the mapping shows its effect at once. */
export function Preview({ run }: { run: ImportRun }) {
  const { t } = useTranslation()
  const content = useContent()
  const [format, setFormat] = useState<Format | undefined>(undefined)
  const [encoding, setEncoding] = useState<string | undefined>(undefined)
  const [mapping, setMapping] = useState<Mapping | undefined>(undefined)
  const [body, setBody] = useState('')
  const [source, setSource] = useState('')
  const [publish, setPublish] = useState(true)
  const { may } = useSession()
  const { data: bodies = [] } = useQuery(bodiesQuery)
  const { data: mappings = [] } = useQuery(mappingsQuery)
  const input = usePaused({ format, encoding, mapping, body })
  const preview = useQuery({
    ...previewQuery({
      uid: run.uid,
      format: input.format,
      encoding: input.encoding,
      mapping: input.mapping,
      body: input.body || undefined,
    }),
    placeholderData: (before) => before,
  })
  // A mapping that cannot be used for the moment must not take away the form one mends it with.
  const [last, setLast] = useState<ImportPreview | undefined>(undefined)
  useEffect(() => {
    if (preview.data) setLast(preview.data)
  }, [preview.data])
  const data = preview.data ?? last
  const shownMapping = mapping ?? ((data?.mapping ?? undefined) as Mapping | undefined)
  const start = useMutation({
    mutationFn: () =>
      startImport(run.uid, {
        mapping: shownMapping,
        format: format ?? data?.format,
        source: source || undefined,
        body: body || undefined,
        publish,
      }),
    onSuccess: (next) => {
      queryClient.setQueryData(importQuery(run.uid).queryKey, next)
      void queryClient.invalidateQueries({ queryKey: ['imports'] })
    },
  })
  const keep = useMutation({
    mutationFn: saveMapping,
    onSuccess: (saved) => {
      toast(t('import.mappingSaved', { name: saved.name }))
      void queryClient.invalidateQueries(mappingsQuery)
    },
  })
  const pickMapping = (name: string) => {
    const found = mappings.find((one) => one.mapping.name === name)?.mapping
    setMapping(found)
    if (found) setFormat(found.format)
  }
  return (
    <>
      <div className="panel">
        <div className="form-grid">
          <div className="form-field">
            <label htmlFor="format">{t('content.format')}</label>
            <select
              id="format"
              className="field"
              value={format ?? data?.format ?? ''}
              onChange={(event) => {
                setFormat(formats.find((one) => one === event.target.value))
                setMapping(undefined)
              }}
            >
              {formats.map((one) => (
                <option key={one} value={one}>
                  {t(`import.format.${one}`)}
                </option>
              ))}
            </select>
          </div>
          <div className="form-field">
            <label htmlFor="saved">{t('import.savedMapping')}</label>
            <select id="saved" className="field" onChange={(event) => pickMapping(event.target.value)}>
              <option value="">{t('import.proposed')}</option>
              {mappings.map((one) => (
                <option key={one.mapping.name} value={one.mapping.name}>
                  {one.mapping.name}
                </option>
              ))}
            </select>
          </div>
          <div className="form-field">
            <label htmlFor="encoding">{t('import.encoding')}</label>
            <select
              id="encoding"
              className="field"
              value={encoding ?? ''}
              onChange={(event) => setEncoding(event.target.value || undefined)}
            >
              <option value="">{t('import.detected', { name: data?.encoding ?? '' })}</option>
              {encodings.map((one) => (
                <option key={one} value={one}>
                  {one.toUpperCase()}
                </option>
              ))}
            </select>
          </div>
          <div className="form-field">
            <label htmlFor="import-body">{t('import.body')}</label>
            <select
              id="import-body"
              className="field"
              value={body}
              onChange={(event) => setBody(event.target.value)}
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
            <label htmlFor="source">{t('import.source')}</label>
            <input
              id="source"
              className="field"
              value={source}
              placeholder={shownMapping?.source ?? data?.source}
              onChange={(event) => setSource(event.target.value)}
            />
            <span className="hint">{t('import.sourceHint')}</span>
          </div>
          {may('dataset:publish') && (
            <label className="check">
              <input
                type="checkbox"
                checked={publish}
                onChange={(event) => setPublish(event.target.checked)}
              />
              {t('import.publish')}
            </label>
          )}
        </div>
        {data?.mayPublish === false && (
          <Notice>
            <p>{t('import.draftsOnly')}</p>
          </Notice>
        )}
        {start.isError && <ErrorPanel error={start.error} />}
        {keep.isError && <ErrorPanel error={keep.error} />}
        <div className="actions">
          <button
            type="button"
            className="button primary"
            disabled={start.isPending || !preview.data || preview.isError || data?.faults.length !== 0}
            onClick={() => start.mutate()}
          >
            {t('import.start')}
          </button>
          {shownMapping && (
            <button type="button" className="button" onClick={() => keep.mutate(shownMapping)}>
              {t('import.saveMapping')}
            </button>
          )}
        </div>
      </div>
      {preview.isError && <ErrorPanel error={preview.error} retry={() => preview.refetch()} />}
      {preview.isPending && <Skeleton rows={3} />}
      {data && (
        <>
          {data.faults.length > 0 && (
            <Notice kind="danger">
              <Faults faults={data.faults} />
            </Notice>
          )}
          {shownMapping ? (
            <MappingEditor mapping={shownMapping} columns={data.columns} onChange={setMapping} />
          ) : (
            <p className="muted">{t('import.noMapping')}</p>
          )}
          <PreviewRecords records={data.records} />
        </>
      )}
    </>
  )
}
