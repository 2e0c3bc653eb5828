import { describe, expect, it } from 'vitest'
import {
  isNoticeKind,
  type NoticeKind,
  noticeKinds,
  noticeLanguage,
  noticeText,
  paramsOf,
} from './kind.schema.ts'

const kinds = Object.keys(noticeKinds) as NoticeKind[]

describe('texts of notices', () => {
  it.each(kinds)('%s says the same in both languages', (kind) => {
    const { en, 'zh-CN': zh } = noticeKinds[kind]
    const holes = (text: string) => (text.match(/\{[^}]*\}/g) ?? []).sort()
    expect(holes(en.title + en.body)).toEqual(holes(zh.title + zh.body))
    expect(zh.title).toMatch(/\p{Script=Han}/u)
    expect(en.title).not.toMatch(/\p{Script=Han}|\n/u)
    // What is in braces is a hole that is filled.
    expect(
      holes(en.title + en.body)
        .map((h) => h.replace(/[{}]|:\w+/g, ''))
        .sort(),
    ).toEqual(expect.arrayContaining(paramsOf(kind).sort()))
    expect(`${en.title}${en.body}`.replace(/\{\w+(:date|:time)?\}/g, '')).not.toMatch(/[{}]/)
  })

  it('fills in texts, numbers and nothing', () => {
    const params = { file: '{added} & <b>', added: 12_345, changed: null, rejected: 0, unchanged: 1 }
    expect(noticeText({ kind: 'import.done', params }, { language: 'en' })).toEqual({
      title: 'Import finished: {added} & <b>',
      body: 'Added 12,345, changed –, rejected 0, unchanged 1.',
    })
    expect(noticeText({ kind: 'import.done', params }, { language: 'zh-CN' }).title).toBe(
      '导入完成：{added} & <b>',
    )
  })

  it('shows a kind of a newer version by its name', () => {
    expect(isNoticeKind('toString')).toBe(false)
    expect(noticeText({ kind: 'future.thing', params: {} }, { language: 'en' }).title).toBe('future.thing')
  })

  it('writes Chinese to any Chinese, English to everybody else', () => {
    expect(['zh', 'zh-CN', 'zh-Hant-TW', 'en', 'fr', 'zha', null].map(noticeLanguage)).toEqual([
      'zh-CN',
      'zh-CN',
      'zh-CN',
      'en',
      'en',
      'en',
      'en',
    ])
  })
})
