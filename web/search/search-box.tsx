import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import {
  type FormEvent,
  type KeyboardEvent,
  useDeferredValue,
  useEffect,
  useId,
  useRef,
  useState,
} from 'react'
import { useTranslation } from 'react-i18next'
import type { Suggestion } from '../../src/search/search.schema.ts'
import { useForeignLanguage } from '../platform/content-language.ts'
import { useFormats } from '../platform/format.ts'
import { Highlight } from '../ui/highlight.tsx'
import { Icon, type IconName } from '../ui/icons.tsx'
import { suggestQuery } from './api.ts'
import type { SearchState } from './names.ts'
import './search-box.css'

const kindIcons: Record<Suggestion['kind'], IconName> = {
  title: 'file',
  item: 'table',
  body: 'body',
  theme: 'tag',
}
/** Letters typed within this time are one question (ms). */
const typingPauseMs = 90
/** The server's limit of a suggestion query. */
const maxSuggestLength = 100

function usePaused(value: string): string {
  const [paused, setPaused] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setPaused(value), typingPauseMs)
    return () => clearTimeout(timer)
  }, [value])
  return useDeferredValue(paused)
}

/**
 * The one search box: a combobox after the ARIA pattern (list, manual selection). Enter searches; an arrow key
 * walks the suggestions, which lead straight to the entry, body, theme or item.
 */
export function SearchBox({
  size,
  initial = '',
  keep,
  autoFocus = false,
}: {
  size: 'hero' | 'large' | 'small'
  initial?: string
  /** State of the results page to keep when only the words change. */
  keep?: SearchState
  autoFocus?: boolean
}) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const format = useFormats()
  const foreign = useForeignLanguage()
  const listId = useId()
  const input = useRef<HTMLInputElement>(null)
  const [text, setText] = useState(initial)
  const [open, setOpen] = useState(false)
  const [active, setActive] = useState(-1)
  useEffect(() => setText(initial), [initial])
  const asked = usePaused(text.trim()).slice(0, maxSuggestLength)
  const { data } = useQuery({ ...suggestQuery(asked), enabled: open && asked !== '' })
  const suggestions = open && asked !== '' ? (data?.suggestions ?? []) : []
  const shown = suggestions.length > 0

  const close = () => {
    setOpen(false)
    setActive(-1)
  }
  const search = (q: string, view = keep?.view) => {
    close()
    input.current?.blur()
    void navigate({ to: '/search', search: { ...keep, page: undefined, q: q || undefined, view } })
  }
  const choose = (suggestion: Suggestion) => {
    const { kind, target } = suggestion
    close()
    if (kind === 'title' && target)
      void navigate({ to: '/dataset/$uid', params: { uid: target }, search: {} })
    else if (kind === 'body' && target) void navigate({ to: '/body/$code', params: { code: target } })
    else if (kind === 'theme' && target) void navigate({ to: '/theme/$code', params: { code: target } })
    else {
      setText(suggestion.text)
      search(suggestion.text, kind === 'item' ? 'items' : undefined)
    }
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const chosen = suggestions[active]
    if (chosen) choose(chosen)
    else search(text.trim())
  }
  const onKey = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Escape') {
      if (shown) event.preventDefault()
      close()
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      setOpen(true)
      const step = event.key === 'ArrowDown' ? 1 : -1
      const places = suggestions.length + 1
      setActive(((active + 1 + step + places) % places) - 1)
    }
  }

  return (
    // biome-ignore lint/a11y/useSemanticElements: a <search> element would not be known to all readers yet
    <form className={`search-box ${size}`} role="search" onSubmit={submit}>
      <Icon name="search" />
      <input
        ref={input}
        type="text"
        role="combobox"
        enterKeyHint="search"
        autoComplete="off"
        spellCheck={false}
        // biome-ignore lint/a11y/noAutofocus: only the home page asks for it, where searching is the first thing to do
        autoFocus={autoFocus}
        aria-label={t('search.box')}
        aria-autocomplete="list"
        aria-expanded={shown}
        aria-controls={listId}
        aria-activedescendant={active >= 0 && shown ? `${listId}-${active}` : undefined}
        placeholder={size === 'small' ? t('search.boxShort') : t('search.placeholder')}
        maxLength={500}
        value={text}
        onChange={(event) => {
          setText(event.target.value)
          setOpen(true)
          setActive(-1)
        }}
        onKeyDown={onKey}
        onBlur={close}
      />
      {text && (
        <button
          type="button"
          className="search-clear"
          aria-label={t('search.clear')}
          onClick={() => {
            setText('')
            input.current?.focus()
          }}
        >
          <Icon name="close" />
        </button>
      )}
      {size !== 'small' && (
        <button type="submit" className="button primary">
          {t('search.go')}
        </button>
      )}
      <div
        id={listId}
        role="listbox"
        aria-label={t('search.suggestions')}
        className="suggestions"
        hidden={!shown}
      >
        {suggestions.map((suggestion, i) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are handled on the input, as the pattern says
          // biome-ignore lint/a11y/useFocusableInteractive: focus stays in the input
          <div
            key={`${suggestion.kind}${suggestion.target ?? ''}${suggestion.text}`}
            id={`${listId}-${i}`}
            role="option"
            aria-selected={i === active}
            className="suggestion"
            onMouseDown={(event) => event.preventDefault()}
            onMouseEnter={() => setActive(i)}
            onClick={() => choose(suggestion)}
          >
            <Icon name={kindIcons[suggestion.kind]} />
            <span className="suggestion-text" lang={foreign(suggestion.text)}>
              <Highlight text={suggestion.text} ranges={suggestion.highlight} />
            </span>
            <span className="suggestion-kind">
              {t(`search.kind.${suggestion.kind}`)}
              {suggestion.count !== null && ` · ${format.number(suggestion.count)}`}
            </span>
          </div>
        ))}
      </div>
    </form>
  )
}
