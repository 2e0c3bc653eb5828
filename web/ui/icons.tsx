import type { ReactNode } from 'react'

/** Line icons drawn on a 20-unit grid; decorative, so always hidden from screen readers. */
const paths = {
  search: (
    <>
      <circle cx="9" cy="9" r="5.5" />
      <path d="m13.2 13.2 4 4" />
    </>
  ),
  close: <path d="m5 5 10 10M15 5 5 15" />,
  check: <path d="m4 10.5 4 4 8-9" />,
  chevron: <path d="m7 5 5 5-5 5" />,
  down: <path d="m5 7.5 5 5 5-5" />,
  filter: <path d="M3 5h14M6 10h8M8.5 15h3" />,
  download: <path d="M10 3v10m-4-4 4 4 4-4M4 17h12" />,
  upload: <path d="M10 13V3M6 7l4-4 4 4M4 17h12" />,
  copy: <path d="M7 7h9v10H7zM4 13V3h9" />,
  external: <path d="M8 4H4v12h12v-4M11 3h6v6m0-6-8 8" />,
  sun: (
    <>
      <circle cx="10" cy="10" r="3.5" />
      <path d="M10 2v2m0 12v2M2 10h2m12 0h2M4.3 4.3l1.4 1.4m8.6 8.6 1.4 1.4m0-11.4-1.4 1.4m-8.6 8.6-1.4 1.4" />
    </>
  ),
  moon: <path d="M16 12.5A7 7 0 0 1 7.5 4a7 7 0 1 0 8.5 8.5Z" />,
  menu: <path d="M3 5.5h14M3 10h14M3 14.5h14" />,
  user: (
    <>
      <circle cx="10" cy="7" r="3.5" />
      <path d="M3.5 17c1-3.5 3.5-5 6.5-5s5.5 1.5 6.5 5" />
    </>
  ),
  info: (
    <>
      <circle cx="10" cy="10" r="7.5" />
      <path d="M10 9v5m0-8v.4" />
    </>
  ),
  warning: <path d="M10 3 2.5 16.5h15L10 3Zm0 5.5v3.5m0 2.3v.3" />,
  bell: <path d="M5.2 13.5V9a4.8 4.8 0 0 1 9.6 0v4.5l1.7 1.7h-13zM8.4 17.4h3.2M10 2.4v1.4" />,
  body: <path d="M3 17h14M4 8h12L10 3 4 8Zm1.5 0v9M10 8v9m4.5-9v9" />,
  table: <path d="M3 4h14v12H3zM3 8h14M8.5 8v8" />,
  tag: <path d="M3 3h7l7 7-7 7-7-7V3Zm3.5 3.5h.2" />,
  file: <path d="M5 2.5h7l3.5 3.5v11.5H5zM12 2.5V6h3.5" />,
  service: <path d="M6 6 2.5 10 6 14m8-8 3.5 4-3.5 4M11.5 4l-3 12" />,
  clock: (
    <>
      <circle cx="10" cy="10" r="7.5" />
      <path d="M10 5.5V10l3 2" />
    </>
  ),
  key: (
    <>
      <circle cx="6.5" cy="13.5" r="3.5" />
      <path d="M9 11 16.5 3.5M13 7l2.5 2.5" />
    </>
  ),
  plus: <path d="M10 4v12M4 10h12" />,
  trash: <path d="M4 6h12M8 6V3.5h4V6m-6.5 0 .7 11h7.6l.7-11" />,
  undo: <path d="M4 8h8a4 4 0 0 1 0 8H8M4 8l3.5-3.5M4 8l3.5 3.5" />,
  edit: <path d="m3.5 16.5.7-3.5L13.5 3.5l3 3L7 16l-3.5.5Z" />,
  history: <path d="M3.5 10a6.5 6.5 0 1 0 2-4.7L3.5 7m0-4v4h4M10 6.5V10l2.5 2" />,
  shield: <path d="M10 2.5 4 5v5c0 4 3 6.5 6 7.5 3-1 6-3.5 6-7.5V5l-6-2.5Z" />,
  people: (
    <>
      <circle cx="7" cy="7" r="3" />
      <path d="M1.5 16.5c.6-3 2.8-4.5 5.5-4.5s4.9 1.5 5.5 4.5M13 4.3a3 3 0 0 1 0 5.4m2 2.6c2 .6 3.2 2 3.5 4.2" />
    </>
  ),
} satisfies Record<string, ReactNode>

export type IconName = keyof typeof paths

export function Icon({ name }: { name: IconName }) {
  return (
    <svg
      className="icon"
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.7"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {paths[name]}
    </svg>
  )
}

/** A circle that is open, half or closed: unconditional, conditional, not at all. Readable without colour. */
export function AccessDot({ level }: { level: 'full' | 'half' | 'none' }) {
  return (
    <svg className="dot" viewBox="0 0 12 12" aria-hidden="true" focusable="false">
      <circle cx="6" cy="6" r="5" fill="none" stroke="currentColor" strokeWidth="1.6" />
      {level === 'full' && <circle cx="6" cy="6" r="5" fill="currentColor" />}
      {level === 'half' && <path d="M6 1a5 5 0 0 1 0 10Z" fill="currentColor" />}
      {level === 'none' && <path d="m2.5 9.5 7-7" stroke="currentColor" strokeWidth="1.6" />}
    </svg>
  )
}

/** Many arcs, one centre: the mark of the product. */
export function Logo() {
  return (
    <svg className="logo-mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="7" fill="var(--logo-bg)" />
      <g fill="none" stroke="var(--logo-line)" strokeWidth="2.4" strokeLinecap="round">
        <path d="M24.2 9.1A10.6 10.6 0 1 0 24.2 22.9" />
        <path d="M20.5 12.2A5.9 5.9 0 1 0 20.5 19.8" />
      </g>
      <circle cx="16" cy="16" r="2.3" fill="var(--logo-dot)" />
    </svg>
  )
}
