/**
 * An access token as its resource wants it: the opaque one itself, or a JWT whose `jti` is where
 * that one belongs and its hash. Either way the hash is what the log knows, so a revocation is seen
 * at once by everybody who asks. Resource servers write a `jti` into their logs: it opens nothing.
 *
 * @see [RFC 9068 §2 - JWT Access Token Header and Data Structure](https://www.rfc-editor.org/rfc/rfc9068.html#section-2)
 */
import { decodeJwt } from 'jose'
import type { Resource } from '../../config/resource-settings.ts'
import type { Confirmation } from '../../domain/access.ts'
import { scopesOfAgent } from '../../domain/agent.ts'
import type { Actor } from '../../domain/issuance.ts'
import type { TokenRef } from '../../domain/token-ref.ts'
import { findLiveAccessToken, type LiveToken } from '../../projections/live-tokens.ts'
import type { AuthorizationDetail } from '../authorization/authorization-details.ts'
import { isIdentityScope } from '../resources.ts'
import type { Services } from '../services.ts'
import { subjectForResource } from './subject.ts'
import { jwtIdOf, refOfJwtId, refOfToken } from './token-handle.ts'
import { hasTokenShape } from './token-text.ts'

export const tokenCharactersMax = 8192

/** How and when the person proved who they are; nothing of it where nobody signed in. */
export type Proof = Partial<Pick<LiveToken, 'authTime' | 'amr' | 'acr'>>

/** What an access token says, to whoever can read it. */
export interface AccessTokenFacts {
  /** A person, or a client that acts for itself. */
  readonly sub: string
  /** The person, where it is about one. */
  readonly userId?: string | undefined
  readonly clientId: string
  readonly resource: Resource
  readonly scopes: readonly string[]
  /** The opaque one; a JWT names it. */
  readonly accessToken: string
  readonly proof?: Proof | undefined
  readonly actors?: readonly Actor[]
  /** What its holder must prove; absent for a bearer token. */
  readonly confirmation?: Confirmation | undefined
  readonly details?: readonly AuthorizationDetail[]
  readonly issuedAt: number
  readonly expiresAt: number
}

export async function accessTokenOf(
  services: Services,
  { resource, accessToken, proof, ...facts }: AccessTokenFacts,
): Promise<string> {
  if (resource.accessTokenFormat === 'opaque') return accessToken
  const { settings, signer } = services
  const about = { ...facts, resource: resource.resource }
  const claims = {
    iss: settings.issuer,
    sub: await subjectForResource(services, about),
    aud: resource.resource,
    client_id: facts.clientId,
    scope: facts.scopes.join(' '),
    jti: jwtIdOf(refOfToken(accessToken)),
    ...proofClaims(proof),
    ...actClaim(facts.actors ?? []),
    ...detailsClaim(facts.details ?? []),
    iat: Math.floor(facts.issuedAt / 1000),
    exp: Math.floor(facts.expiresAt / 1000),
    ...(facts.confirmation === undefined ? {} : { cnf: facts.confirmation }),
  }
  return signer.sign(claims, { alg: resource.accessTokenSigningAlg, typ: 'at+jwt' })
}

/**
 * Who acts now stands outermost, who acted first innermost.
 * @see [RFC 8693 §4.1 - "act" (Actor) Claim](https://www.rfc-editor.org/rfc/rfc8693.html#section-4.1)
 */
export function actClaim(actors: readonly Actor[]): { act?: Record<string, unknown> } {
  const [newest, ...before] = actors
  if (!newest) return {}
  return { act: { sub: newest.sub, client_id: newest.clientId, ...actClaim(before) } }
}

/** @see [RFC 9470 §6.1 - JWT Access Tokens](https://www.rfc-editor.org/rfc/rfc9470.html#section-6.1) */
export function proofClaims({ authTime, amr, acr }: Proof = {}) {
  return {
    ...(authTime === undefined ? {} : { auth_time: Math.floor(authTime / 1000) }),
    ...(acr === undefined ? {} : { acr }),
    ...(amr === undefined ? {} : { amr }),
  }
}

/** How a token is presented; a certificate is no part of that (RFC 8705 §3). */
export function tokenType({ confirmation }: { confirmation?: Confirmation | undefined }) {
  return confirmation?.jkt === undefined ? 'Bearer' : 'DPoP'
}

/** @see [RFC 9396 §9.1 - JWT-Based Access Tokens](https://www.rfc-editor.org/rfc/rfc9396.html#section-9.1) */
export function detailsClaim(details: readonly AuthorizationDetail[]) {
  return details.length === 0 ? {} : { authorization_details: details }
}

/** Where this access token belongs, and the hash that the log knows it by; undefined if it cannot be one. */
export function accessTokenRef(token: string): TokenRef | undefined {
  if (token.length > tokenCharactersMax) return undefined
  if (hasTokenShape(token, 'access')) return refOfToken(token)
  const id = jwtId(token)
  return typeof id === 'string' ? refOfJwtId(id) : undefined
}

/** As the token says it; whether it says the truth is for its signature. */
function jwtId(token: string): unknown {
  if (!token.startsWith('ey')) return undefined
  try {
    return decodeJwt(token).jti
  } catch {
    return undefined
  }
}

/** What an access token stands for now, or undefined: expired, revoked, forged look the same. */
export async function findAccessToken(
  services: Services,
  token: string,
): Promise<LiveToken | undefined> {
  const ref = accessTokenRef(token)
  if (!ref) return undefined
  const { reader, signer, settings } = services
  if (!hasTokenShape(token, 'access')) {
    const claims = await signer.verify(token, { typ: 'at+jwt', issuer: settings.issuer })
    if (!claims) return undefined
  }
  const found = await findLiveAccessToken(reader, { ref, now: services.now() })
  return found && isHeldRightly(services, found) ? found : undefined
}

/**
 * An agent's token is good while the operator wants agents and the owner's consent stands, the very
 * one under which it was given.
 */
export function isHeldRightly(
  { settings }: Pick<Services, 'settings'>,
  { agent, clientId, resource, scopes }: LiveToken,
): boolean {
  if (!agent) return true
  const { enabled, unconfirmed } = settings.agents
  if (!enabled || (agent.ownerId === undefined && unconfirmed === 'nothing')) return false
  const given = { clientId, resource, scopes, at: agent.approvedAt }
  return scopesOfAgent(agent, given, isIdentityScope).length === scopes.length
}
