import { useQuery } from '@tanstack/react-query'
import { call } from './client.ts'
import { useLabel } from './content-language.ts'

/** One code of a list of the jurisdiction profile. */
export interface ProfileCode {
  code: string
  nationalCode?: string
  parent?: string
  label: Record<string, string>
  note?: Record<string, string>
}

interface ExtensionField {
  name: string
  label: Record<string, string>
  type: 'string' | 'number' | 'boolean' | 'date' | 'code'
  codeList?: string
  maxLength?: number
  required?: boolean
}

/** The profile as the pages need it (the whole is described in src/platform/profile.ts). */
export interface Profile {
  id: string
  version: string
  name: Record<string, string>
  language: string
  codeLists: Record<string, { label: Record<string, string>; entries: ProfileCode[] }>
  extensionFields: ExtensionField[]
  /** Where the territories stand on a map made of tiles. */
  regionTiles: { code: string; short: Record<string, string>; column: number; row: number }[]
}

export const profileQuery = {
  queryKey: ['profile'],
  queryFn: ({ signal }: { signal: AbortSignal }) => call<Profile>('/profile', { signal }),
  staleTime: Number.POSITIVE_INFINITY,
}

export type ListName =
  | 'tier'
  | 'sharingType'
  | 'openType'
  | 'sharingCondition'
  | 'updateCycle'
  | 'formatCategory'
  | 'dataType'
  | 'grade'
  | 'shareMethod'
  | 'classification'
  | 'theme'
  | 'database'
  | 'role'

export interface CodeNames {
  profile: Profile | undefined
  /** The label of a code in the language of the pages; the code itself until the profile is there. */
  name: (list: ListName, code: string | null | undefined) => string
  entries: (list: ListName) => ProfileCode[]
  /** Options for a form field, label and value. */
  options: (list: ListName) => { value: string; label: string }[]
}

export function useCodes(): CodeNames {
  const { data: profile } = useQuery(profileQuery)
  const label = useLabel()
  const entries = (list: ListName) => profile?.codeLists[list]?.entries ?? []
  return {
    profile,
    entries,
    name: (list, code) => {
      if (!code) return ''
      return label(entries(list).find((entry) => entry.code === code)?.label, code)
    },
    options: (list) => entries(list).map((e) => ({ value: e.code, label: label(e.label, e.code) })),
  }
}
