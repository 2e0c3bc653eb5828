import { ConfigProvider, type ConfigProviderProps, theme } from 'antd'
import enUS from 'antd/locale/en_US.js'
import zhCN from 'antd/locale/zh_CN.js'
import type { ReactNode } from 'react'
import { usePreferences } from '../platform/preferences.ts'

/** The tokens of tokens.css that antd computes with, so both look the same. */
const palettes = {
  light: {
    colorPrimary: '#0f4c5c',
    colorBgBase: '#ffffff',
    colorTextBase: '#14201f',
    colorText: '#14201f',
    colorTextPlaceholder: '#5b6968',
    colorTextDescription: '#5b6968',
    colorBorder: '#aeb9b6',
    colorBorderSecondary: '#dde3e1',
    colorSuccess: '#1b6640',
    colorWarning: '#7d5200',
    colorError: '#a3241b',
    colorLink: '#0f4c5c',
  },
  dark: {
    colorPrimary: '#80c6d6',
    colorBgBase: '#101719',
    colorTextBase: '#e9efee',
    colorText: '#e9efee',
    colorTextPlaceholder: '#97a7a8',
    colorTextDescription: '#97a7a8',
    colorBorder: '#55676d',
    colorBorderSecondary: '#2a373b',
    colorSuccess: '#7fd0a0',
    colorWarning: '#e5b85c',
    colorError: '#f49a90',
    colorLink: '#80c6d6',
  },
}

/** The files are CommonJS to the compiler and modules to the bundler; either way the locale is found. */
const localeOf = <T,>(file: T | { default: T }): T =>
  file !== null && typeof file === 'object' && 'default' in file ? file.default : (file as T)

/** antd in our colours, type and language. Only the workbench loads it. */
export function AntdFrame({ children }: { children: ReactNode }) {
  const { language, theme: choice } = usePreferences()
  return (
    <ConfigProvider
      locale={localeOf<ConfigProviderProps['locale']>(language === 'en' ? enUS : zhCN)}
      theme={{
        algorithm: choice === 'dark' ? theme.darkAlgorithm : theme.defaultAlgorithm,
        token: {
          ...palettes[choice],
          fontFamily: 'var(--sans)',
          fontSize: 14,
          borderRadius: 6,
          motion: !matchMedia('(prefers-reduced-motion: reduce)').matches,
        },
        components: {
          Table: {
            rowSelectedBg: 'var(--accent-soft)',
            rowSelectedHoverBg: 'var(--accent-soft)',
            headerBg: 'transparent',
            headerSplitColor: 'transparent',
            cellPaddingBlockMD: 10,
            cellPaddingInlineMD: 10,
          },
        },
      }}
    >
      {children}
    </ConfigProvider>
  )
}
