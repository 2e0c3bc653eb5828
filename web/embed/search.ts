/**
 * `<concord-search>`: the search of a Concord catalogue on any page. One file without dependencies, in a shadow tree, so
 * that neither page disturbs the other.
 *
 *   <script type="module" src="https://NODE/embed/search.js"></script>
 *   <concord-search body="CODE" theme="CODE" language="en" limit="5"></concord-search>
 *
 * Attributes: `node` (address of the catalogue; where this file comes from), `body` and `theme` (codes that narrow the
 * search, several with commas between), `language` (`en`, `zh-CN`; that of the page), `limit` (1 to 20), `query`.
 * Colours and letters follow the custom properties `--concord-accent`, `-on-accent`, `-ink`, `-muted`, `-background`, `-line`,
 * `-font` and `-radius`.
 */
const texts = {
  en: {
    label: 'Search public data',
    button: 'Search',
    waiting: 'Searching …',
    none: 'Nothing found. Try fewer or other words.',
    failed: 'The catalogue does not answer at the moment. Try again in a little while.',
    busy: 'Too many searches at once. Wait a minute and try again.',
    found: (total: string) => (total === '1' ? '1 entry found' : `${total} entries found`),
    all: 'Show all in the catalogue',
  },
  'zh-CN': {
    label: '搜索公共数据',
    button: '搜索',
    waiting: '正在搜索……',
    none: '没有找到，请减少或更换词语。',
    failed: '目录暂时没有响应，请稍后再试。',
    busy: '搜索过于频繁，请一分钟后再试。',
    found: (total: string) => `找到 ${total} 条`,
    all: '在目录中查看全部',
  },
} as const
type Language = keyof typeof texts

/** Pause after a key before it is searched (ms): nobody waits, and no word is searched letter by letter. */
const pauseMs = 350
const defaultLimit = 5
const maxLimit = 20
/** Characters that the search takes. */
const maxQuery = 500

const styles = `
:host { display: block; color: var(--concord-ink, #14201f); background: var(--concord-background, transparent);
  font: 16px/1.5 var(--concord-font, system-ui, "PingFang SC", "Microsoft YaHei", sans-serif); }
form { display: flex; flex-wrap: wrap; gap: 8px; align-items: end; }
label { flex: 1 1 240px; font-weight: 600; }
input { box-sizing: border-box; display: block; width: 100%; margin-top: 4px; padding: 9px 12px; font: inherit; font-weight: 400;
  color: inherit; background: transparent; border: 1px solid var(--concord-muted, #5b6968); border-radius: var(--concord-radius, 6px); }
button { padding: 10px 18px; font: inherit; font-weight: 600; border: 0; border-radius: var(--concord-radius, 6px); cursor: pointer;
  color: var(--concord-on-accent, #fff); background: var(--concord-accent, #0f4c5c); }
:focus-visible { outline: 3px solid var(--concord-accent, #0f4c5c); outline-offset: 2px; }
p { margin: 12px 0 0; color: var(--concord-muted, #5b6968); }
ol { list-style: none; margin: 4px 0 0; padding: 0; }
li { padding: 12px 0; border-bottom: 1px solid var(--concord-line, #dde3e1); }
a { color: var(--concord-accent, #0f4c5c); font-weight: 600; overflow-wrap: anywhere; }
li span { display: block; color: var(--concord-muted, #5b6968); font-size: 14px; }
`

interface Words {
  title?: string
  name?: string
}
interface Hit {
  uid: string
  title: string
  language: string
  translations: Record<string, Words>
  body: { name: string; translations: Record<string, Words> }
}
interface Answer {
  total: number
  hits: Hit[]
}

const own = new URL(import.meta.url).origin

function make<K extends keyof HTMLElementTagNameMap>(
  name: K,
  props: Partial<HTMLElementTagNameMap[K]> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = Object.assign(document.createElement(name), props)
  element.append(...children)
  return element
}

