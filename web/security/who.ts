import { useTranslation } from 'react-i18next'

/** Names under which the program itself writes, and their texts; one that ends in a blank is followed by a name. */
const programs = {
  seed: 'seed',
  'catalog import': 'catalogImport',
  schedule: 'schedule',
  'review clocks': 'reviewClocks',
  'harvest: ': 'harvest',
  'command line: ': 'commandLine',
}

/** The name of whoever wrote something: of a person as it is, of a part of the program in the reader's language. */
export function useWho(): (name: string) => string {
  const { t } = useTranslation()
  return (name) => {
    const found = Object.entries(programs).find(([program]) =>
      program.endsWith(' ') ? name.startsWith(program) : name === program,
    )
    return found ? t(`program.${found[1]}`, { name: name.slice(found[0].length) }) : name
  }
}
