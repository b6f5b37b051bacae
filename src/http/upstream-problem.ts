/** A problem that a redirect carries to the page that tells it: one of ours by name, and no text. */
import type { UpstreamPageProblem } from '../web/upstreams.tsx'
import { english } from '../web/words/english.tsx'

/** What may be wrong with somebody who has shown who they are, but not enough. */
export type StepProblem = 'passkey_needed' | 'other_person'

export function signInProblemIn(
  query: URLSearchParams,
): UpstreamPageProblem | StepProblem | undefined {
  const name = query.get('problem')
  return name === 'passkey_needed' || name === 'other_person' ? name : problemIn(query)
}

export function problemIn(query: URLSearchParams): UpstreamPageProblem | undefined {
  const name = query.get('problem')
  if (name === null || !Object.hasOwn(english.upstreams.problems, name)) return undefined
  return name as UpstreamPageProblem
}
