/** A text of the catalogue; `lang` where it is in another language than the page, so that it is read out rightly. */
export function Words({ text, lang }: { text: string; lang?: string }) {
  return lang ? <span lang={lang}>{text}</span> : text
}
