import { type ReactNode, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon } from './icons.tsx'

/** A panel over the page, from the side or in the middle. The native dialog keeps focus inside and gives it back. */
export function Drawer(props: {
  open: boolean
  title: string
  kind?: 'drawer' | 'dialog'
  onClose: () => void
  children: ReactNode
}) {
  const { t } = useTranslation()
  const ref = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const dialog = ref.current
    if (props.open && !dialog?.open) dialog?.showModal()
    if (!props.open && dialog?.open) dialog.close()
  }, [props.open])
  return (
    <dialog ref={ref} className={props.kind ?? 'drawer'} aria-label={props.title} onClose={props.onClose}>
      <div className="drawer-head">
        <h2>{props.title}</h2>
        <button type="button" className="button quiet" onClick={props.onClose} aria-label={t('close')}>
          <Icon name="close" />
        </button>
      </div>
      {props.open && props.children}
    </dialog>
  )
}
