import { createElement, useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { usePreferences } from '../platform/preferences.ts'
import { CodeBlock } from '../ui/code-block.tsx'

const script = '/embed/search.js'

/** The search box for other sites: how it is put in, and how it looks and works. */
export function WidgetDemo({ base }: { base: string }) {
  const { t } = useTranslation()
  const { language } = usePreferences()
  useEffect(() => {
    if (document.querySelector(`script[src="${script}"]`)) return
    document.head.append(Object.assign(document.createElement('script'), { type: 'module', src: script }))
  }, [])
  const code = `<script type="module" src="${base}${script}"></script>
<concord-search language="${language}" limit="5"></concord-search>`
  return (
    <section id="door-widget">
      <h2>{t('developers.widget')}</h2>
      <p>{t('developers.widgetText')}</p>
      <CodeBlock text={code} label={t('developers.widget')} />
      <dl className="query-list">
        {(['node', 'body', 'theme', 'language', 'limit', 'query'] as const).map((name) => (
          <div key={name}>
            <dt>
              <code>{name}</code>
            </dt>
            <dd>{t(`developers.widgetAttribute.${name}`)}</dd>
          </div>
        ))}
      </dl>
      <p>{t('developers.widgetStyle')}</p>
      <h3>{t('developers.widgetLive')}</h3>
      <div className="widget-demo">{createElement('concord-search', { language, limit: 3 })}</div>
    </section>
  )
}
