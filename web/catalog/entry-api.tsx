import { useTranslation } from 'react-i18next'
import { EntryForms } from '../interop/entry-forms.tsx'
import { ShaclSection } from '../interop/shacl-section.tsx'
import { CodeBlock } from '../ui/code-block.tsx'
import type { Dataset } from './api.ts'
import { useMayWrite } from './own-bodies.ts'

/** The same call in three languages; each runs as it stands. */
export function EntryApi({ data }: { data: Dataset }) {
  const { t } = useTranslation()
  const mayWrite = useMayWrite(data.body.code)
  const url = `${location.origin}/api/v1/datasets/${data.uid}`
  const examples: [string, string][] = [
    ['curl', `curl -s ${url}`],
    [
      'JavaScript',
      `const response = await fetch('${url}')
const entry = await response.json()
console.log(entry.content.title, entry.content.items.length)`,
    ],
    [
      'Python',
      `import json, urllib.request

with urllib.request.urlopen("${url}") as response:
    entry = json.load(response)
print(entry["content"]["title"], len(entry["content"]["items"]))`,
    ],
  ]
  return (
    <div className="entry-panel">
      <p>
        {t('dataset.apiLead')} <a href="/api/docs">{t('dataset.apiReference')}</a>
      </p>
      {examples.map(([name, text]) => (
        <section key={name}>
          <h2>{name}</h2>
          <CodeBlock text={text} label={name} />
        </section>
      ))}
      {data.state === 'published' && <EntryForms uid={data.uid} />}
      {data.state === 'published' && mayWrite && <ShaclSection uid={data.uid} />}
    </div>
  )
}
