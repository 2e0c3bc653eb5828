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
