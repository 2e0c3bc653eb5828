import { type NavigateOptions, useRouter } from '@tanstack/react-router'
import type { MouseEvent, ReactNode } from 'react'

/**
 * A link within one page's tabs. It says itself whether it is the present one: the router would take every tab
 * of the page for current, because they share the path.
 */
export function TabLink(props: { to: NavigateOptions; current: boolean; children: ReactNode }) {
  const router = useRouter()
  const follow = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0) return
    event.preventDefault()
    void router.navigate({ ...props.to, resetScroll: false })
  }
  return (
    <a
      href={router.buildLocation(props.to).href}
      aria-current={props.current ? 'page' : undefined}
      onClick={follow}
    >
      {props.children}
    </a>
  )
}
