import { useTranslation } from 'react-i18next'
import { CodeBlock } from '../ui/code-block.tsx'
import { type Door, doors, type ExampleOf } from './doors.ts'
import { type CodeLanguage, codeLanguageNames, codeLanguages } from './example.ts'

/** Every way in for programs, each with an example in the language chosen. */
export function Doors(props: {
  of: ExampleOf
  language: CodeLanguage
  choose: (language: CodeLanguage) => void
}) {
  const { t } = useTranslation()
  return (
    <section>
      <h2>{t('developers.doors')}</h2>
      <p>{t('developers.doorsText')}</p>
      <fieldset className="code-languages">
        <legend>{t('developers.codeLanguage')}</legend>
        {codeLanguages.map((one) => (
          <label key={one}>
            <input
              type="radio"
              name="code-language"
              checked={one === props.language}
              onChange={() => props.choose(one)}
            />
            {codeLanguageNames[one]}
          </label>
        ))}
      </fieldset>
      {doors.map((door) => (
        <DoorText key={door.id} door={door} of={props.of} language={props.language} />
      ))}
    </section>
  )
}

function DoorText({ door, of, language }: { door: Door; of: ExampleOf; language: CodeLanguage }) {
  const { t } = useTranslation()
  const title = t(`developers.door.${door.id}.title`)
  return (
    <article className="door" id={`door-${door.id}`}>
      <h3>{title}</h3>
      <p>{t(`developers.door.${door.id}.text`)}</p>
      <p className="door-addresses">
        {door.addresses.map((address) => (
          <code key={address}>{address}</code>
        ))}
        <a href={door.reference} rel="noreferrer">
          {t('developers.reference')}
          <span className="visually-hidden"> {title}</span>
        </a>
      </p>
      <CodeBlock text={door.example(of)[language]} label={`${title}, ${codeLanguageNames[language]}`} />
    </article>
  )
}