class ConcordSearch extends HTMLElement {
  static observedAttributes = ['node', 'body', 'theme', 'language', 'limit', 'query']
  #root = this.attachShadow({ mode: 'open' })
  #input = make('input', { type: 'search', maxLength: maxQuery, autocomplete: 'off' })
  #status = make('p', { role: 'status' })
  #list = make('ol')
  #more = make('p', { hidden: true })
  #timer: ReturnType<typeof setTimeout> | undefined
  #asked: AbortController | undefined

  connectedCallback(): void {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(styles)
    this.#root.adoptedStyleSheets = [sheet]
    this.#input.value = this.getAttribute('query') ?? ''
    this.#draw()
    if (this.#input.value) void this.#search()
  }

  disconnectedCallback(): void {
    clearTimeout(this.#timer)
    this.#asked?.abort()
  }

  attributeChangedCallback(name: string, before: string | null, value: string | null): void {
    if (!this.isConnected || before === value) return
    if (name === 'query') this.#input.value = value ?? ''
    this.#draw()
    if (this.#input.value) void this.#search()
  }

  get #language(): Language {
    const asked =
      this.getAttribute('language') ?? this.closest('[lang]')?.getAttribute('lang') ?? navigator.language
    return asked.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en'
  }

  get #node(): string {
    return (this.getAttribute('node') || own).replace(/\/+$/, '')
  }

  #draw(): void {
    const words = texts[this.#language]
    const form = make(
      'form',
      { role: 'search', ariaLabel: words.label },
      make('label', {}, words.label, this.#input),
      make('button', {}, words.button),
    )
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      void this.#search()
    })
    this.#input.oninput = () => {
      clearTimeout(this.#timer)
      this.#timer = setTimeout(() => void this.#search(), pauseMs)
    }
    this.#root.replaceChildren(form, this.#status, this.#list, this.#more)
    for (const part of [form, this.#status, this.#more]) part.lang = this.#language
  }

  #question(): URLSearchParams {
    const query = new URLSearchParams({ q: this.#input.value.trim() })
    for (const name of ['body', 'theme'])
      for (const code of (this.getAttribute(name) ?? '').split(','))
        if (code.trim()) query.append(name, code.trim())
    return query
  }

  async #search(): Promise<void> {
    clearTimeout(this.#timer)
    this.#asked?.abort()
    const words = texts[this.#language]
    const query = this.#question()
    if (!query.get('q')) return this.#show('', [], 0)
    const asked = new AbortController()
    this.#asked = asked
    this.#status.textContent = words.waiting
    const limit = Math.min(maxLimit, Math.max(1, Number(this.getAttribute('limit')) || defaultLimit))
    try {
      const answer = await fetch(`${this.#node}/api/v1/search?${query}&limit=${limit}&facets=false`, {
        signal: asked.signal,
        credentials: 'omit',
      })
      if (!answer.ok) return this.#show(answer.status === 429 ? words.busy : words.failed, [], 0)
      const { hits, total } = (await answer.json()) as Answer
      const number = new Intl.NumberFormat(this.#language).format(total)
      this.#show(total === 0 ? words.none : words.found(number), hits, total)
    } catch {
      // A newer question has its own answer.
      if (!asked.signal.aborted) this.#show(words.failed, [], 0)
    }
  }

  #show(status: string, hits: Hit[], total: number): void {
    this.#status.textContent = status
    this.#list.replaceChildren(...hits.map((hit) => this.#row(hit)))
    this.#more.hidden = total <= hits.length
    const href = `${this.#node}/search?${this.#question()}`
    this.#more.replaceChildren(make('a', { href }, texts[this.#language].all))
  }

  #row(hit: Hit): HTMLLIElement {
    const language = this.#language
    const translated = hit.translations[language]?.title
    const title = make('a', { href: `${this.#node}/dataset/${hit.uid}` }, translated ?? hit.title)
    title.lang = translated ? language : hit.language
    return make('li', {}, title, make('span', {}, hit.body.translations[language]?.name ?? hit.body.name))
  }
}

if (!customElements.get('concord-search')) customElements.define('concord-search', ConcordSearch)
