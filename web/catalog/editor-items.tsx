import { type ClipboardEvent, type KeyboardEvent, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../platform/format.ts'
import { type ListName, useCodes } from '../platform/profile.ts'
import { ItemHint } from '../reuse/item-hint.tsx'
import { useReuse } from '../reuse/reuse-context.tsx'
import { Icon } from '../ui/icons.tsx'
import { Pager } from '../ui/pager.tsx'
import type { Item } from './api.ts'
import { useEditorContext } from './editor-context.tsx'
import { Faults, fieldId } from './editor-field.tsx'
import { parseCells, readCode, readYes } from './spreadsheet.ts'

/** Rows drawn at once: a table of 2,000 items has ten thousand inputs otherwise. */
const pageRows = 50

type Kind = 'text' | 'number' | 'code' | 'yes'
interface Column {
  name: keyof Item & string
  kind: Kind
  list?: ListName
  width: number
}

/** In the order in which stewards' own lists have them, so that a paste fits. */
const columns: Column[] = [
  { name: 'name', kind: 'text', width: 190 },
  { name: 'description', kind: 'text', width: 220 },
  { name: 'dataType', kind: 'code', list: 'dataType', width: 130 },
  { name: 'length', kind: 'number', width: 84 },
  { name: 'precision', kind: 'number', width: 84 },
  { name: 'isKey', kind: 'yes', width: 56 },
  { name: 'personal', kind: 'yes', width: 84 },
  { name: 'grade', kind: 'code', list: 'grade', width: 130 },
  { name: 'sharingType', kind: 'code', list: 'sharingType', width: 150 },
  { name: 'sharingCondition', kind: 'code', list: 'sharingCondition', width: 170 },
  { name: 'refusalBasis', kind: 'text', width: 180 },
  { name: 'openType', kind: 'code', list: 'openType', width: 140 },
  { name: 'openCondition', kind: 'text', width: 180 },
  { name: 'updateCycle', kind: 'code', list: 'updateCycle', width: 120 },
  { name: 'body', kind: 'text', width: 130 },
  { name: 'sourceItem', kind: 'text', width: 130 },
  { name: 'code', kind: 'text', width: 90 },
  { name: 'dataElement', kind: 'text', width: 130 },
  { name: 'dateFormat', kind: 'text', width: 110 },
  { name: 'shareMethod', kind: 'code', list: 'shareMethod', width: 150 },
  { name: 'requiredInExchange', kind: 'yes', width: 84 },
  { name: 'secret', kind: 'yes', width: 56 },
  { name: 'boundColumn', kind: 'text', width: 150 },
  { name: 'boundType', kind: 'text', width: 110 },
]

function Cell(props: { row: number; column: Column; onPaste: (event: ClipboardEvent) => void }) {
  const { t } = useTranslation()
  const { editor, faultsAt, touch } = useEditorContext()
  const { options } = useCodes()
  const { column, row } = props
  const at = `/items/${row}/${column.name}`
  const value = editor.get(at)
  const invalid = faultsAt(at).length > 0 || undefined
  const shared = {
    id: fieldId(at),
    'aria-label': t('editor.cell', { column: t(`content.${column.name}`), n: row + 1 }),
    'aria-invalid': invalid,
    onBlur: () => touch(at),
    onPaste: props.onPaste,
  }
  if (column.kind === 'yes')
    return (
      <input
        type="checkbox"
        {...shared}
        checked={value === true}
        onChange={(event) => editor.set(at, event.target.checked || undefined)}
      />
    )
  if (column.kind === 'code' && column.list)
    return (
      <select
        className="cell"
        {...shared}
        value={typeof value === 'string' ? value : ''}
        onChange={(event) => editor.set(at, event.target.value || undefined)}
      >
        <option value="">{t('editor.asEntry')}</option>
        {options(column.list).map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    )
  return (
    <input
      className="cell"
      type={column.kind === 'number' ? 'number' : 'text'}
      {...shared}
      value={value === undefined || value === null ? '' : String(value)}
      onChange={(event) => {
        const text = event.target.value
        editor.set(at, text === '' ? undefined : column.kind === 'number' ? Number(text) : text)
      }}
    />
  )
}

/** The grid of information items: typed, moved through with Enter, or pasted whole from a spreadsheet. */
export function ItemsSection() {
  const { t } = useTranslation()
  const format = useFormats()
  const { editor, faultsAt, faults } = useEditorContext()
  const { entries } = useCodes()
  const [page, setPage] = useState(1)
  const items = (editor.content.items ?? []) as Partial<Item>[]
  const first = (page - 1) * pageRows
  const look = useReuse()?.look
  const written = editor.content.items
  useEffect(() => look?.((written ?? []).slice(first, first + pageRows)), [look, written, first])
  const write = (next: Partial<Item>[]) => editor.set('/items', next.length > 0 ? next : undefined)
  const focusCell = (row: number, column: string) =>
    requestAnimationFrame(() => document.getElementById(fieldId(`/items/${row}/${column}`))?.focus())

  const readCell = (column: Column, text: string): unknown => {
    if (text.trim() === '') return undefined
    if (column.kind === 'yes') return readYes(text) || undefined
    if (column.kind === 'number') return Number.isFinite(Number(text)) ? Number(text) : undefined
    return column.list ? readCode(entries(column.list), text) : text.trim()
  }
  const paste = (row: number, at: number) => (event: ClipboardEvent) => {
    const text = event.clipboardData.getData('text/plain')
    if (!/[\t\n]/.test(text.trimEnd())) return
    event.preventDefault()
    const next = [...items]
    parseCells(text).forEach((cells, down) => {
      const filled: Record<string, unknown> = { ...next[row + down] }
      cells.forEach((cell, across) => {
        const column = columns[at + across]
        if (column) filled[column.name] = readCell(column, cell)
      })
      next[row + down] = filled as Partial<Item>
    })
    write(next)
  }
  const addRow = (column = 'name') => {
    write([...items, { name: '' }])
    setPage(Math.floor(items.length / pageRows) + 1)
    focusCell(items.length, column)
  }
  const onKey = (row: number, column: string) => (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.nativeEvent.isComposing) return
    event.preventDefault()
    if (event.shiftKey) focusCell(row - 1, column)
    else if (row === items.length - 1) addRow(column)
    else focusCell(row + 1, column)
  }
  const elsewhere = faults.filter((fault) => fault.path === '/items')

  return (
    <div className="items-editor">
      <p className="muted small">{t('editor.itemsHint')}</p>
      <Faults faults={elsewhere} id="items-faults" />
      {items.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        <section className="table-wrap items-grid" tabIndex={0} aria-label={t('editor.grid')}>
          <table>
            <thead>
              <tr>
                <th scope="col">#</th>
                {columns.map((column) => (
                  <th scope="col" key={column.name} style={{ minWidth: column.width }}>
                    {t(`content.${column.name}`)}
                  </th>
                ))}
                <th scope="col">
                  <span className="visually-hidden">{t('work.actions')}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {items.slice(first, first + pageRows).map((_, i) => {
                const row = first + i
                const wrong = faultsAt(`/items/${row}`, true)
                const shown = columns.flatMap((column) => faultsAt(`/items/${row}/${column.name}`))
                return (
                  <tr key={row} className={wrong.length + shown.length > 0 ? 'wrong' : undefined}>
                    <th scope="row" className="num" id={fieldId(`/items/${row}`)}>
                      {row + 1}
                    </th>
                    {columns.map((column, at) => (
                      <td key={column.name} onKeyDown={onKey(row, column.name)}>
                        <Cell row={row} column={column} onPaste={paste(row, at)} />
                        {column.name === 'name' && items[row] && <ItemHint row={row} item={items[row]} />}
                        <Faults
                          faults={faultsAt(`/items/${row}/${column.name}`)}
                          id={`${fieldId(`/items/${row}/${column.name}`)}-faults`}
                        />
                      </td>
                    ))}
                    <td>
                      <button
                        type="button"
                        className="button quiet small"
                        aria-label={t('editor.removeRow', { n: row + 1 })}
                        onClick={() => write(items.filter((_item, at) => at !== row))}
                      >
                        <Icon name="trash" />
                      </button>
                    </td>
                  </tr>
                )
              })}
            </tbody>
          </table>
        </section>
      )}
      <div className="toolbar">
        <button type="button" className="button" onClick={() => addRow()}>
          <Icon name="plus" />
          {t('editor.addItem')}
        </button>
        <span className="muted small num">
          {t('count.items', { count: items.length, n: format.number(items.length) })}
        </span>
      </div>
      <Pager page={page} pages={Math.ceil(items.length / pageRows)} onPage={setPage} />
    </div>
  )
}
