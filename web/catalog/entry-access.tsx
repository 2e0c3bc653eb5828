import { useTranslation } from 'react-i18next'
import { useContent } from '../platform/content-language.ts'
import { useFormats } from '../platform/format.ts'
import { useCodes } from '../platform/profile.ts'
import { Icon } from '../ui/icons.tsx'
import { Empty } from '../ui/status.tsx'
import { Words } from '../ui/words.tsx'
import type { DatasetContent } from './api.ts'

/** Files and services behind the entry. Outside addresses open without telling where one came from. */
export function EntryAccess({ entry }: { entry: DatasetContent }) {
  const { t } = useTranslation()
  const format = useFormats()
  const content = useContent()
  const { name } = useCodes()
  const written = (text: string) => content(text, null, '', entry.language)
  const files = entry.distributions ?? []
  const services = entry.services ?? []
  if (files.length + services.length === 0) return <Empty title={t('dataset.noFiles')} />
  return (
    <div className="entry-panel">
      {files.length > 0 && (
        <section aria-labelledby="files">
          <h2 id="files">{t('dataset.files')}</h2>
          <ul className="access-list">
            {files.map((file, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: files have no identity of their own
              <li key={i}>
                <span className="access-format">{(file.format ?? file.mediaType ?? '?').slice(0, 8)}</span>
                <div>
                  <h3>
                    {file.title ? <Words {...written(file.title)} /> : file.format || t('dataset.files')}
                  </h3>
                  {file.description && (
                    <p className="muted small">
                      <Words {...written(file.description)} />
                    </p>
                  )}
                  <p className="muted small">
                    {[
                      name('formatCategory', file.formatCategory),
                      file.byteSize ? format.bytes(file.byteSize) : null,
                      file.modified ? format.date(file.modified) : null,
                      file.license,
                    ]
                      .filter(Boolean)
                      .join(' · ')}
                  </p>
                </div>
                {(file.downloadUrl || file.accessUrl) && (
                  <a className="button" href={file.downloadUrl ?? file.accessUrl ?? ''} rel="noreferrer">
                    <Icon name={file.downloadUrl ? 'download' : 'external'} />
                    {t(file.downloadUrl ? 'dataset.download' : 'dataset.openLink')}
                    <span className="visually-hidden">{file.title ?? file.format}</span>
                  </a>
                )}
              </li>
            ))}
          </ul>
        </section>
      )}
      {services.length > 0 && (
        <section aria-labelledby="services">
          <h2 id="services">{t('dataset.services')}</h2>
          <ul className="access-list">
            {services.map((service) => (
              <li key={service.title + (service.endpointUrl ?? '')}>
                <span className="access-format">
                  <Icon name="service" />
                </span>
                <div>
                  <h3>
                    <Words {...written(service.title)} />
                  </h3>
                  {service.description && (
                    <p className="muted small">
                      <Words {...written(service.description)} />
                    </p>
                  )}
                  {service.endpointUrl && <code>{service.endpointUrl}</code>}
                </div>
                {service.endpointDescription && (
                  <a className="button" href={service.endpointDescription} rel="noreferrer">
                    <Icon name="external" />
                    {t('dataset.openLink')}
                  </a>
                )}
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  )
}
