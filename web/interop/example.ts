/** The same call in the languages that data offices and analysts work in. */
export const codeLanguages = ['curl', 'python', 'r', 'javascript'] as const
export type CodeLanguage = (typeof codeLanguages)[number]
export const codeLanguageNames: Record<CodeLanguage, string> = {
  curl: 'curl',
  python: 'Python',
  r: 'R',
  javascript: 'JavaScript',
}

/** Source text by language; each runs as it stands with what comes with the language, R with jsonlite. */
export type Example = Record<CodeLanguage, string>

/** Asks for JSON and shows a part of it, written as a path of members: `count`, `hits.0.title`. */
export function jsonExample(url: string, part: string): Example {
  const path = part.split('.')
  const isPlace = (member: string) => /^\d+$/.test(member)
  const python = path.map((m) => (isPlace(m) ? `[${m}]` : `["${m}"]`)).join('')
  const javascript = path.map((m) => (isPlace(m) ? `[${m}]` : `.${m}`)).join('')
  const r = path.map((m) => (isPlace(m) ? `[[${Number(m) + 1}]]` : `$${m}`)).join('')
  return {
    curl: `curl -sSf '${url}'`,
    python: `import json, urllib.request

with urllib.request.urlopen("${url}") as answer:
    data = json.load(answer)
print(data${python})`,
    r: `library(jsonlite)

data <- fromJSON("${url}", simplifyVector = FALSE)
print(data${r})`,
    javascript: `const answer = await fetch('${url}')
const data = await answer.json()
console.log(data${javascript})`,
  }
}

/** Asks for a text in a form of several, or in the only one. */
export function textExample(url: string, form?: string): Example {
  return {
    curl: form ? `curl -sSf -H 'Accept: ${form}' '${url}'` : `curl -sSf '${url}'`,
    python: form
      ? `import urllib.request

request = urllib.request.Request("${url}", headers={"Accept": "${form}"})
with urllib.request.urlopen(request) as answer:
    print(answer.read().decode())`
      : `import urllib.request

with urllib.request.urlopen("${url}") as answer:
    print(answer.read().decode())`,
    r: form
      ? `from <- url("${url}", headers = c(Accept = "${form}"))
cat(readLines(from, encoding = "UTF-8"), sep = "\\n")
close(from)`
      : `cat(readLines("${url}", encoding = "UTF-8"), sep = "\\n")`,
    javascript: form
      ? `const answer = await fetch('${url}', { headers: { accept: '${form}' } })
console.log(await answer.text())`
      : `const answer = await fetch('${url}')
console.log(await answer.text())`,
  }
}
