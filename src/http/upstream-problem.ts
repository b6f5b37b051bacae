/** A problem that a redirect carries to the page that tells it: one of ours by name, and no text. */
import type { UpstreamPageProblem } from '../web/upstreams.tsx'
import { english } from '../web/words/english.tsx'

export function problemIn(query: URLSearchParams): UpstreamPageProblem | undefined {
  const name = query.get('problem')
  if (name === null || !Object.hasOwn(english.upstreams.problems, name)) return undefined
  return name as UpstreamPageProblem
}
