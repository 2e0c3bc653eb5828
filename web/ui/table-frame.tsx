import type { ReactNode } from 'react'

/**
 * A table wider than its place scrolls in here; the frame can be reached and scrolled with the keyboard. A list that
 * could not be read shows its error alone: an empty table beside it would say that there is nothing.
 */
export function TableFrame(props: { label: string; failed?: boolean; children: ReactNode }) {
  if (props.failed) return null
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className="table-wrap" tabIndex={0} aria-label={props.label}>
      {props.children}
    </section>
  )
}
