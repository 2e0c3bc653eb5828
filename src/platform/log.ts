import { type Logger, pino } from 'pino'

export type { Logger }

/** Lines go to standard error. A terminal that was closed takes no more of them; that must not end the process. */
function standardError() {
  const destination = pino.destination({ dest: 2, sync: true })
  destination.on('error', () => {})
  return destination
}

/** Structured log on standard error, one JSON object a line; secrets are cut out by name. */
export function createLogger(level: string, name = 'concord'): Logger {
  return pino(
    {
      name,
      level,
      redact: {
        paths: [
          'password',
          '*.password',
          'token',
          '*.token',
          'secret',
          '*.secret',
          'req.headers.authorization',
          'req.headers.cookie',
        ],
        censor: '[cut]',
      },
    },
    standardError(),
  )
}
