/** A DCAT catalogue in Turtle for tests, and how it is served. */

export const prefixes = `@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix hydra: <http://www.w3.org/ns/hydra/core#> .
`
export const dataset = (
  n: number,
) => `<https://data.example/d/${n}> a dcat:Dataset ; dct:title "Data ${n}"@en ; dct:identifier "${n}" ;
  dct:publisher [ a foaf:Agent ; foaf:name "Office" ] ;
  dcat:distribution [ a dcat:Distribution ; dcat:accessURL <https://data.example/f/${n}.csv> ; dct:title "CSV" ] .
`
export const catalogue = (numbers: number[], more = '') =>
  `${prefixes}<https://data.example/> a dcat:Catalog ; dct:title "All" ${numbers.map((n) => `; dcat:dataset <https://data.example/d/${n}>`).join(' ')} .
${numbers.map(dataset).join('')}${more}`

export function send(type: string, text: string) {
  return (_url: URL, _request: unknown, response: { setHeader(name: string, value: string): void }) => {
    response.setHeader('content-type', type)
    return text
  }
}
