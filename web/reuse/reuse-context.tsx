import { useQuery, useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from 'react'
import type { DatasetWithTag } from '../catalog/api.ts'
import { useSession } from '../security/session.ts'
import {
  askSimilar,
  type Decision,
  decide,
  type EntryReuse,
  entryReuseQuery,
  type SimilarItem,
} from './api.ts'

/** Time without typing before it is asked who holds an item (ms): longer than the check of the fields. */
const askAfterMs = 700
/** Items of one question; the editor draws as many rows at once. */
const maxAsked = 50

/** What an item is compared by. */
interface Asked {
  name?: string
  dataType?: string | null
  dataElement?: string | null
}

interface ReuseContext {
  /** What is known of an item of the editor: undefined until it was asked, or where it has no name yet. */
  hintOf: (item: Asked) => SimilarItem | undefined
  /** Which rows a person sees: those are asked about. */
  look: (items: readonly Asked[]) => void
  decisionOf: (key: string) => Decision | undefined
  decide: (key: string, decision: Decision) => Promise<void>
  /** Items of the entry as it is saved that still wait for a decision. */
  undecided: EntryReuse['items']
  required: boolean
}

const Context = createContext<ReuseContext | null>(null)
/** Null for people who may not see who holds an item. */
export const useReuse = (): ReuseContext | null => useContext(Context)

const keyOf = ({ name = '', dataType, dataElement }: Asked) =>
  JSON.stringify([name.trim(), dataType ?? null, dataElement ?? null])

/** Answers about items by what they are compared by; each is asked once. */
function useHints(uid: string | undefined) {
  const [known, setKnown] = useState<ReadonlyMap<string, SimilarItem>>(new Map())
  const [seen, setSeen] = useState<readonly Asked[]>([])
  const wanted = seen.filter((item) => item.name?.trim() && !known.has(keyOf(item))).slice(0, maxAsked)
  const asked = JSON.stringify([...new Set(wanted.map(keyOf))])
  useEffect(() => {
    const keys = JSON.parse(asked) as string[]
    if (keys.length === 0) return
    const controller = new AbortController()
    const timer = setTimeout(async () => {
      const items = keys.map((key) => {
        const [name, dataType, dataElement] = JSON.parse(key) as [string, string | null, string | null]
        return { name: name.slice(0, 500), dataType, dataElement }
      })
      try {
        const answer = await askSimilar(items, uid, controller.signal)
        setKnown((before) => new Map([...before, ...keys.map((key, i) => [key, answer.items[i]!] as const)]))
      } catch {
        // A hint that does not come is no fault of the entry; the next change asks again.
      }
    }, askAfterMs)
    return () => {
      clearTimeout(timer)
      controller.abort()
    }
  }, [asked, uid])
  return { hintOf: (item: Asked) => known.get(keyOf(item)), look: setSeen }
}

/** Decisions of people: those kept with the entry, and those that wait until a new entry is saved. */
function useDecisions(entry: DatasetWithTag | null, may: boolean) {
  const client = useQueryClient()
  const [mine, setMine] = useState<ReadonlyMap<string, Decision>>(new Map())
  const waiting = useRef<Map<string, Decision>>(new Map())
  const uid = entry?.uid
  const { data } = useQuery({
    ...entryReuseQuery(uid ?? '', entry?.version ?? 0),
    enabled: may && uid !== undefined,
  })
  const send = async (to: string, decisions: Map<string, Decision>) => {
    await decide(to, [...decisions.values()])
    await client.invalidateQueries({ queryKey: ['reuse', to] })
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: sent once, when the entry gets its address
  useEffect(() => {
    if (!uid || waiting.current.size === 0) return
    const decisions = waiting.current
    waiting.current = new Map()
    send(uid, decisions).catch(() => {
      waiting.current = decisions
    })
  }, [uid])
  return {
    data,
    mine,
    decide: async (key: string, decision: Decision) => {
      if (uid) await send(uid, new Map([[key, decision]]))
      else waiting.current.set(key, decision)
      setMine((before) => new Map([...before, [key, decision]]))
    },
  }
}

const toDecision = (d: EntryReuse['decisions'][number]): Decision =>
  d.decision === 'collect'
    ? { item: d.item, decision: 'collect', reason: d.reason ?? '' }
    : {
        item: d.item,
        decision: 'reuse',
        source: { body: d.source?.body.code ?? '', uid: d.source?.uid, item: d.source?.item },
      }

/** Who holds the items of the entry under work, and what is decided about them. */
export function ReuseProvider(props: { entry: DatasetWithTag | null; children: ReactNode }) {
  const { may } = useSession()
  const allowed = may('reuse:read')
  const { hintOf, look } = useHints(props.entry?.uid)
  const { data, mine, decide: keep } = useDecisions(props.entry, allowed)
  const kept = new Map((data?.decisions ?? []).map((d) => [d.key, toDecision(d)]))
  const value: ReuseContext = {
    hintOf,
    look,
    decisionOf: (key) => mine.get(key) ?? kept.get(key),
    decide: keep,
    undecided: (data?.items ?? []).filter((item) => !item.decided && !mine.has(item.key)),
    required: data?.required ?? false,
  }
  return <Context.Provider value={allowed ? value : null}>{props.children}</Context.Provider>
}
