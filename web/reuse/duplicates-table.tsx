import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useContent } from '../platform/content-language.ts'
import { useFormats } from '../platform/format.ts'
import { useCodes } from '../platform/profile.ts'
import { Words } from '../ui/words.tsx'
import type { Duplicate } from './api.ts'

/** Themes named in a row; an item held everywhere has all of them. */
const themesShown = 3

/** The report, a row for each item; its name opens the bodies that hold it. */
export function DuplicatesTable({ rows, onOpen }: { rows: Duplicate[]; onOpen: (row: Duplicate) => void }) {
  const { t } = useTranslation()
  const format = useFormats()
  const content = useContent()
  const { name } = useCodes()
  return (
    <table className="data-table duplicates">
      <thead>
        <tr>
          <th scope="col">{t('reuse.item')}</th>
          <th scope="col" className="num">
            {t('reuse.bodies')}
          </th>
          <th scope="col" className="num">
            {t('reuse.entries')}
          </th>
          <th scope="col">{t('content.dataType')}</th>
          <th scope="col">{t('content.theme')}</th>
          <th scope="col">{t('reuse.proposed')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.item}>
            <th scope="row">
              <button type="button" className="link-button" onClick={() => onOpen(row)}>
                <Words {...content(row.name, null)} />
              </button>
              {row.dataElement && <div className="muted small">{row.dataElement}</div>}
            </th>
            <td className="num">{format.number(row.bodies)}</td>
            <td className="num">{format.number(row.entries)}</td>
            <td className="duplicate-types">
              {row.types.map((type) => name('dataType', type)).join(t('work.listSeparator'))}
            </td>
            <td className="small">
              {row.themes
                .slice(0, themesShown)
                .map((theme) => name('theme', theme))
                .join(t('work.listSeparator'))}
              {row.themes.length > themesShown && ` +${row.themes.length - themesShown}`}
            </td>
            <td>
              <Words {...content(row.source.body.name, row.source.body.translations, 'name')} />
              <div className="muted small">{t(`reuse.sourceReason.${row.source.reason}`)}</div>
              {row.source.uid && row.source.title && (
                <Link to="/dataset/$uid" params={{ uid: row.source.uid }} className="small">
                  <Words {...content(row.source.title, row.source.titles, 'title')} />
                </Link>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
