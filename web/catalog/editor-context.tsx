import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from 'react'
import { call, type Fault } from '../platform/client.ts'
import { type Draft, type Editor, withoutEmpty } from './editor-state.ts'

/** Time without typing before the server is asked (ms). */
const askAfterMs = 450

interface EditorContext {
  editor: Editor
  /** Every fault the server found in the present content. */
  faults: readonly Fault[]
  /** Faults to show at a field: those of its place, once a person has been there or has tried to save. */
  faultsAt: (pointer: string, deep?: boolean) => readonly Fault[]
  touch: (pointer: string) => void
}

const Context = createContext<EditorContext | null>(null)

export function useEditorContext(): EditorContext {
  const context = useContext(Context)
  if (!context) throw new Error('A field stands outside an editor.')
  return context
}

/** Asks the server for every fault while a person types; an answer that came too late is dropped. */
export function useFaults(content: Draft, uid: string | undefined): readonly Fault[] {
  const [faults, setFaults] = useState<readonly Fault[]>([])
  const controller = useRef<AbortController | null>(null)
  useEffect(() => {
    const timer = setTimeout(async () => {
      controller.current?.abort()
      controller.current = new AbortController()
      try {
        const answer = await call<{ faults: Fault[] }>('/datasets/validate', {
          method: 'POST',
          body: { content: withoutEmpty(content), uid },
          signal: controller.current.signal,
        })
        setFaults(answer.faults)
      } catch {
        // Checking is a help while writing; saving checks again and says what failed.
      }
    }, askAfterMs)
    return () => clearTimeout(timer)
  }, [content, uid])
  return faults
}

export function EditorProvider(props: {
  editor: Editor
  faults: readonly Fault[]
  showAll: boolean
  children: ReactNode
}) {
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set())
  const { editor, faults, showAll } = props
  return (
    <Context.Provider
      value={{
        editor,
        faults,
        faultsAt: (pointer, deep = false) =>
          showAll || touched.has(pointer)
            ? faults.filter(
                (fault) => fault.path === pointer || (deep && fault.path.startsWith(`${pointer}/`)),
              )
            : [],
        touch: (pointer) => {
          if (!touched.has(pointer)) setTouched(new Set([...touched, pointer]))
        },
      }}
    >
      {props.children}
    </Context.Provider>
  )
}
