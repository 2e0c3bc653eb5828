export { demoLogins } from './demo-people.ts'
export { defaultSeed, demoIsOpen, runSeed, seedList, seedState } from './scenario.ts'
