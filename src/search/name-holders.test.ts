import { afterAll, describe, expect, test } from 'vitest'
import { findHolders, findNames } from './name-holders.ts'
import { testDocument, testIndex } from './test-index.ts'

const many = Array.from({ length: 1_200 }, (_, i) =>
  testDocument(100 + i, { bodyId: 1 + (i % 2), itemNames: ['备注'], quality: 900 - (i % 500) }),
)
const index = testIndex(
  [
    testDocument(1, { bodyId: 1, itemNames: ['企业联系电话', '姓名'], quality: 400 }),
    testDocument(2, { bodyId: 1, itemNames: ['姓名'], quality: 900 }),
    testDocument(3, {
      bodyId: 2,
      itemNames: ['姓名', '学生联系电话'],
      quality: 100,
      database: 'base_population',
    }),
    ...many,
  ],
  [testDocument(5000, { bodyId: 3, itemNames: ['联系电话', '姓名'], quality: 500 })],
)
// The first entry is written anew without the name, the second one is gone.
index.add([testDocument(1, { bodyId: 1, itemNames: ['企业联系电话'] })], [2])
afterAll(() => index.close())

describe('names', () => {
  test('those that are it, with their live holders over all segments', () => {
    const [found] = findNames(index.index, [{ exact: ['姓名', '没有'], within: '', most: 5 }])
    expect(found).toEqual([{ text: '姓名', name: '姓名', entries: 2 }])
  })
  test('those that contain all words, each once', () => {
    const [found] = findNames(index.index, [{ exact: ['联系电话'], within: '联系电话', most: 5 }])
    expect(found!.map((n) => n.name)).toEqual(['联系电话', '企业联系电话', '学生联系电话'])
  })
  test('no more than asked for, those held most', () => {
    const [found] = findNames(index.index, [{ exact: [], within: '联系电话', most: 1 }])
    expect(found).toHaveLength(1)
  })
  test('none for words that nothing has, and for no words at all', () => {
    expect(
      findNames(index.index, [
        { exact: [], within: '火星', most: 5 },
        { exact: [], within: '？', most: 5 },
      ]),
    ).toEqual([[], []])
  })
})

describe('holders', () => {
  test('the best entry of each body, a base database before a better description; what is gone is not shown', () => {
    const [found] = findHolders(index.index, [{ names: ['姓名'], databases: ['base_population'], most: 5 }])
    expect(found).toEqual({ ids: [3, 5000], bodies: 2, exact: true })
  })
  test('several names are one item', () => {
    const [found] = findHolders(index.index, [
      { names: ['联系电话', '学生联系电话'], databases: [], most: 1 },
    ])
    expect(found).toEqual({ ids: [5000], bodies: 2, exact: true })
  })
  test('of very many holders the best are found, and it says that not all were seen', () => {
    const [found] = findHolders(index.index, [{ names: ['备注'], databases: [], most: 5 }])
    expect(found).toMatchObject({ bodies: 2, exact: false })
    expect(found!.ids).toEqual([100, 101])
  })
})
