import { useTranslation } from 'react-i18next'
import type { HarvestRun } from './source-api.ts'

const colours: Record<string, string> = {
  done: 'ok',
  failed: 'danger',
  waiting: 'danger',
  running: 'accent',
  queued: 'accent',
  stopped: 'caution',
  interrupted: 'caution',
}

/** The state of a run in a word. */
export function RunState({ run }: { run: HarvestRun | null }) {
  const { t } = useTranslation()
  if (!run) return <span className="tag">{t('source.never')}</span>
  return <span className={`tag ${colours[run.state] ?? ''}`}>{t(`source.state.${run.state}`)}</span>
}
