import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { OverdueList as List } from '../../src/catalog/update-due.schema.ts'
import { useContent } from '../platform/content-language.ts'
import { useFormats } from '../platform/format.ts'
import { useCodes } from '../platform/profile.ts'
import { useSession } from '../security/session.ts'
import { Words } from '../ui/words.tsx'

/** Entries that are late, each with its cycle and since when. */
export function OverdueList({ rows }: { rows: List['items'] }) {
  const { t } = useTranslation()
  const format = useFormats()
  const content = useContent()
  const { name } = useCodes()
  const { may } = useSession()
  return (
    <ul className="task-list">
      {rows.map((row) => (
        <li key={row.uid}>
          <Link to={may('dataset:update') ? '/work/dataset/$uid' : '/dataset/$uid'} params={{ uid: row.uid }}>
            <Words {...content(row.title, row.translations, 'title', row.language)} />
          </Link>
          <span className="muted small">
            <Words {...content(row.body.name, row.body.translations, 'name')} /> · {t('review.cycle')}:{' '}
            {name('updateCycle', row.updateCycle)} · {t('review.lastChanged')}: {format.date(row.lastChanged)}{' '}
            ·{' '}
            <span className="tag caution num">
              {t('review.wasDue')}: {format.date(row.updateDue)}
            </span>
          </span>
        </li>
      ))}
    </ul>
  )
}
