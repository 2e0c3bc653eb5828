import Type, { type Static } from 'typebox'

/** How well a rule is supported: by official text, by secondary sources, not at all, or our own design. */
export const Evidence = Type.Enum(['verified', 'secondary', 'unverified', 'design'])
export type Evidence = Static<typeof Evidence>
