import { type Logger, pino } from 'pino'

export type { Logger }

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
    pino.destination({ dest: 2, sync: true }),
  )
}
