export { demoLogins } from './demo-people.ts'
export { defaultSeed, runSeed, seedList } from './scenario.ts'
