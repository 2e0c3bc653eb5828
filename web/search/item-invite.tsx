import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { usePreferences } from '../platform/preferences.ts'
import { Empty } from '../ui/status.tsx'

/** Names people look for, in the language they read. */
const examples = {
  en: ['household address', 'date of birth', 'credit code', 'plate number'],
  'zh-CN': ['户籍地址', '出生日期', '统一社会信用代码', '号牌号码'],
}

/** Without a name the item view has nothing to say: it asks for one. */
export function ItemInvite() {
  const { t } = useTranslation()
  const { language } = usePreferences()
  return (
    <Empty title={t('items.invite')}>
      <p>{t('items.inviteText')}</p>
      <ul className="chips">
        {examples[language].map((name) => (
          <li key={name}>
            <Link className="button small" to="/search" search={{ q: name, view: 'items' }}>
              {name}
            </Link>
          </li>
        ))}
      </ul>
    </Empty>
  )
}
