import type { Profile } from '../../platform/profile.ts'

/** What this catalogue is called, and who answers for it. */
export interface Catalogue {
  /** Where people reach this node, without a trailing slash: the beginning of every address. */
  base: string
  profile: Profile
  /** By language (BCP 47). */
  title: Record<string, string>
  description: Record<string, string>
  /** E-mail of whoever answers questions about the catalogue. */
  contact: string
}

/** The catalogue of a node: as its operator calls it, else after the profile's jurisdiction. */
export function describeCatalogue(options: {
  base: string
  profile: Profile
  title?: string
  contact?: string
}): Catalogue {
  const { base, profile, contact } = options
  const { en, 'zh-CN': zh } = profile.name
  const title: Record<string, string> = options.title
    ? { [profile.language]: options.title }
    : {
        ...profile.name,
        ...(en ? { en: `Government data catalogue of ${en}` } : {}),
        ...(zh ? { 'zh-CN': `${zh}政务数据目录` } : {}),
      }
  return {
    base,
    profile,
    title,
    description: {
      en: 'Which data public bodies hold, who provides it, and on what terms it is had.',
      'zh-CN': '各部门持有哪些数据、由谁提供、按什么条件取得。',
    },
    // RFC 2142 names this mailbox for the web service of a host.
    contact: contact ?? `webmaster@${new URL(base).hostname}`,
  }
}

/** The title in the profile's language. */
export const mainTitle = ({ title, profile }: Catalogue): string =>
  title[profile.language] ?? Object.values(title)[0]!
