import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../platform/format.ts'
import { ReuseProvider } from '../reuse/reuse-context.tsx'
import { type DatasetReview, datasetReviewsQuery } from '../review/api.ts'
import { ReviewNotice } from '../review/review-notice.tsx'
import { SubmitDialog } from '../review/submit-dialog.tsx'
import { useSession } from '../security/session.ts'
import { ErrorPanel, Notice } from '../ui/status.tsx'
import type { DatasetWithTag } from './api.ts'
import { EditorBar } from './editor-bar.tsx'
import { ConflictDialog } from './editor-conflict.tsx'
import { EditorProvider, useFaults } from './editor-context.tsx'
import { ItemsSection } from './editor-items.tsx'
import { DistributionsSection, RelatedSection, ServicesSection } from './editor-lists.tsx'
import { BasicsSection, ExtensionSection, SharingSection } from './editor-sections.tsx'
import type { Draft } from './editor-state.ts'
import { EditorSteps } from './editor-steps.tsx'
import { EditorSummary } from './editor-summary.tsx'
import { TranslationsSection } from './editor-translations.tsx'
import { type EntryWork, useEntryWork } from './editor-work.ts'
import { useMayWrite } from './own-bodies.ts'
import { StateTag } from './tags.tsx'
import './editor.css'
import './entry.css'
import '../review/review.css'

const sections = [
  ['basics', BasicsSection],
  ['sharing', SharingSection],
  ['items', ItemsSection],
  ['translations', TranslationsSection],
  ['distributions', DistributionsSection],
  ['services', ServicesSection],
  ['related', RelatedSection],
  ['extension', ExtensionSection],
] as const

/** The last review of the entry, where the person may see it. */
function useLastReview(uid: string | undefined): DatasetReview | undefined {
  const { may } = useSession()
  const { data } = useQuery({
    ...datasetReviewsQuery(uid ?? ''),
    enabled: uid !== undefined && may('review:read'),
  })
  return data?.reviews[0]
}

/** Leaving with unsaved work asks first; the work is on the device all the same. */
function useLeaveWarning(dirty: boolean) {
  useEffect(() => {
    if (!dirty) return
    const warn = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener('beforeunload', warn)
    return () => window.removeEventListener('beforeunload', warn)
  }, [dirty])
}

function Head({ work, free }: { work: EntryWork; free: boolean }) {
  const { t } = useTranslation()
  const { may } = useSession()
  const { entry, editor } = work
  return (
    <header className="work-head">
      <div>
        <h1>{entry ? editor.content.title || t('editor.editTitle') : t('editor.newTitle')}</h1>
        {entry && (
          <p className="tag-stack">
            <StateTag state={entry.hasDraft ? 'draft' : entry.state} always />
            <span className="tag">{t('versions.version', { n: entry.version })}</span>
            <Link to="/dataset/$uid" params={{ uid: entry.uid }} className="small">
              {t('editor.view')}
            </Link>
          </p>
        )}
      </div>
      {entry && free && (
        <EditorSteps
          dataset={entry}
          mayRetire={may('dataset:retire')}
          mayPropose={may('review:submit')}
          busy={work.busy}
          onStep={work.step}
          onPropose={() => work.openSubmit('retirement')}
        />
      )}
    </header>
  )
}

/** What a person should know before going on: found work, another's entry, a step that failed. */
function Notices({ work, mayWrite, review }: { work: EntryWork; mayWrite: boolean; review?: DatasetReview }) {
  const { t } = useTranslation()
  const format = useFormats()
  const { editor, entry, error } = work
  return (
    <>
      {editor.restoredAt && (
        <Notice kind="warm">
          <p>
            {t('editor.restored', { when: format.ago(editor.restoredAt) })}{' '}
            <button type="button" className="link-button" onClick={work.dropRestored}>
              {t('editor.dropRestored')}
            </button>
          </p>
        </Notice>
      )}
      {entry && !mayWrite && (
        <Notice kind="warm">
          <p>{t('editor.notYours')}</p>
        </Notice>
      )}
      {work.onlySaved && (
        <Notice kind="warm">
          <p>{t('editor.onlySaved')}</p>
        </Notice>
      )}
      {review && <ReviewNotice review={review} />}
      {error !== null && work.submitting === null && <ErrorPanel error={error} />}
    </>
  )
}

/** An entry under work: every field with its faults, saving against the version it came from, publishing. */
export function EntryEditor(props: { dataset: DatasetWithTag | null; blank: Draft; person: string }) {
  const { t } = useTranslation()
  const work = useEntryWork(props.dataset, props.blank, props.person)
  const { editor, entry } = work
  const faults = [...useFaults(editor.content, entry?.uid), ...work.gateFaults]
  const mayWrite = useMayWrite(entry?.body.code)
  const review = useLastReview(entry?.uid)
  const underReview = review?.state === 'dept_review' || review?.state === 'centre_review'
  useLeaveWarning(editor.dirty)
  return (
    <EditorProvider editor={editor} faults={faults} showAll={work.tried}>
      <ReuseProvider entry={entry}>
        <form
          className="editor"
          onSubmit={(event) => {
            event.preventDefault()
            void work.save()
          }}
        >
          <Head work={work} free={mayWrite && !underReview && review?.state !== 'returned'} />
          <Notices work={work} mayWrite={mayWrite} review={review} />
          <div className="editor-columns">
            <div className="editor-sections">
              {sections.map(([name, Section]) => (
                <section key={name} id={`section-${name}`} aria-labelledby={`head-${name}`}>
                  <h2 id={`head-${name}`}>{t(`editor.section.${name}`)}</h2>
                  <Section />
                </section>
              ))}
            </div>
            <EditorSummary sections={sections.map(([name]) => name)} shown={work.tried} entry={entry} />
          </div>
          {(!entry || mayWrite) && !underReview && (
            <EditorBar work={work} kind={review?.state === 'returned' ? review.kind : 'publication'} />
          )}
        </form>
        {work.submitting && (
          <SubmitDialog
            kind={work.submitting}
            title={t(
              work.submitting === 'retirement'
                ? 'review.retireTitle'
                : review?.state === 'returned'
                  ? 'review.completeTitle'
                  : 'review.submitTitle',
            )}
            before={review?.state === 'returned' ? review.assessment : null}
            busy={work.busy}
            error={work.error}
            onClose={work.closeSubmit}
            onSubmit={work.submit}
          />
        )}
        {work.conflict && entry && (
          <ConflictDialog
            uid={entry.uid}
            mine={editor.content}
            onClose={() => work.setConflict(false)}
            onMine={(etag) => {
              work.setConflict(false)
              editor.rebase(etag)
              void work.save(etag)
            }}
            onTheirs={(theirs, etag) => {
              work.setConflict(false)
              work.keep(theirs, etag)
            }}
          />
        )}
      </ReuseProvider>
    </EditorProvider>
  )
}
