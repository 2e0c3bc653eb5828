import { useTranslation } from 'react-i18next'
import { useCodes } from '../platform/profile.ts'
import { AccessDot } from '../ui/icons.tsx'

const levels: Record<string, 'full' | 'half' | 'none'> = {
  unconditional: 'full',
  conditional: 'half',
  not_shared: 'none',
  not_open: 'none',
}
const colours = { full: 'ok', half: 'caution', none: 'danger' }

/** How far an entry or item is shared between bodies. */
export function SharingTag({ type }: { type: string | null | undefined }) {
  const { name } = useCodes()
  if (!type) return null
  const level = levels[type] ?? 'none'
  return (
    <span className={`tag ${colours[level]}`}>
      <AccessDot level={level} />
      {name('sharingType', type)}
    </span>
  )
}

/** How far it is open to the public. */
export function OpenTag({ type }: { type: string | null | undefined }) {
  const { name } = useCodes()
  if (!type) return null
  const level = levels[type] ?? 'none'
  return (
    <span className="tag">
      <AccessDot level={level} />
      {name('openType', type)}
    </span>
  )
}

/** The grade; core and important data stand out. */
export function GradeTag({ grade }: { grade: string | null | undefined }) {
  const { name } = useCodes()
  if (!grade) return null
  const colour = grade === 'core' ? 'danger' : grade === 'important' ? 'caution' : ''
  return <span className={`tag ${colour}`}>{name('grade', grade)}</span>
}

/** Drafts and retired entries say so; published ones are the rule and stay quiet unless asked. */
export function StateTag({ state, always = false }: { state: string; always?: boolean }) {
  const { t } = useTranslation()
  if (state === 'published' && !always) return null
  const colour = state === 'published' ? 'ok' : state === 'draft' ? 'accent' : 'caution'
  return <span className={`tag ${colour}`}>{t(`state.${state}`)}</span>
}
