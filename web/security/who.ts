import { useTranslation } from 'react-i18next'

/** Names under which the program itself writes, by the beginning of what it writes them as. */
const programs = [
  'seed',
  'catalog import',
  'schedule',
  'review clocks',
  'harvest: ',
  'command line: ',
] as const
const keys: Record<(typeof programs)[number], string> = {
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
    const program = programs.find((p) => (p.endsWith(' ') ? name.startsWith(p) : name === p))
    return program ? t(`program.${keys[program]}`, { name: name.slice(program.length) }) : name
  }
}
