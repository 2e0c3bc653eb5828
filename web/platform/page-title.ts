import { useEffect } from 'react'

/** Names the page in the tab and for screen readers: `Title · Concord`. */
export function usePageTitle(title: string | undefined): void {
  useEffect(() => {
    if (title) document.title = title === 'Concord' ? title : `${title} · Concord`
  }, [title])
}
