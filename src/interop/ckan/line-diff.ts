/** Lines of each side compared at most; a longer text is told as replaced from there on. */
const maxLines = 2_000
/** Unchanged lines shown around a change. */
const context = 3

/** The difference of two texts in the unified form of `diff -u`, by their longest common run of lines. */
export function unifiedDiff(before: string[], after: string[]): string {
  const steps = stepsOf(before, after)
  const near = new Set<number>()
  for (const [i, { kind }] of steps.entries())
    if (kind !== ' ') for (let k = Math.max(0, i - context); k <= i + context; k++) near.add(k)
  const out = ['---', '+++']
  let [a, b] = [1, 1]
  for (const [i, { kind, line }] of steps.entries()) {
    if (near.has(i)) {
      if (!near.has(i - 1)) out.push(`@@ -${a} +${b} @@`)
      out.push(kind + line)
    }
    if (kind !== '+') a++
    if (kind !== '-') b++
  }
  return out.length === 2 ? '' : out.join('\n')
}

interface Step {
  kind: ' ' | '-' | '+'
  line: string
}

function stepsOf(before: string[], after: string[]): Step[] {
  const [x, y] = [before.slice(0, maxLines), after.slice(0, maxLines)]
  const width = y.length + 1
  const common = new Uint16Array((x.length + 1) * width)
  for (let i = x.length - 1; i >= 0; i--)
    for (let j = y.length - 1; j >= 0; j--)
      common[i * width + j] =
        x[i] === y[j]
          ? common[(i + 1) * width + j + 1]! + 1
          : Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!)
  const steps: Step[] = []
  let [i, j] = [0, 0]
  while (i < x.length || j < y.length) {
    if (i < x.length && j < y.length && x[i] === y[j]) {
      steps.push({ kind: ' ', line: x[i++]! })
      j++
    } else if (j === y.length || (i < x.length && common[(i + 1) * width + j]! >= common[i * width + j + 1]!))
      steps.push({ kind: '-', line: x[i++]! })
    else steps.push({ kind: '+', line: y[j++]! })
  }
  for (const line of before.slice(maxLines)) steps.push({ kind: '-', line })
  for (const line of after.slice(maxLines)) steps.push({ kind: '+', line })
  return steps
}
