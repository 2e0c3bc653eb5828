import { useCallback, useEffect, useRef, useState } from 'react'
import { forgetDeviceDraft, keepDeviceDraft, readDeviceDraft } from '../platform/device-drafts.ts'
import type { DatasetContent } from './api.ts'

/** Content while it is being written: anything may still be missing. */
export type Draft = Partial<DatasetContent>

/** Steps that can be undone. */
const maxUndo = 200
/** Typing in one field within this time is one step (ms). */
const sameStepMs = 1_200
/** Work is kept on the device this long after the last key (ms). */
const keepAfterMs = 800

export const splitPointer = (pointer: string): string[] => pointer.split('/').slice(1)

export function getAt(value: unknown, pointer: string): unknown {
  let at: unknown = value
  for (const key of splitPointer(pointer)) {
    if (at === null || typeof at !== 'object') return undefined
    at = (at as Record<string, unknown>)[key]
  }
  return at
}

function setIn(value: unknown, keys: readonly string[], next: unknown): unknown {
  const [key, ...rest] = keys
  if (key === undefined) return next
  const isIndex = /^\d+$/.test(key)
  if (Array.isArray(value) || (value === undefined && isIndex)) {
    const list = [...((value as unknown[] | undefined) ?? [])]
    list[Number(key)] = setIn(list[Number(key)], rest, next)
    return list
  }
  const object = { ...((value ?? {}) as Record<string, unknown>) }
  const inner = setIn(object[key], rest, next)
  if (inner === undefined) delete object[key]
  else object[key] = inner
  return object
}

/** A copy of the content with one place changed; undefined takes the member away. */
export const setAt = (content: Draft, pointer: string, value: unknown): Draft =>
  setIn(content, splitPointer(pointer), value) as Draft

/** What the server gets: no empty texts, lists or objects, so that "not filled in" has one form only. */
export function withoutEmpty(content: Draft): Draft {
  const clean = (value: unknown): unknown => {
    if (value === '' || value === null) return undefined
    if (Array.isArray(value)) {
      // Rows keep their place, so that faults point at the right one; empty words go.
      const list = value.map((one) => (typeof one === 'object' ? (clean(one) ?? {}) : clean(one)))
      const filled = list.filter((one) => one !== undefined)
      return filled.length > 0 ? filled : undefined
    }
    if (typeof value === 'object') {
      const entries = Object.entries(value as Record<string, unknown>)
        .map(([key, one]) => [key, clean(one)] as const)
        .filter(([, one]) => one !== undefined)
      return entries.length > 0 ? Object.fromEntries(entries) : undefined
    }
    return value
  }
  return (clean(content) ?? {}) as Draft
}

interface Kept {
  content: Draft
  etag: string | null
  at: string
}

export interface Editor {
  content: Draft
  /** The version the work is based on, to be sent as If-Match. */
  etag: string | null
  dirty: boolean
  canUndo: boolean
  /** When work found on this device was last touched; null where none was found. */
  restoredAt: string | null
  get: (pointer: string) => unknown
  set: (pointer: string, value: unknown) => void
  undo: () => void
  /** Takes over what the server has now, e.g. after saving. */
  reset: (content: Draft, etag: string | null) => void
  /** Keeps the work but bases it on another version. */
  rebase: (etag: string | null) => void
}

/** Whose work it is, and on which entry; a new entry has no uid yet. */
export interface DraftPlace {
  person: string
  entry: string
}

/** The content under work with undo, and a copy on this device, for this person only, until it is saved. */
export function useEditor(
  { person, entry }: DraftPlace,
  original: Draft,
  originalTag: string | null,
): Editor {
  const [kept] = useState(() => readDeviceDraft<Kept>(person, entry))
  const [content, setContent] = useState<Draft>(kept?.content ?? original)
  const [etag, setEtag] = useState(kept ? kept.etag : originalTag)
  const [saved, setSaved] = useState<Draft>(original)
  const [past, setPast] = useState<readonly Draft[]>([])
  const [restoredAt, setRestoredAt] = useState(kept?.at ?? null)
  const last = useRef({ pointer: '', at: 0 })
  const dirty = content !== saved

  useEffect(() => {
    if (!dirty) return
    const timer = setTimeout(() => {
      const at = new Date().toISOString()
      keepDeviceDraft(person, entry, { content, etag, at } satisfies Kept)
    }, keepAfterMs)
    return () => clearTimeout(timer)
  }, [person, entry, content, etag, dirty])

  const set = useCallback((pointer: string, value: unknown) => {
    setContent((before) => {
      const now = Date.now()
      if (last.current.pointer !== pointer || now - last.current.at > sameStepMs)
        setPast((steps) => [...steps.slice(-maxUndo), before])
      last.current = { pointer, at: now }
      return setAt(before, pointer, value)
    })
  }, [])

  return {
    content,
    etag,
    dirty,
    canUndo: past.length > 0,
    restoredAt,
    get: (pointer) => getAt(content, pointer),
    set,
    undo: () => {
      const before = past.at(-1)
      if (!before) return
      setPast(past.slice(0, -1))
      setContent(before)
      last.current = { pointer: '', at: 0 }
    },
    reset: (next, tag) => {
      setContent(next)
      setSaved(next)
      setEtag(tag)
      setPast([])
      setRestoredAt(null)
      forgetDeviceDraft(person, entry)
    },
    rebase: setEtag,
  }
}
