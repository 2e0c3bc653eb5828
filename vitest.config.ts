import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{src,test,web,bench}/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two files at a time: the machine the project is built for has two cores, and each file has its own database.
    maxWorkers: 2,
    pool: 'forks',
    // On a shared build machine a browser or a child process may be late once; the run shows that it was tried again.
    retry: process.env.CI ? 1 : 0,
  },
})
