import { useTranslation } from 'react-i18next'
import './interop.css'

const forms = [
  ['ttl', 'Turtle'],
  ['jsonld', 'JSON-LD'],
  ['rdf', 'RDF/XML'],
  ['nt', 'N-Triples'],
] as const

/** The entry as linked data, by address. */
export function EntryForms({ uid }: { uid: string }) {
  const { t } = useTranslation()
  return (
    <section>
      <h2>{t('interop.forms')}</h2>
      <p>{t('interop.formsText')}</p>
      <ul className="door-addresses">
        {forms.map(([ending, name]) => (
          <li key={ending}>
            <a href={`/dataset/${uid}.${ending}`}>{name}</a>
          </li>
        ))}
      </ul>
    </section>
  )
}
