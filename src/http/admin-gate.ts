/**
 * Who may see the administrator's pages: an administrator who is signed in. A stranger is sent to
 * sign in, anybody else is told that the page is not theirs, and neither learns what is on it.
 */
import { findSession, type SignedIn } from '../identity/session.ts'
import type { Services } from '../protocol/services.ts'
import type { TimelineEvent } from '../web/admin-frame.tsx'
import type { PageShell } from '../web/layout.tsx'
import { type BrowserMark, browserOf, readCookie } from './cookies.ts'
import { errorResponse, pageResponse } from './page-response.ts'
import { signInFirst } from './return-path.ts'
import { visitorShell } from './visitor.ts'

export interface AdminVisit {
  readonly services: Services
  readonly request: Request
  /** As asked; of a repeated parameter the first. */
  readonly query: URLSearchParams
  readonly signedIn: SignedIn
  readonly mark: BrowserMark
  readonly shell: PageShell
}

type Answer = (visit: AdminVisit) => Promise<Response>

export function forAdmins(services: Services, answer: Answer) {
  return async ({ request }: { request: Request }): Promise<Response> => {
    const { settings } = services
    const signedIn = await findSession(services, readCookie(settings, request, 'session'))
    if (!signedIn) return signInFirst(request, request.method === 'GET' ? undefined : '/admin')
    if (!signedIn.user.admin) {
      return errorResponse(services, request, { text: 'forbidden', status: 403 })
    }
    const mark = browserOf(settings, request)
    const query = new URL(request.url).searchParams
    const shell = visitorShell(services, request, signedIn)
    return answer({ services, request, query, signedIn, mark, shell })
  }
}

/** The page, or that there is nothing at this address. */
export function pageOrNothing(
  { services, request, mark }: AdminVisit,
  html: string | undefined,
): Response {
  if (html !== undefined) return pageResponse(html, { cookies: [mark.setCookie] })
  return errorResponse(services, request, { text: 'notFound', status: 404 })
}

const eventsShownMax = 15

/** Where `reason` is what somebody wrote; elsewhere it is a code. */
const reasonsInWords = ['ReasonGiven', 'UserDisabled', 'ClientDisabled', 'SecondFactorReset']

/** What happened last in these streams, the newest first. */
export async function newestEvents(
  { log }: Pick<Services, 'log'>,
  ...streams: readonly string[]
): Promise<TimelineEvent[]> {
  const all = await Promise.all(
    streams.map((streamId) => log.read({ streamId, order: 'newest first', limit: eventsShownMax })),
  )
  const newest = all.flat().toSorted((a, b) => b.recordedAt - a.recordedAt)
  return newest.slice(0, eventsShownMax).map(({ eventId, type, recordedAt, actor, payload }) => ({
    eventId,
    type,
    recordedAt,
    actor,
    reason:
      reasonsInWords.includes(type) && typeof payload.reason === 'string'
        ? payload.reason
        : undefined,
  }))
}
