import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import helmet from '@fastify/helmet'
import swagger from '@fastify/swagger'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify'
import Type from 'typebox'
import { ConcordError, type ErrorCode, errorCodes, type Fault } from './errors.ts'
import type { Logger } from './log.ts'
import { isConnectionLost } from './postgres.ts'

/** Bytes of a JSON body. A whole entry with 2,000 items is about 1 MB; bulk goes through streamed routes. */
export const bodyLimit = 4 * 1024 * 1024
/** A connection on which nothing moves for this long is closed (ms). */
const idleTimeoutMs = 120_000
/** A request must have arrived whole by then (ms): an upload of a large catalogue over a slow line takes its time. */
const requestTimeoutMs = 3_600_000

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The policy action this route needs, e.g. `dataset:read`. A route without one is refused at start. */
    action?: string
    /** Asked for by pages on a clock, not by a person: it does not keep a session alive. */
    background?: boolean
    /** What it answers is public: pages of other sites may read it, without the cookies of this one. */
    anyOrigin?: boolean
  }
}

export type App = FastifyInstance<
  import('node:http').Server,
  import('node:http').IncomingMessage,
  import('node:http').ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

/** RFC 9457 problem details, plus our stable code, the request id and every fault at once. */
export const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.Enum(Object.keys(errorCodes) as ErrorCode[]),
    detail: Type.String(),
    requestId: Type.String(),
    faults: Type.Optional(
      Type.Array(
        Type.Object({
          path: Type.String(),
          rule: Type.String(),
          message: Type.String(),
          remedy: Type.Optional(Type.String()),
        }),
      ),
    ),
  },
  { $id: 'Problem', additionalProperties: true },
)

/** The answers any route may give besides its own; spread it into a route's `response`. */
export const problems = { '4xx': Type.Ref('Problem'), '5xx': Type.Ref('Problem') } as const

const frameworkCodes: Record<string, ErrorCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_REQ_FILE_TOO_LARGE: 'too_large',
  FST_ERR_MAX_PARAM_LENGTH: 'not_found',
  FST_ERR_BAD_URL: 'invalid_request',
}

/** What the reader of multipart bodies says, without a code, of one that breaks off or is none. */
const brokenUpload = /^(Unexpected end of (multipart data|form)|Malformed part header|\w+ terminated early)/

function toFaults(error: FastifyError): Fault[] {
  return (error.validation ?? []).map((v) => ({
    path: `${error.validationContext ?? 'body'}${v.instancePath}${v.keyword === 'required' ? `/${(v.params as { missingProperty?: string }).missingProperty}` : ''}`,
    rule: v.keyword ?? 'schema',
    message: v.message ?? 'is not valid',
  }))
}

function toConcordError(error: FastifyError | ConcordError): ConcordError {
  if (error instanceof ConcordError) return error
  if (error.validation)
    return new ConcordError('invalid_request', 'The request does not fit the form of this route.', {
      faults: toFaults(error),
    })
  const code = frameworkCodes[error.code]
  if (code) return new ConcordError(code, error.message)
  if (brokenUpload.test(error.message) || error.code === 'ERR_STREAM_PREMATURE_CLOSE')
    return new ConcordError('invalid_request', 'The upload broke off before its end. Send it again, whole.')
  if (error.statusCode === 429) return new ConcordError('too_many_requests', error.message)
  if (error.statusCode && error.statusCode >= 400 && error.statusCode < 500)
    return new ConcordError('invalid_request', error.message)
  if (isConnectionLost(error))
    return new ConcordError('unavailable', 'The database does not answer at the moment.', {
      more: { retryAfter: 2 },
      cause: error,
    })
  return new ConcordError('internal', 'Something failed on our side. It is logged under the request id.', {
    cause: error,
  })
}

/** Sends any error as problem JSON; what is not the caller's fault is logged whole and told in one neutral sentence. */
export function sendProblem(
  error: FastifyError | ConcordError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const problem = toConcordError(error)
  if (problem.status >= 500) request.log.error({ err: problem.cause ?? problem }, 'request failed')
  const retryAfter = problem.more.retryAfter
  if (typeof retryAfter === 'number') reply.header('retry-after', Math.ceil(retryAfter))
  return reply
    .code(problem.status)
    .type('application/problem+json; charset=utf-8')
    .serializer((body: unknown) => JSON.stringify(body))
    .send({
      type: `/errors#${problem.code}`,
      title: errorCodes[problem.code][1],
      status: problem.status,
      code: problem.code,
      detail: problem.message,
      requestId: request.id,
      ...(problem.faults.length > 0 ? { faults: problem.faults } : {}),
      ...problem.more,
    })
}

