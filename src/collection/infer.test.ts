import { expect, test } from 'vitest'
import { inferColumns, nameColumns } from './infer.ts'

const reading = (...values: string[]) => {
  const [column] = inferColumns(
    ['x'],
    values.map((v) => [v]),
  )
  return column!.format === undefined ? column!.datatype : `${column!.datatype} ${column!.format}`
}

test.each([
  ['integer', ['1', '-20', '', '0', '+3']],
  ['decimal', ['1', '2.50', '-0.1']],
  ['decimal ,.', ['1,234.50', '12', '1,000,000']],
  ['decimal .,', ['1.234,50', '12,1']],
  ['double', ['1e5', '2.5']],
  ['boolean yes|no', ['Yes', 'no', '']],
  ['boolean 是|否', ['是', '否']],
  ['date yyyy-MM-dd', ['2024-02-29', '1999-12-31']],
  ['date yyyyMMdd', ['20240229', '19991231']],
  ['date dd/MM/yyyy', ['01/02/2024', '31/12/2023']],
  ['date MM/dd/yyyy', ['01/02/2024', '12/31/2023']],
  ['date yyyy年M月d日', ['2024年2月9日']],
  ['datetime', ['2024-01-01T10:00:00Z', '2024-01-01 10:00']],
  // Codes, identifiers, phones: nobody adds them up.
  ['string', ['007', '123']],
  ['string', ['13800138000']],
  ['string', ['11010519491231002X']],
  ['string', ['110105194912310021']],
  // Two kinds in one column are text, and so is a day that does not exist.
  ['string', ['1,234.5', '1.234,5']],
  ['string', ['2024-01-01', '01/02/2024']],
  ['string', ['2024-02-30']],
  ['string', ['1', 'n/a']],
  ['string', ['', '']],
])('%s: %j', (expected, values) => {
  expect(reading(...values)).toBe(expected)
})

test('columns get names for queries, each once', () => {
  expect(nameColumns(['Name', 'name', ' 车站 名称 ', '2024', '', 'a-b (c)', 'ＡＢ'])).toEqual([
    'name',
    'name_2',
    '车站_名称',
    'c_2024',
    'column_5',
    'a_b_c',
    'ab',
  ])
})
