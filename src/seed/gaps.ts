import type { DatasetContent } from '../catalog/dataset.schema.ts'
import type { PlannedEntry } from './plan.ts'
import { hashText } from './random.ts'

/** What local bodies leave out now and then; a catalogue in which nothing is missing teaches nobody what to do. */
const gaps: readonly ((c: DatasetContent) => Partial<DatasetContent>)[] = [
  () => ({ distributions: undefined, services: undefined }),
  () => ({ keyword: undefined }),
  () => ({ spatial: undefined }),
  () => ({ temporalStart: undefined, temporalEnd: undefined }),
  () => ({ contact: undefined }),
  () => ({ modified: undefined }),
  (c) => ({ distributions: c.distributions?.map(({ license: _, byteSize: __, ...rest }) => rest) }),
  (c) => ({ distributions: c.distributions?.map(({ mediaType: _, downloadUrl: __, ...rest }) => rest) }),
]

/** Of 100 entries of the most careless body, those in which a thing is missing; the most careful leave out nothing. */
const mostCareless = 38

/** The entry as its body really filled it in. Central bodies are careful: the story is told with their entries. */
export function withGaps({ body, sourceId }: PlannedEntry, content: DatasetContent): DatasetContent {
  if (body.tier === 'nation') return content
  const careless = hashText(`care ${body.code}`) % mostCareless
  const left = { ...content }
  for (const [i, gap] of gaps.entries())
    if (hashText(`gap ${i} ${sourceId}`) % 100 < careless) Object.assign(left, gap(left))
  return left
}
