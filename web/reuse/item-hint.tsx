import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Item } from '../catalog/api.ts'
import { useEditorContext } from '../catalog/editor-context.tsx'
import { useFormats } from '../platform/format.ts'
import { Drawer } from '../ui/drawer.tsx'
import { Icon } from '../ui/icons.tsx'
import { useReuse } from './reuse-context.tsx'
import { ReusePanel } from './reuse-panel.tsx'
import './reuse.css'

/** Under the name of an item: that others hold it already, or what was decided; opens who, why and what to do. */
export function ItemHint({ row, item }: { row: number; item: Partial<Item> }) {
  const { t } = useTranslation()
  const format = useFormats()
  const reuse = useReuse()
  const { editor } = useEditorContext()
  const [open, setOpen] = useState(false)
  const hint = reuse?.hintOf(item)
  if (!reuse || !hint || hint.level === 'none') return null
  const decision = reuse.decisionOf(hint.key)
  const named = Boolean(item.body) && item.body !== editor.content.body
  const decided = decision !== undefined || named
  const own = hint.source !== null && hint.source.body.code === editor.content.body
  const best = hint.matches[0]
  const bodies = best?.bodies ?? 0
  const text = decided
    ? t(decision?.decision === 'collect' ? 'reuse.collected' : 'reuse.reused')
    : own
      ? t('reuse.ownHint')
      : t(hint.level === 'same' ? 'reuse.heldBy' : 'reuse.similarAt', {
          count: bodies,
          n: `${format.number(bodies)}${best?.bodiesExact ? '' : '+'}`,
        })
  const name = item.name ?? ''
  return (
    <>
      <button
        type="button"
        className={`reuse-hint ${decided || own ? 'decided' : hint.level}`}
        aria-label={`${name}: ${text}`}
        onClick={() => setOpen(true)}
      >
        <Icon name={decided || own ? 'check' : 'copy'} />
        {text}
      </button>
      <Drawer open={open} title={t('reuse.panelTitle', { name })} onClose={() => setOpen(false)}>
        <ReusePanel row={row} hint={hint} onDone={() => setOpen(false)} />
      </Drawer>
    </>
  )
}
