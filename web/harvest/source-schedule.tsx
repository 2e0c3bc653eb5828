import { useTranslation } from 'react-i18next'

const firstTime = '03:00'
const weekdays = [1, 2, 3, 4, 5, 6, 7]

const everies = ['manual', 'hourly', 'daily', 'weekly'] as const

/** `weekly 1 03:00` in three boxes. @param props.mayFollow the source says when it has something new */
export function ScheduleField(props: {
  value: string
  mayFollow: boolean
  onChange: (value: string) => void
}) {
  const { t, i18n } = useTranslation()
  const [every = 'manual', ...rest] = props.value.split(' ')
  const time = rest.at(-1) ?? firstTime
  const day = every === 'weekly' ? (rest[0] ?? '1') : '1'
  const write = (next: { every?: string; day?: string; time?: string }) => {
    const to = { every, day, time, ...next }
    if (to.every === 'daily') props.onChange(`daily ${to.time}`)
    else if (to.every === 'weekly') props.onChange(`weekly ${to.day} ${to.time}`)
    else props.onChange(to.every)
  }
  // 2024-01-01 was a Monday.
  const weekday = (n: number) =>
    new Intl.DateTimeFormat(i18n.language, { weekday: 'long', timeZone: 'UTC' }).format(Date.UTC(2024, 0, n))
  return (
    <div className="form-field">
      <label htmlFor="source-every">{t('source.field.schedule')}</label>
      <div className="toolbar">
        <select
          id="source-every"
          className="field"
          value={every}
          onChange={(event) => write({ every: event.target.value })}
        >
          {(props.mayFollow ? ([...everies, 'continuous'] as const) : everies).map((one) => (
            <option key={one} value={one}>
              {t(`source.every.${one}`)}
            </option>
          ))}
        </select>
        {every === 'weekly' && (
          <select
            className="field"
            aria-label={t('source.weekday')}
            value={day}
            onChange={(event) => write({ day: event.target.value })}
          >
            {weekdays.map((n) => (
              <option key={n} value={n}>
                {weekday(n)}
              </option>
            ))}
          </select>
        )}
        {(every === 'daily' || every === 'weekly') && (
          <input
            className="field"
            type="time"
            required
            aria-label={t('source.time')}
            value={time}
            onChange={(event) => event.target.value && write({ time: event.target.value })}
          />
        )}
      </div>
    </div>
  )
}
