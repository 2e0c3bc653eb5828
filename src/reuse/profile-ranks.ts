import { codeList, type Profile } from '../platform/profile.ts'

/** Codes of the base databases of a jurisdiction: the data that all bodies rely on. */
export const baseDatabases = (profile: Profile): string[] =>
  [...codeList(profile, 'database').values()]
    .filter((entry) => entry.code === 'base' || entry.parent === 'base')
    .map((entry) => entry.code)

/** Tiers from the highest to the lowest, as the profile lists them. */
export const tiersInOrder = (profile: Profile): string[] => [...codeList(profile, 'tier').keys()]
