import { Link } from '@tanstack/react-router'
import { useContent } from '../platform/content-language.ts'
import { Words } from '../ui/words.tsx'
import type { Review } from './api.ts'
import { DueTag, ReviewStateTag } from './tags.tsx'

/** The head of the queue, in short. */
export function WaitingReviews({ reviews }: { reviews: Review[] }) {
  const content = useContent()
  return (
    <ul className="task-list">
      {reviews.map((review) => (
        <li key={review.uid}>
          <Link to="/work/reviews/$uid" params={{ uid: review.uid }}>
            <Words {...content(review.title, null, 'title', review.language)} />
          </Link>
          <span className="muted small">
            <Words {...content(review.body.name, review.body.translations, 'name')} /> · {review.submittedBy}{' '}
            · <ReviewStateTag state={review.state} /> <DueTag review={review} />
          </span>
        </li>
      ))}
    </ul>
  )
}
