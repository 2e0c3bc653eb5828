import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../platform/format.ts'
import { needTexts } from '../platform/i18n.ts'
import { datasetReviewsQuery } from './api.ts'

/** Who agreed, at which stage and when, to what a version made public: a review of one version is the next one. */
export function ApprovedBy({ uid, version }: { uid: string; version: number }) {
  const { t, i18n } = useTranslation()
  const format = useFormats()
  const { data } = useQuery(datasetReviewsQuery(uid))
  // A page of the portal: the texts of the workbench are fetched for those who see this.
  useEffect(() => {
    void needTexts('work')
  }, [])
  const review = data?.reviews.find((one) => one.state === 'approved' && one.version + 1 === version)
  if (!review || !i18n.exists('review.agreedBy')) return null
  const agreed = review.opinions.filter((one) => one.step === 'agree' && one.version === review.version)
  const people = agreed.map((one) =>
    t('review.personAt', {
      who: one.by,
      stage: t(`review.stage.${one.stage}`),
      when: format.date(one.at),
    }),
  )
  return (
    <p className="small">
      {t('review.agreedBy', { who: people.join(t('work.listSeparator')) })}{' '}
      <Link to="/work/reviews/$uid" params={{ uid: review.uid }}>
        {t('review.seeReview')}
      </Link>
    </p>
  )
}
