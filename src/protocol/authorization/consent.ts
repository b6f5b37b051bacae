/**
 * A person's answer to an authorization request. Approving is one append: the client enters the
 * log if it is new, the grant starts, and the request is used up; so the same form posted twice
 * gives one grant, and a person who was disabled meanwhile gives none.
 *
 * @see [RFC 6749 §4.1.2 - Authorization Response](https://www.rfc-editor.org/rfc/rfc6749.html#section-4.1.2)
 */
import { breadth, common } from '../../domain/access.ts'
import { execute, type Outcome, type Work } from '../../domain/execute.ts'
import { grantDecider } from '../../domain/grant.ts'
import type { ApprovedTerms } from '../../domain/grant-events.ts'
import { newId } from '../../domain/ids.ts'
import { sha256 } from '../../domain/keyring.ts'
import { userDecider } from '../../domain/user.ts'
import { admitClient } from '../clients/admission.ts'
import { type KnownClient, lookUpClient } from '../clients/known-client.ts'
import { OAuthError } from '../oauth-error.ts'
import type { Services } from '../services.ts'
import { newTokenOf } from '../tokens/token-text.ts'
import type { Person } from '../who-may.ts'
import { contextClassOf } from './authentication-context.ts'
import type { AuthorizationDetail } from './authorization-details.ts'
import {
  type AuthorizationRequest,
  authorizationRequestKind,
  codeRedirect,
  errorRedirect,
  redirectUriOf,
} from './authorization-request.ts'
import { countsFor, type Offer } from './offer.ts'

/** Who answers: taken from the session or the front's word, never from the form. */
export interface Approver extends Person {
  readonly userId: string
  /** Absent where a front keeps the session. */
  readonly sessionId?: string
  readonly authTime: number
  /** How they signed in (RFC 8176). */
  readonly amr: string[]
}

export interface Answer {
  readonly approver: Approver
  /** What the person saw, or what was remembered for them. */
  readonly offer: Offer
  /** All of the details, with what the person chose. */
  readonly details: readonly AuthorizationDetail[]
  readonly correlationId: string
  /** The request was not kept, and so need not be used up. */
  readonly isNew?: true
}

/**
 * @returns where to send the browser; undefined when an earlier grant that the offer rests on is
 *   not what it was, so that the person has to be asked anew
 * @throws {AlreadyConsumed} when the request was answered before
 * @throws {OAuthError} invalid_redirect_uri when the client has given that address up meanwhile
 */
export async function approve(
  services: Services,
  request: AuthorizationRequest,
  { approver, offer, details, correlationId, isNew }: Answer,
): Promise<string | undefined> {
  if (offer.access.length === 0)
    return refused(services, request, 'You cannot give what was asked for')
  const grantId = newId('grt')
  const code = newTokenOf(services.settings.tokenPrefix, 'code', grantId)
  const given = { approver, offer, details, grantId, codeHash: sha256(code) }
  const terms = termsOf(services, request, given)
  const cause = { actor: `user:${approver.userId}`, correlationId }
  const outcome = await recordApproval(services, { terms, cause, request, ...(isNew && { isNew }) })
  if (outcome.outcome === 'refused' && outcome.reason === 'offer_outdated') return undefined
  if (outcome.outcome === 'refused' && outcome.reason === 'client_unknown') {
    return refused(services, request, 'The application is not known here any more')
  }
  if (outcome.outcome === 'refused') {
    return refused(services, request, 'The account or the application was disabled')
  }
  return codeRedirect(services, request, code)
}

type Approved = Pick<Answer, 'offer' | 'details'> & {
  readonly approver: Pick<Approver, 'userId' | 'sessionId' | 'authTime' | 'amr'>
  readonly grantId: string
  readonly codeHash: string
}

/** What is approved, as the log has it. */
export function termsOf(
  { settings, now }: Services,
  request: AuthorizationRequest,
  { approver, offer, details, grantId, codeHash }: Approved,
): ApprovedTerms {
  const at = now()
  const { grantMaxAgeSeconds: maxAge } = settings
  const acr = contextClassOf(approver.amr, request.acrValues)
  return {
    grantId,
    userId: approver.userId,
    clientId: request.clientId,
    via: 'authorization_code',
    access: offer.access,
    ...(details.length === 0 ? {} : { authorizationDetails: [...details] }),
    redirectUri: request.redirectUri,
    codeHash,
    codeChallenge: request.codeChallenge,
    codeExpiresAt: at + settings.codeTtlSeconds * 1000,
    ...(approver.sessionId === undefined ? {} : { sessionId: approver.sessionId }),
    authTime: approver.authTime,
    amr: approver.amr,
    ...(acr === undefined ? {} : { acr }),
    ...(request.codeKey === undefined ? {} : { codeKey: request.codeKey }),
    ...(request.nonce === undefined ? {} : { nonce: request.nonce }),
    ...(request.claims === undefined ? {} : { claims: request.claims }),
    ...(maxAge === 0 ? {} : { endsAt: at + maxAge * 1000 }),
    ...(offer.addsTo === undefined ? {} : { addsTo: offer.addsTo }),
    ...(offer.remembered === undefined ? {} : { remembered: offer.remembered }),
    at,
  }
}

interface Approval {
  readonly terms: ApprovedTerms
  readonly cause: { actor: string; correlationId: string }
  readonly request: AuthorizationRequest
  readonly isNew?: true
}

function recordApproval(services: Services, approval: Approval): Promise<Outcome<string>> {
  const { terms, cause, request, isNew } = approval
  const { clientId } = terms
  return execute<string>(services.log, cause, async (work) => {
    const user = await work.read(userDecider, terms.userId)
    if (user.status !== 'active') return work.reject('user_not_active')
    const admitted = await admitClient(services, work, { clientId, now: terms.at })
    if ('verdict' in admitted) return admitted.verdict
    const { client } = admitted
    redirectUriOf(client, request.redirectUri, services.settings)
    if (!(await holds(work, terms, { client, request }))) return work.reject('offer_outdated')
    if (!isNew) work.consume(authorizationRequestKind, request.requestId)
    work.begin(grantDecider, terms.grantId)
    return work.decide(grantDecider, terms.grantId, { kind: 'approve', terms })
  })
}

/** Whether the earlier grant that these terms rest on still stands; it is guarded from here on. */
async function holds(
  work: Work,
  { access, addsTo, remembered }: ApprovedTerms,
  { client, request }: { client: KnownClient; request: AuthorizationRequest },
): Promise<boolean> {
  const earlier = remembered?.grantId ?? addsTo
  if (earlier === undefined) return true
  const grant = await work.read(grantDecider, earlier)
  if (grant.status !== 'approved' && grant.status !== 'active') return false
  if (remembered === undefined) return true
  // The person may have taken some of it back meanwhile.
  const isCovered = breadth(common(access, grant.access)) === breadth(access)
  return isCovered && countsFor(client, remembered, request)
}

/**
 * Nothing of a denial enters the log: the client learns of it, and asks again if it wants to.
 * @throws {OAuthError} invalid_redirect_uri as for an approval
 */
export async function deny(
  services: Services,
  request: AuthorizationRequest,
  error = new OAuthError('access_denied', 'The request was denied'),
): Promise<string> {
  await services.expiring.remove(authorizationRequestKind, request.requestId)
  services.observations.count('denials')
  const client = await lookUpClient(services, request.clientId)
  if (client) redirectUriOf(client, request.redirectUri, services.settings)
  return errorRedirect(services, request, error)
}

function refused(services: Services, request: AuthorizationRequest, words: string): string {
  return errorRedirect(services, request, new OAuthError('access_denied', words))
}
