import { useNavigate } from '@tanstack/react-router'
import { type DragEvent, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../platform/format.ts'
import { queryClient } from '../platform/query.ts'
import { Icon } from '../ui/icons.tsx'
import { ErrorPanel } from '../ui/status.tsx'
import { importQuery, uploadFile } from './api.ts'

/** A file by drop or by choice, with progress; then on to the preview. */
export function Upload() {
  const { t } = useTranslation()
  const format = useFormats()
  const navigate = useNavigate()
  const input = useRef<HTMLInputElement>(null)
  const [over, setOver] = useState(false)
  const [file, setFile] = useState<File | null>(null)
  const [share, setShare] = useState(0)
  const [error, setError] = useState<unknown>(null)
  const send = async (chosen: File | undefined) => {
    if (!chosen) return
    setFile(chosen)
    setShare(0)
    setError(null)
    try {
      const run = await uploadFile(chosen, setShare)
      queryClient.setQueryData(importQuery(run.uid).queryKey, run)
      await navigate({ to: '/work/imports/$uid', params: { uid: run.uid } })
    } catch (failure) {
      setError(failure)
      setFile(null)
    }
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    void send(event.dataTransfer.files[0])
  }
  return (
    <>
      {error !== null && <ErrorPanel error={error} />}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is an extra; the button does the same */}
      <div
        className={`drop ${over ? 'over' : ''}`}
        onDragOver={(event) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        {file ? (
          <div className="progress" role="status">
            <label htmlFor="upload">
              {t('import.uploading', { name: file.name, size: format.bytes(file.size) })}
            </label>
            <progress id="upload" max={1} value={share} />
            <span className="num">{Math.round(share * 100)}%</span>
          </div>
        ) : (
          <>
            <p>{t('import.drop')}</p>
            <button type="button" className="button primary" onClick={() => input.current?.click()}>
              <Icon name="upload" />
              {t('import.choose')}
            </button>
            <input
              ref={input}
              type="file"
              className="visually-hidden"
              tabIndex={-1}
              aria-label={t('import.choose')}
              accept=".csv,.tsv,.txt,.json,.jsonl,.ndjson,.xlsx,.gz"
              onChange={(event) => send(event.target.files?.[0])}
            />
            <p className="muted small">{t('import.formatsHint')}</p>
          </>
        )}
      </div>
    </>
  )
}
