import { type Answer, newKey, ProblemError } from '../platform/client.ts'
import { forgetDeviceDraft, keepDeviceDraft, readDeviceDraft } from '../platform/device-drafts.ts'
import type { Dataset } from './api.ts'
import type { Draft } from './editor-state.ts'
import { createDataset, saveDataset } from './work-api.ts'

/** An attempt to make an entry of which nobody knows the end. */
interface Attempt {
  key: string
  content: Draft
  reason?: string
}

const attemptName = 'new.attempt'
/** Answers that are a judgement of the content: nothing was made, and the next attempt is a new one. */
const refusals = new Set(['invalid_content', 'invalid_request', 'too_large', 'conflict'])
const isRefusal = (error: unknown) => error instanceof ProblemError && refusals.has(error.code)

async function attempt(person: string, one: Attempt): Promise<Answer<Dataset>> {
  // Written before it is sent, so that it outlives a reload in between.
  keepDeviceDraft(person, attemptName, one)
  try {
    const answer = await createDataset(one.content, one.reason, one.key)
    forgetAttempt(person)
    return answer
  } catch (error) {
    if (isRefusal(error)) forgetAttempt(person)
    throw error
  }
}

/** For when a person gives up the new entry. */
export const forgetAttempt = (person: string): void => forgetDeviceDraft(person, attemptName)

/**
 * Makes an entry, once however often it is tried. An attempt whose end is not known is first sent again word for
 * word: the server answers with the entry it made then, or makes it now. What was typed since is saved over it.
 */
export async function createOnce(person: string, content: Draft, reason?: string): Promise<Answer<Dataset>> {
  const made = await finishOpen(person)
  if (!made) return attempt(person, { key: newKey(), content, reason })
  if (JSON.stringify(made.sent) === JSON.stringify(content)) return made.answer
  return saveDataset(made.answer.data.uid, content, made.answer.etag, reason)
}

/** The entry of an open attempt; null where there is none, or where its words were refused. */
async function finishOpen(person: string): Promise<{ answer: Answer<Dataset>; sent: Draft } | null> {
  const open = readDeviceDraft<Attempt>(person, attemptName)
  if (!open) return null
  try {
    return { answer: await attempt(person, open), sent: open.content }
  } catch (error) {
    if (isRefusal(error)) return null
    throw error
  }
}
