/**
 * Back to where one was: whoever asks for a page that wants a sign-in is sent to sign in with the
 * page's path as `next`, and every way to sign in carries it to its end. A request of a client that
 * waits goes by its id instead, because the sign-in page says who waits.
 */
import { seeOther } from './page-response.ts'

/** What somebody was about to do when they were asked who they are. */
export interface Errand {
  /** The authorization request that waits for them. */
  readonly request?: string | undefined
  /** A page of theirs, as `ownPage` gave it. */
  readonly next?: string | undefined
}

const startPage = '/account'
const pathCharactersMax = 1000
/** Below these are the pages of people who are signed in; to look at one changes nothing. */
const rooms = /^\/(account|admin|approvals|developers|device)(\/[\w.~-]+)*$/
/** Only to read a path as a browser would. */
const here = 'https://here.invalid'

/**
 * The path, if it is one of a page that may be gone on to: never another site, and written as the
 * browser would write it, so that nothing in it means something else there.
 */
export function ownPage(path: string | null | undefined): string | undefined {
  if (!path?.startsWith('/') || path.length > pathCharactersMax) return undefined
  const url = URL.parse(path, here)
  if (url?.origin !== here || url.pathname + url.search !== path) return undefined
  return rooms.test(url.pathname) ? path : undefined
}

/** What the address or the form of a page on the way says. */
export function errandIn(given: URLSearchParams): Errand {
  const request = given.get('request') ?? undefined
  return request === undefined ? { next: ownPage(given.get('next')) } : { request }
}

/** For hidden fields and queries of the pages on the way. */
export function errandFields({ request, next }: Errand): Record<string, string> {
  if (request !== undefined) return { request }
  return next === undefined ? {} : { next }
}

/** Where somebody goes on who has signed in. */
export function afterwards({ request, next }: Errand): string {
  return request === undefined ? (next ?? startPage) : consentPath + request
}

const consentPath = '/consent?request='

/** Where one signs in to go on there. */
export function signInPath(onward: string): string {
  return signInFor(errandOf(onward))
}

export function errandOf(onward: string): Errand {
  return onward.startsWith(consentPath)
    ? { request: onward.slice(consentPath.length) }
    : { next: ownPage(onward) }
}

/** @param problem which the page shall tell, by its name */
export function signInFor(errand: Errand, problem?: string): string {
  const query = new URLSearchParams({
    ...(problem === undefined ? {} : { problem }),
    ...errandFields(errand),
  })
  // Slashes may stand in a query as they are, which reads better.
  return query.size === 0 ? '/sign-in' : `/sign-in?${query}`.replaceAll('%2F', '/')
}

/** A page that says what was done, with what comes after it. */
export function donePath(path: string, errand: Errand): string {
  return `${path}?${new URLSearchParams(errandFields(errand))}`.replaceAll('%2F', '/')
}

/** @param page where the form stands, for what is no page itself */
export function signInFirst(request: Request, page?: string): Response {
  const { pathname, search } = new URL(request.url)
  return seeOther(signInPath(page ?? pathname + search))
}
