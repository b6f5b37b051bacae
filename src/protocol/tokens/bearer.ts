/**
 * An access token at a resource that this server protects: is it good, for this resource, in the
 * hands of who may use it, with the scopes that are needed? It travels in the `Authorization`
 * header and nowhere else.
 *
 * @see [RFC 6750 §2.1 - Authorization Request Header Field](https://www.rfc-editor.org/rfc/rfc6750.html#section-2.1)
 * @see [RFC 6750 §3.1 - Error Codes](https://www.rfc-editor.org/rfc/rfc6750.html#section-3.1)
 * @see [RFC 9449 §7 - Protected Resource Access](https://www.rfc-editor.org/rfc/rfc9449.html#section-7)
 * @see [RFC 8705 §3 - Mutual-TLS Client Certificate-Bound Access Tokens](https://www.rfc-editor.org/rfc/rfc8705.html#section-3)
 */

import type { ApiTokenPlace } from '../../config/api-token-settings.ts'
import type { Resource } from '../../config/resource-settings.ts'
import type { LiveToken } from '../../projections/live-tokens.ts'
import { OAuthError } from '../oauth-error.ts'
import type { Presented } from '../presented.ts'
import type { Services } from '../services.ts'
import { findAccessToken, tokenType } from './access-token.ts'
import { findApiToken } from './api-token-use.ts'
import { challenge, type Scheme } from './challenge.ts'
import { readProof, useProof } from './dpop.ts'
import { noteTokenUse } from './last-use.ts'
import { requireUserAuthentication } from './user-authentication.ts'

export interface Needed {
  /** The resources that the token may be for; a challenge names the first. */
  readonly resources: readonly [Resource, ...Resource[]]
  /** Every scope that is needed; where that is not known yet, what a challenge names by default. */
  readonly scopes?: readonly string[]
  /** Where people's API tokens open it too, it is this place for them. */
  readonly apiTokensAs?: ApiTokenPlace
}

export interface PresentedToken {
  readonly scheme: Scheme
  readonly token: string
}

/** The token of an `Authorization` header, whatever it is worth. */
export function presentedToken(authorization: string | undefined): PresentedToken | undefined {
  const found = /^(bearer|dpop) +([A-Za-z0-9._~+/=-]+)$/i.exec(authorization?.trim() ?? '')
  const [, scheme, token] = found ?? []
  if (scheme === undefined || token === undefined) return undefined
  return { scheme: scheme.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer', token }
}

/**
 * The token of the request, checked for its audience, its holder, and for the scopes if they are
 * known.
 * @throws {OAuthError} missing_authorization, invalid_token, invalid_dpop_proof, use_dpop_nonce
 * insufficient_user_authentication (401), insufficient_scope (403)
 */
export async function requireToken(
  services: Services,
  presented: Presented,
  needed: Needed,
): Promise<LiveToken> {
  const [resource] = needed.resources
  const scopes = needed.scopes === undefined ? {} : { scopes: needed.scopes }
  const credentials = presentedToken(presented.authorization)
  if (credentials === undefined) {
    throw new OAuthError('missing_authorization', 'An access token is needed', {
      headers: challenge(services.settings, resource, scopes),
    })
  }
  const token = await findToken(services, credentials.token, needed)
  try {
    if (!token) throw invalidToken('token unknown, revoked or expired')
    if (!needed.resources.some((r) => r.resource === token.resource)) {
      throw invalidToken('audience is another resource')
    }
    await requireHolder(services, token, { ...presented, ...credentials })
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error
    const { code, message, detail } = error
    const told = { scheme: credentials.scheme, error: code, ...scopes }
    const headers = challenge(services.settings, resource, told)
    throw new OAuthError(code, message, { ...detail, status: 401, headers })
  }
  const served = needed.resources.find((r) => r.resource === token.resource) ?? resource
  requireUserAuthentication(services, token, served)
  requireScopes(services, token, needed)
  noteTokenUse(services, token, presented.address)
  return token
}

async function findToken(
  services: Services,
  value: string,
  { apiTokensAs }: Needed,
): Promise<LiveToken | undefined> {
  const apiToken = apiTokensAs && (await findApiToken(services, value, apiTokensAs))
  return apiToken ?? findAccessToken(services, value)
}

/** A bound token is worth something only beside the proof of who it is bound to. */
async function requireHolder(
  services: Services,
  { confirmation = {} }: LiveToken,
  { scheme, token: accessToken, proof: header = '', ...presented }: Presented & PresentedToken,
): Promise<void> {
  const { jkt, 'x5t#S256': thumbprint } = confirmation
  if (thumbprint !== undefined && thumbprint !== presented.certificate?.thumbprint) {
    throw invalidToken('it is bound to another certificate')
  }
  if (jkt === undefined && scheme === 'DPoP') throw invalidToken('it is not bound to a key')
  if (jkt === undefined) return
  if (scheme === 'Bearer') throw invalidToken('it is bound to a key')
  const proof = await readProof(services, header, { ...presented, accessToken })
  if (proof.jkt !== jkt) throw invalidToken('it is bound to another key')
  await useProof(services, proof)
}

function invalidToken(cause: string): OAuthError {
  const words = 'The access token is not valid here, or has expired'
  return new OAuthError('invalid_token', words, { cause })
}

/** @throws {OAuthError} insufficient_scope (403), with every scope that is needed */
export function requireScopes(
  { settings }: Pick<Services, 'settings'>,
  token: LiveToken,
  { resources: [resource], scopes = [], asked = 'This' }: Needed & { readonly asked?: string },
): void {
  if (scopes.every((scope) => token.scopes.includes(scope))) return
  throw new OAuthError(
    'insufficient_scope',
    `${asked} needs the scope ${scopes.join(' ')}; the token has ${token.scopes.join(' ')}`,
    {
      headers: challenge(settings, resource, {
        scheme: tokenType(token),
        error: 'insufficient_scope',
        scopes,
      }),
    },
  )
}

/** For whom something is done by a token. */
export interface ActingFor {
  readonly userId: string
  /** The agent of theirs that does it. */
  readonly agentId?: string
}

/** The person whom a token is about, or who has confirmed the agent that it is about. */
export function actingFor({ sub, userId, agent }: LiveToken): ActingFor | undefined {
  if (userId !== undefined) return { userId }
  const ownerId = agent?.ownerId
  return ownerId === undefined ? undefined : { userId: ownerId, agentId: sub }
}

/** Who does it, as the log names them. */
export function actorOf({ apiTokenId, clientId, userId }: LiveToken): string {
  return apiTokenId === undefined ? `client:${clientId}` : `user:${userId}`
}

export type PersonToken = LiveToken & { readonly userId: string }

/** @throws {OAuthError} access_denied (403) when a client got the token for itself */
export function requirePerson(token: LiveToken): PersonToken {
  const { userId } = token
  if (userId !== undefined) return { ...token, userId }
  throw new OAuthError('access_denied', 'This needs a token that speaks for a person')
}