/** What was wrong with a request that no handler saw, because it is not HTTP or came too slowly. */
const brokenRequests: Record<string, [code: ErrorCode, detail: string]> = {
  HPE_HEADER_OVERFLOW: ['too_large', 'The header of the request is too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['invalid_request', 'The request did not come whole in time.'],
}

function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const [code, detail] = brokenRequests[error.code ?? ''] ?? [
    'invalid_request' as const,
    'This is not an HTTP request.',
  ]
  const [status, title] = errorCodes[code]
  const body = JSON.stringify({
    type: `/errors#${code}`,
    title,
    status,
    code,
    detail,
    requestId: randomUUID(),
  })
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/problem+json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}

/** A request id from outside is kept when it is harmless, so that a trace can span systems. */
const requestIdPattern = /^[A-Za-z0-9._-]{8,64}$/

/** An empty HTTP application with our conventions: typed schemas, problem JSON, request ids, security headers, OpenAPI. */
export async function createHttp(options: {
  log: Logger
  version: string
  /** Addresses whose X-Forwarded-For is believed. */
  trustProxy?: string
  /** Answers an address that no route has with a page, where it is one. */
  page?: (request: FastifyRequest, reply: FastifyReply) => FastifyReply | undefined
}): Promise<App> {
  const app = Fastify({
    loggerInstance: options.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit,
    requestTimeout: requestTimeoutMs,
    connectionTimeout: idleTimeoutMs,
    trustProxy: options.trustProxy ?? false,
    genReqId: (raw) => {
      const given = raw.headers['x-request-id']
      return typeof given === 'string' && requestIdPattern.test(given) ? given : randomUUID()
    },
    ajv: {
      // Not strict: a default inside a choice (a mapping of an import) says what the program fills in, not the validator.
      customOptions: {
        strict: false,
        allErrors: true,
        coerceTypes: 'array',
        removeAdditional: false,
        useDefaults: true,
      },
    },
    routerOptions: { maxParamLength: 300 },
    frameworkErrors: (error, request, reply) => void sendProblem(error, request, reply),
    clientErrorHandler: answerBrokenRequest,
  }).withTypeProvider<TypeBoxTypeProvider>() as App

  app.addSchema(Problem)
  app.setErrorHandler((error, request, reply) => sendProblem(error as FastifyError, request, reply))
  app.setNotFoundHandler(
    (request, reply) =>
      options.page?.(request, reply) ??
      sendProblem(
        new ConcordError('not_found', `Nothing answers at ${request.method} ${request.url.split('?')[0]}.`),
        request,
        reply,
      ),
  )
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
  })
  app.addHook('onRoute', (route) => {
    // The pages of the OpenAPI reader come from a plugin that knows nothing of our actions.
    if (route.url.startsWith('/api/docs')) route.config = { ...route.config, action: 'public:read' }
    if (!route.config?.action) {
      throw new Error(
        `Route ${route.method} ${route.url} declares no action; say config: { action: 'noun:verb' }.`,
      )
    }
  })
  await app.register(helmet, {
    contentSecurityPolicy: {
      directives: {
        defaultSrc: ["'self'"],
        // antd writes its styles at run time.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        scriptSrc: ["'self'"],
        objectSrc: ["'none'"],
        frameAncestors: ["'none'"],
        upgradeInsecureRequests: null,
      },
    },
    crossOriginEmbedderPolicy: false,
  })
  // After helmet, which keeps pages of other sites out.
  app.addHook('onRequest', async (request, reply) => {
    if (!request.routeOptions.config.anyOrigin) return
    reply
      .header('access-control-allow-origin', '*')
      .header('access-control-expose-headers', 'etag, last-modified, link, retry-after, x-request-id')
      .header('cross-origin-resource-policy', 'cross-origin')
  })
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Concord',
        version: options.version,
        description: 'Catalogue, search and import of a government data platform.',
      },
      components: {
        securitySchemes: {
          token: {
            type: 'http',
            scheme: 'bearer',
            description: 'An API token, made in the workbench under My tokens.',
          },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: 'concord_session',
            description: 'The cookie of a person who signed in (POST /api/v1/session).',
          },
          csrf: {
            type: 'apiKey',
            in: 'header',
            name: 'X-CSRF-Token',
            description: 'With the cookie, for every change: `csrfToken` of GET /api/v1/session.',
          },
        },
      },
    },
    refResolver: { buildLocalReference: (json, _base, _fragment, i) => String(json.$id ?? `def-${i}`) },
  })
  return app
}
