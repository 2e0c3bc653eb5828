import { DataFactory, type Quad } from 'n3'
import { htmlText } from '../../platform/web.ts'
import type { Catalogue } from './catalogue.ts'
import { describe, textIn } from './graph-node.ts'
import { type OwnTermName, ownNamespace, ownTerm, ownTerms } from './own-terms.ts'
import { dct, owl, rdf, rdfs } from './vocabulary.ts'

const { namedNode } = DataFactory
const names = Object.keys(ownTerms) as OwnTermName[]

const title = { en: 'Terms of government data catalogues', 'zh-CN': '政务数据目录术语' }
const lead = {
  en: 'What this catalogue says of data sets and their information items beyond DCAT: sharing, opening, grading. Terms are added, never changed.',
  'zh-CN': '本目录在 DCAT 之外用于描述数据集及其信息项的术语：共享、开放、分级。术语只增加，不更改。',
}

/** The vocabulary of a node as a graph. */
export function vocabularyQuads({ base }: Catalogue): Quad[] {
  const quads: Quad[] = []
  const scheme = namedNode(`${base}/ns`)
  const texts = (of: Record<string, string>) => Object.entries(of).map(([tag, one]) => textIn(one, tag))
  describe(quads, scheme, owl('Ontology'))
    .add(dct('title'), ...texts(title))
    .add(dct('description'), ...texts(lead))
  for (const name of names)
    describe(quads, ownTerm(base)(name), rdf('Property'))
      .add(rdfs('label'), ...texts(ownTerms[name].label))
      .add(rdfs('comment'), ...texts(ownTerms[name].comment))
      .add(rdfs('isDefinedBy'), scheme)
  return quads
}

/** The vocabulary for people, each term in both languages; it needs no script. */
export function vocabularyPage({ base }: Catalogue): string {
  const rows = names.map((name) => {
    const { label, comment } = ownTerms[name]
    const words = (tag: 'en' | 'zh-CN') =>
      `<dd lang="${tag}"><strong>${htmlText(label[tag])}</strong> ${htmlText(comment[tag])}</dd>`
    return `<div id="${name}"><dt><a href="#${name}"><code>${name}</code></a></dt>${words('zh-CN')}${words('en')}</div>`
  })
  return `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta name="color-scheme" content="light dark" />
<title>${title['zh-CN']} · ${title.en}</title>
<link rel="alternate" type="text/turtle" href="${base}/ns.ttl" />
<link rel="alternate" type="application/ld+json" href="${base}/ns.jsonld" />
<style>
body { max-width: 52rem; margin: 2rem auto; padding: 0 1rem; font: 16px/1.6 system-ui, "PingFang SC", "Microsoft YaHei", sans-serif; }
dl > div { padding: 1rem 0; border-top: 1px solid color-mix(in srgb, currentColor 25%, transparent); }
div:target { background: color-mix(in srgb, currentColor 10%, transparent); }
dd { margin: 0.25rem 0 0; }
code { font-size: 1.05em; overflow-wrap: anywhere; }
a { color: inherit; }
</style>
</head>
<body>
<main>
<h1>${title['zh-CN']}<br /><span lang="en">${title.en}</span></h1>
<p>${lead['zh-CN']}</p>
<p lang="en">${lead.en}</p>
<p><code>${htmlText(ownNamespace(base))}</code> · <a href="/ns.ttl">Turtle</a> · <a href="/ns.jsonld">JSON-LD</a></p>
<dl>
${rows.join('\n')}
</dl>
</main>
</body>
</html>
`
}
