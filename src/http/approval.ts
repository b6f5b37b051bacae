/** A signed-in person before a request: what they would give, and that they give it. */
import { AlreadyConsumed } from '../domain/event-log.ts'
import type { SignedIn } from '../identity/session.ts'
import type { AuthorizationDetail } from '../protocol/authorization/authorization-details.ts'
import type { AuthorizationRequest } from '../protocol/authorization/authorization-request.ts'
import { type Approver, approve } from '../protocol/authorization/consent.ts'
import { type Offer, offerFor } from '../protocol/authorization/offer.ts'
import { lookUpClient } from '../protocol/clients/known-client.ts'
import { OAuthError } from '../protocol/oauth-error.ts'
import { contextOf } from '../protocol/request-context.ts'
import type { Services } from '../protocol/services.ts'

export interface Asked {
  readonly asked: AuthorizationRequest
  readonly signedIn: SignedIn
  /** Straight from the browser: nothing of it is kept that an answer would use up. */
  readonly isNew?: true
}

/** Undefined when the client is not known any more. */
export async function readOffer(services: Services, { asked, signedIn }: Asked) {
  const client = await lookUpClient(services, asked.clientId)
  if (!client) return undefined
  const person = personOf(signedIn)
  return { client, offer: await offerFor(services, { request: asked, client, person }) }
}

export interface Given extends Asked {
  readonly offer: Offer
  readonly details: readonly AuthorizationDetail[]
}

function personOf({ user }: SignedIn) {
  const { userId, email, emailVerifiedAt, admin, groups } = user
  return { userId, email, emailVerifiedAt, admin, groups }
}

/** Who approves, and how they last proved who they are. */
export function approverOf(signedIn: SignedIn): Approver {
  const { sessionId, authenticatedAt: authTime, amr } = signedIn.session
  return { ...personOf(signedIn), sessionId, authTime, amr }
}

export function giveOffer(
  services: Services,
  request: Request,
  { asked, signedIn, isNew, offer, details }: Given,
): Promise<string | undefined> {
  const approver = approverOf(signedIn)
  const correlationId = contextOf(request).requestId
  const answer = { approver, offer, details, correlationId, ...(isNew && { isNew }) }
  return approve(services, asked, answer)
}

/** Where to send the browser, if an earlier consent answers for the person. */
export async function answerFromMemory(
  services: Services,
  request: Request,
  question: Asked,
): Promise<string | undefined> {
  const { offer } = (await readOffer(services, question)) ?? {}
  if (!offer?.remembered) return undefined
  try {
    return await giveOffer(services, request, { ...question, offer, details: offer.details })
  } catch (error) {
    // Answered in another window meanwhile, or the redirect URI was given up: the page says so.
    if (error instanceof AlreadyConsumed || error instanceof OAuthError) return undefined
    throw error
  }
}
