import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { App } from './http.ts'
import { childRestarts } from './supervise.ts'

/** One registry a process; every capability adds its own measures with `concord_` names and base units. */
export const metrics = new Registry()

export const counter = (name: string, help: string, labelNames: string[] = []) =>
  new Counter({ name, help, labelNames, registers: [metrics] })

/** A value read when the metrics are asked for. */
export const gauge = (name: string, help: string, read: () => number | Promise<number>) =>
  new Gauge({
    name,
    help,
    registers: [metrics],
    async collect() {
      this.set(await read())
    },
  })

new Gauge({
  name: 'concord_child_restarts',
  help: 'How often a child process was started again after a crash.',
  labelNames: ['child'],
  registers: [metrics],
  collect() {
    this.reset()
    for (const { name, restarts } of childRestarts()) this.inc({ child: name }, restarts)
  },
})

const requestSeconds = new Histogram({
  name: 'concord_http_request_seconds',
  help: 'Time to answer a request, by route, method and status.',
  labelNames: ['route', 'method', 'status'],
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
  registers: [metrics],
})

let started = false

/** Measures and logs every request of `app`; the route's pattern, never the address, is the label. */
export function observeRequests(app: App): void {
  if (!started) collectDefaultMetrics({ register: metrics, prefix: 'concord_process_' })
  started = true
  app.addHook('onResponse', async (request, reply) => {
    const seconds = reply.elapsedTime / 1000
    const route = request.routeOptions.url ?? 'none'
    requestSeconds.observe({ route, method: request.method, status: String(reply.statusCode) }, seconds)
    const level = reply.statusCode >= 500 ? 'error' : 'debug'
    request.log[level](
      { method: request.method, route, status: reply.statusCode, ms: Math.round(reply.elapsedTime) },
      'request',
    )
  })
}
