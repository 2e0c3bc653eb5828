import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { originQuery } from './source-api.ts'

/** Where an entry was harvested, and who else holds it; nothing for one compiled here. */
export function EntryOrigin({ uid }: { uid: string }) {
  const { t } = useTranslation()
  const { data } = useQuery(originQuery(uid))
  if (!data || (!data.source && data.linked.length === 0)) return null
  return (
    <section aria-labelledby="origin">
      <h2 id="origin">{t('origin.head')}</h2>
      <dl>
        {data.source && (
          <div className="fact">
            <dt>{t('origin.from')}</dt>
            <dd>
              <Place name={data.source.title ?? data.source.name} url={data.source.url} />
            </dd>
          </div>
        )}
        {data.linked.length > 0 && (
          <div className="fact">
            <dt>{t('origin.also')}</dt>
            <dd>
              <ul>
                {data.linked.map((one) => (
                  <li key={one.name}>
                    <Place name={one.title} url={one.url} /> ({t(`origin.${one.reason}`)})
                  </li>
                ))}
              </ul>
            </dd>
          </div>
        )}
      </dl>
    </section>
  )
}

const Place = ({ name, url }: { name: string; url: string | null }) =>
  url ? (
    <a href={url} rel="noreferrer">
      {name}
    </a>
  ) : (
    name
  )
