/**
 * What every way to sign in ends with: a second proof where one is asked for, a session, its
 * cookie, and where to go on.
 */
import { startHalf } from '../identity/half-sign-in.ts'
import { nextProof } from '../identity/proof.ts'
import { findSession, startSession } from '../identity/session.ts'
import type { User } from '../projections/users.ts'
import { contextOf } from '../protocol/request-context.ts'
import type { Services } from '../protocol/services.ts'
import { browserOf, readCookie, writeCookie } from './cookies.ts'
import { seeOther, shellOf } from './page-response.ts'
import { afterwards, type Errand } from './return-path.ts'

export interface Proved {
  readonly user: User
  /** RFC 8176. */
  readonly amr: readonly string[]
  /** When, where that was earlier than now: another service saw it. */
  readonly authenticatedAt?: number
}

export type ProofProblem = 'wrong_credentials' | 'passkey_needed' | 'other_person'

/**
 * Goes on with somebody who has shown a first proof, or says why not: the account was disabled
 * meanwhile, or a page of one person's was about to open for another.
 */
export async function completeSignIn(
  services: Services,
  request: Request,
  { errand, ...proved }: Proved & { readonly errand: Errand },
): Promise<Response | ProofProblem> {
  const { user, ...proof } = proved
  const onward = afterwards(errand)
  const present = await findSession(services, readCookie(services.settings, request, 'session'))
  const isOther = present !== undefined && present.user.userId !== user.userId
  if (errand.next !== undefined && isOther) return 'other_person'
  const further = await nextProof(services, user, proof.amr)
  if (further === 'passkey') return 'passkey_needed'
  if (further !== 'none') {
    const { browser, setCookie } = browserOf(services.settings, request)
    const half = await startHalf(services, { userId: user.userId, ...proof, browser, onward })
    return seeOther(`/sign-in/${further}?step=${half}`, [setCookie])
  }
  const cookie = await beginSession(services, request, proved)
  return cookie === undefined ? 'wrong_credentials' : seeOther(onward, [cookie])
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
    language: shellOf(services, request).words.language,
    correlationId,
    previous: await findSession(services, readCookie(settings, request, 'session')),
  })
  const maxAgeSeconds = settings.sessionTtlSeconds
  return token && writeCookie(settings, 'session', { value: token, maxAgeSeconds })
}
