import type { TableProps } from 'antd'

/** A sort as it stands in the address: the key of a column, with `-` in front where the last comes first. */
type Compare<T> = (a: T, b: T) => number

export interface TableSort<T> {
  /** Members of a column that can be sorted. */
  by: (key: string, compare: Compare<T>) => { sorter?: Compare<T>; sortOrder?: 'ascend' | 'descend' | null }
  onChange: TableProps<T>['onChange']
}

/**
 * Sorting in the browser, only of a list that is all here: sorting one page of many would show the first of fifty
 * as the first of all. The columns offer it as soon as the last page is read.
 */
export function tableSort<T>(
  sort: string | undefined,
  isWhole: boolean,
  onSort: (sort: string | undefined) => void,
): TableSort<T> {
  return {
    by: (key, compare) =>
      isWhole
        ? { sorter: compare, sortOrder: sort === key ? 'ascend' : sort === `-${key}` ? 'descend' : null }
        : {},
    onChange: (_pages, _filters, sorter, { action }) => {
      if (action !== 'sort') return
      const one = Array.isArray(sorter) ? sorter[0] : sorter
      const key = String(one?.columnKey ?? '')
      onSort(one?.order ? (one.order === 'descend' ? `-${key}` : key) : undefined)
    },
  }
}
