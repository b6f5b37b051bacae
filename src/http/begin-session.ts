/** What every way to sign in ends with: a session, its cookie, and where to go on. */
import { findSession, startSession } from '../identity/session.ts'
import type { User } from '../projections/users.ts'
import { contextOf } from '../protocol/request-context.ts'
import type { Services } from '../protocol/services.ts'
import { accountWays } from './account-steps.ts'
import { readCookie, writeCookie } from './cookies.ts'
import { codeIn } from './user-code-in.ts'

export interface Proved {
  readonly user: User
  readonly amr: readonly string[]
  readonly authenticatedAt?: number
}

/** The cookie of the new session, or undefined when the account was disabled meanwhile. */
export async function beginSession(
  services: Services,
  request: Request,
  { user, ...proof }: Proved,
): Promise<string | undefined> {
  const { settings } = services
  const { requestId: correlationId, remoteAddress: address } = contextOf(request)
  const token = await startSession(services, user, {
    ...proof,
    userAgent: request.headers.get('user-agent') ?? '',
    address,
    correlationId,
    previous: await findSession(services, readCookie(settings, request, 'session')),
  })
  const maxAgeSeconds = settings.sessionTtlSeconds
  return token && writeCookie(settings, 'session', { value: token, maxAgeSeconds })
}

/** One of our own pages about the account, and nothing else. */
export function nextIn(parameters: URLSearchParams): string | undefined {
  const next = parameters.get('next') ?? ''
  return next === '/account' || Object.hasOwn(accountWays, next) ? next : undefined
}

interface WaitingFor {
  /** A page about the account that asked for a fresh sign-in. */
  readonly next?: string | undefined
  readonly request?: string | undefined
  readonly userCode?: string | null | undefined
}

/** Where somebody goes on who has signed in. */
export function afterwards({ next, request, userCode }: WaitingFor): string {
  if (next !== undefined) return next
  if (request !== undefined) return `/consent?request=${request}`
  return typeof userCode === 'string' ? `/device?user_code=${codeIn(userCode)}` : '/account'
}
