import { expect, test } from 'vitest'
import { ConfigError, loadConfig } from './config.ts'

test('defaults need nothing set', () => {
  const config = loadConfig({})
  expect(config).toMatchObject({
    CONCORD_PORT: 8080,
    CONCORD_HOST: '127.0.0.1',
    CONCORD_PROFILE: 'neutral',
    SEARCH_REPLICAS: 1,
  })
  expect(config.publicUrl).toBe('http://127.0.0.1:8080')
  expect(config.dataDir).toMatch(/\/data$/)
})

test('every fault is told at once, with the name of the variable', () => {
  const wrong = {
    CONCORD_PORT: 'eighty',
    SEARCH_REPLICAS: '0',
    DATABASE_URL: 'mysql://x',
    CONCORD_DEMO: 'perhaps',
    OIDC_ISSUER: 'https://id.example',
  }
  expect(() => loadConfig(wrong)).toThrow(ConfigError)
  const message = (() => {
    try {
      loadConfig(wrong)
    } catch (error) {
      return (error as Error).message
    }
  })()
  for (const name of [...Object.keys(wrong).filter((n) => n !== 'OIDC_ISSUER'), 'OIDC_CLIENT_ID'])
    expect(message).toContain(name)
})

test('empty values count as not set', () => {
  expect(loadConfig({ CONCORD_PORT: '' }).CONCORD_PORT).toBe(8080)
})

test.each([
  ['127.0.0.1', 'http://127.0.0.1:8080'],
  ['::1', 'http://[::1]:8080'],
  ['0.0.0.0', 'http://127.0.0.1:8080'],
  ['::', 'http://[::1]:8080'],
  ['data.example', 'http://data.example:8080'],
])('the address people use, listening at %s', (host, url) => {
  expect(loadConfig({ CONCORD_HOST: host }).publicUrl).toBe(url)
})

test('mail needs a sender, and no fault repeats a password', () => {
  const fault = (env: Record<string, string>) => {
    try {
      loadConfig(env)
    } catch (error) {
      return (error as Error).message
    }
  }
  expect(fault({ SMTP_URL: 'smtp://user:hunter2@mail.example' })).toMatch(/CONCORD_MAIL_FROM: is needed/)
  const wrong = fault({
    SMTP_URL: 'smpt://user:hunter2@mail.example',
    DATABASE_URL: 'mysql://user:hunter3@db.example',
    CONCORD_MAIL_FROM: 'nobody',
  })
  expect(wrong).toMatch(/SMTP_URL: must begin with smtp/)
  expect(wrong).toMatch(/CONCORD_MAIL_FROM: is not a mail address/)
  expect(wrong).toContain('DATABASE_URL')
  expect(wrong).not.toMatch(/hunter/)
  expect(
    loadConfig({ SMTP_URL: 'smtps://mail.example', CONCORD_MAIL_FROM: 'Concord <no@mail.example>' }).SMTP_URL,
  ).toBe('smtps://mail.example')
})
