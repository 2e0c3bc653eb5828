import Type from 'typebox'
import { ConcordError } from './errors.ts'
import { type App, problems } from './http.ts'
import { metrics } from './metrics.ts'

/** A part of the node that must work before it takes requests. */
export interface ReadinessCheck {
  name: string
  /** Resolves when well; rejects with the reason when not. */
  check(): Promise<unknown>
}

/** A check that has not answered by then counts as failed (ms). */
const checkTimeoutMs = 2_000

const Readiness = Type.Object({
  ready: Type.Boolean(),
  checks: Type.Record(Type.String(), Type.Enum(['ok', 'down'], { description: 'The cause is in the log.' })),
})

type State = 'ok' | 'down'

async function runCheck({ name, check }: ReadinessCheck, told: Told): Promise<[string, State]> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${checkTimeoutMs} ms`)), checkTimeoutMs)
  })
  try {
    await Promise.race([check(), late])
    told(name)
    return [name, 'ok']
  } catch (error) {
    // Anybody may ask, so the words of the fault are for the log alone.
    told(name, (error as Error).message)
    return [name, 'down']
  } finally {
    clearTimeout(timer)
  }
}

/** Takes note of a check: its fault, or that it has none. */
type Told = (name: string, fault?: string) => void

/** Logs a fault when it comes and when it goes, however often is asked. */
function changes(log: App['log']): Told {
  const faults = new Map<string, string>()
  return (name, fault) => {
    if (faults.get(name) === fault) return
    if (fault === undefined) faults.delete(name)
    else faults.set(name, fault)
    log.warn(
      { check: name, fault: fault ?? null },
      fault === undefined ? `${name} is well again` : `${name} is down`,
    )
  }
}

/** `/healthz` (the process answers), `/readyz` (all it needs answers), `/metrics` (Prometheus text), the OpenAPI document. */
export function operationsRoutes(app: App, checks: ReadinessCheck[]): void {
  const told = changes(app.log)
  app.get(
    '/healthz',
    {
      config: { action: 'public:read' },
      schema: {
        tags: ['operations'],
        operationId: 'getHealth',
        summary: 'The process answers',
        response: { 200: Type.Object({ ok: Type.Boolean() }), ...problems },
      },
    },
    async () => ({ ok: true }),
  )
  app.get(
    '/readyz',
    {
      config: { action: 'public:read' },
      schema: {
        tags: ['operations'],
        operationId: 'getReadiness',
        summary: 'All it needs answers',
        response: { 200: Readiness, 503: Readiness, ...problems },
      },
    },
    async (_request, reply) => {
      const results = await Promise.all(checks.map((check) => runCheck(check, told)))
      const ready = results.every(([, state]) => state === 'ok')
      reply.code(ready ? 200 : 503)
      return { ready, checks: Object.fromEntries(results) }
    },
  )
  app.get(
    '/metrics',
    {
      config: { action: 'metrics:read' },
      schema: {
        tags: ['operations'],
        operationId: 'getMetrics',
        summary: 'Measures in Prometheus text form',
        produces: ['text/plain'],
        response: { 200: Type.String(), ...problems },
      },
    },
    async (_request, reply) => {
      reply.type(metrics.contentType)
      return metrics.metrics()
    },
  )
  app.get(
    '/api/openapi.json',
    {
      config: { action: 'public:read' },
      schema: { hide: true },
    },
    async () => {
      try {
        return app.swagger()
      } catch (error) {
        throw new ConcordError('unavailable', 'The description of the interface is not ready yet.', {
          cause: error,
        })
      }
    },
  )
}
