import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { QualityCard } from '../coverage/quality-card.tsx'
import { EntryOrigin } from '../harvest/entry-origin.tsx'
import { useContent, useForeignLanguage, useLabel } from '../platform/content-language.ts'
import { useFormats } from '../platform/format.ts'
import { useCodes } from '../platform/profile.ts'
import { CopyButton } from '../ui/code-block.tsx'
import { Words } from '../ui/words.tsx'
import type { Dataset } from './api.ts'
import { useMayWrite } from './own-bodies.ts'

function Fact({ name, children }: { name: string; children: ReactNode }) {
  if (children === null || children === undefined || children === '' || children === false) return null
  return (
    <div className="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

/** An address as a link, any other text as it is. */
function MaybeLink({ text }: { text: string | null | undefined }) {
  if (!text) return null
  if (!/^https?:\/\//.test(text)) return <>{text}</>
  return (
    <a href={text} rel="noreferrer">
      {text.replace(/^https?:\/\//, '')}
    </a>
  )
}

function Terms({ data }: { data: Dataset }) {
  const { t } = useTranslation()
  const { name } = useCodes()
  const content = useContent()
  const entry = data.content
  const written = (text: string | null | undefined) =>
    text && <Words {...content(text, null, '', entry.language)} />
  return (
    <section aria-labelledby="terms">
      <h2 id="terms">{t('dataset.howToGet')}</h2>
      <dl>
        <Fact name={t('dataset.sharing')}>
          <strong>{name('sharingType', entry.sharingType)}</strong>
          <span className="cell-note">{t(`dataset.howShared.${entry.sharingType}`)}</span>
        </Fact>
        <Fact name={t('dataset.condition')}>{name('sharingCondition', entry.sharingCondition)}</Fact>
        <Fact name={t('dataset.scope')}>{written(entry.sharingScope)}</Fact>
        <Fact name={t('dataset.basis')}>{written(entry.refusalBasis)}</Fact>
        <Fact name={t('dataset.method')}>{name('shareMethod', entry.shareMethod)}</Fact>
        <Fact name={t('dataset.open')}>
          <strong>{name('openType', entry.openType)}</strong>
          <span className="cell-note">
            {written(entry.openCondition) || t(`dataset.howOpen.${entry.openType}`)}
          </span>
        </Fact>
        <Fact name={t('dataset.license')}>{entry.license ? <MaybeLink text={entry.license} /> : null}</Fact>
      </dl>
    </section>
  )
}

function ContactBox({ data }: { data: Dataset }) {
  const { t } = useTranslation()
  const foreign = useForeignLanguage()
  const contact = data.content.contact
  if (!contact) return null
  return (
    <section aria-labelledby="contact">
      <h2 id="contact">{t('dataset.contact')}</h2>
      <address>
        {contact.name && <span lang={foreign(contact.name)}>{contact.name}</span>}
        {contact.email && <a href={`mailto:${contact.email}`}>{contact.email}</a>}
        {contact.phone && <a href={`tel:${contact.phone.replace(/[^\d+]/g, '')}`}>{contact.phone}</a>}
        {contact.url && <MaybeLink text={contact.url} />}
      </address>
    </section>
  )
}

/** The facts beside an entry, the terms first: they are what most people come for. */
export function EntryFacts({ data }: { data: Dataset }) {
  const { t } = useTranslation()
  const format = useFormats()
  const label = useLabel()
  const content = useContent()
  const { name, profile } = useCodes()
  const mayWrite = useMayWrite(data.body.code)
  const entry = data.content
  const address = `${location.origin}/dataset/${data.uid}`
  const title = content(entry.title, entry.translations, 'title').text
  const body = content(data.body.name, data.body.translations, 'name').text
  const written = (text: string | null | undefined) =>
    text && <Words {...content(text, null, '', entry.language)} />
  const citation = `${body}. ${title}. ${t('versions.version', { n: data.version })}, ${format.date(data.publishedAt ?? data.changedAt)}. ${address}`
  const period = entry.temporalEnd
    ? `${format.date(entry.temporalStart)} – ${format.date(entry.temporalEnd)}`
    : entry.temporalStart
      ? t('dataset.temporalSince', { from: format.date(entry.temporalStart) })
      : null
  const extension = (profile?.extensionFields ?? []).filter(
    (field) => (entry.extension?.[field.name] ?? null) !== null,
  )
  const extensionText = (field: (typeof extension)[number]) => {
    const value = entry.extension?.[field.name]
    if (typeof value === 'boolean') return t(value ? 'yes' : 'no')
    if (typeof value === 'number') return format.number(value)
    if (field.type === 'date') return format.date(String(value))
    const code = field.codeList && profile?.codeLists[field.codeList]?.entries.find((e) => e.code === value)
    return code ? label(code.label, code.code) : String(value)
  }
  return (
    <aside className="entry-facts" aria-label={t('dataset.facts')}>
      <Terms data={data} />
      <section aria-labelledby="facts">
        <h2 id="facts">{t('dataset.facts')}</h2>
        <dl>
          <Fact name={t('dataset.cycle')}>{name('updateCycle', entry.updateCycle)}</Fact>
          <Fact name={t('dataset.modified')}>{entry.modified && format.date(entry.modified)}</Fact>
          <Fact name={t('dataset.updateDue')}>
            {data.updateDue && (
              <>
                {format.date(data.updateDue)}{' '}
                {new Date(data.updateDue) < new Date() && (
                  <span className="tag caution">{t('dataset.updateOverdue')}</span>
                )}
              </>
            )}
          </Fact>
          <Fact name={t('dataset.changed')}>{format.date(data.changedAt)}</Fact>
          <Fact name={t('dataset.temporal')}>{period}</Fact>
          <Fact name={t('dataset.spatial')}>{written(entry.spatial?.join(', '))}</Fact>
          <Fact name={t('content.identifier')}>
            {entry.identifier?.map((one) => (
              <div key={one}>
                <MaybeLink text={one} />
              </div>
            ))}
          </Fact>
          <Fact name={t('dataset.grade')}>{name('grade', entry.grade)}</Fact>
          <Fact name={t('dataset.database')}>{name('database', entry.database)}</Fact>
          <Fact name={t('dataset.duty')}>{written(entry.duty)}</Fact>
          <Fact name={t('dataset.serviceMatter')}>{written(entry.serviceMatter)}</Fact>
          <Fact name={t('dataset.classification')}>
            {entry.classification?.map((one) => (
              <span className="fact-line" key={one}>
                {name('classification', one)} <span className="muted">{one}</span>
              </span>
            ))}
          </Fact>
          <Fact name={t('dataset.resourceCode')}>
            {entry.resourceCode?.map((one) => (
              <code className="fact-line" key={one}>
                {one}
              </code>
            ))}
          </Fact>
          <Fact name={t('dataset.keywords')}>
            {entry.keyword && entry.keyword.length > 0 && (
              <span className="tag-stack">
                {entry.keyword.map((word) => (
                  <Link key={word} className="tag" to="/search" search={{ q: `tag:"${word}"` }}>
                    <Words {...content(word, null)} />
                  </Link>
                ))}
              </span>
            )}
          </Fact>
          <Fact name={t('dataset.landing')}>
            {entry.landingPage ? <MaybeLink text={entry.landingPage} /> : null}
          </Fact>
          {extension.map((field) => (
            <Fact key={field.name} name={label(field.label, field.name)}>
              {extensionText(field)}
            </Fact>
          ))}
          <Fact name={t('dataset.used')}>
            {t('dataset.usedTimes', { count: data.useCount, n: format.number(data.useCount) })}
          </Fact>
        </dl>
      </section>
      <EntryOrigin uid={data.uid} />
      {data.state === 'published' && (
        <section aria-labelledby="quality">
          <h2 id="quality">{t('coverage.card')}</h2>
          <QualityCard
            uid={data.uid}
            version={data.version}
            hrefOf={
              mayWrite ? (field) => `/work/dataset/${data.uid}#field${field.replaceAll('/', '-')}` : undefined
            }
          />
        </section>
      )}
      <ContactBox data={data} />
      <section aria-labelledby="cite">
        <h2 id="cite">{t('dataset.cite')}</h2>
        <p className="citation">{citation}</p>
        <CopyButton text={citation} />
      </section>
    </aside>
  )
}
