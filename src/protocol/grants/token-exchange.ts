/**
 * Delegation: a client that was given a token gets one of its own to act with, about the same
 * subject, for the same resource, for no more scopes and no longer. The new token says who acts,
 * and for whom that one acted; it ends with the token that it was given for.
 *
 *   person ─consent─▶ agent A ─exchange─▶ agent B ─exchange─▶ tool C
 *                     sub: person         act: B              act: C { act: B }
 *
 * There is no impersonation: the client that asks always stands in `act`.
 *
 * @see [RFC 8693 §2.1 - Request](https://www.rfc-editor.org/rfc/rfc8693.html#section-2.1)
 * @see [RFC 8693 §2.2.2 - Error Response](https://www.rfc-editor.org/rfc/rfc8693.html#section-2.2.2)
 */
import type { Resource } from '../../config/resource-settings.ts'
import { exceeds } from '../../domain/access.ts'
import type { Work } from '../../domain/execute.ts'
import type { TokenRef } from '../../domain/token-ref.ts'
import { findLiveAccessToken, type LiveToken } from '../../projections/live-tokens.ts'
import { scopesOfClient } from '../clients/client-scopes.ts'
import type { KnownClient } from '../clients/known-client.ts'
import { OAuthError } from '../oauth-error.ts'
import { type Parameters, parseScope } from '../parameters.ts'
import { findResource } from '../resources.ts'
import type { Services } from '../services.ts'
import { accessTokenRef, findAccessToken } from '../tokens/access-token.ts'
import { isStillGood } from '../tokens/still-good.ts'
import type { GrantRequest, TokenResponse } from './grant-type.ts'
import { issueAccessToken } from './issue-access-token.ts'

const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token'
/** What a JWT access token may be called too. */
const jwtType = 'urn:ietf:params:oauth:token-type:jwt'

export async function exchangeToken(
  services: Services,
  request: GrantRequest,
): Promise<TokenResponse> {
  const { client, parameters } = request
  const { settings } = services
  requireExchanger(services, client)
  requireAskedType(parameters)
  const subject = await readSubject(services, parameters)
  await requireOwnActor(services, client, parameters)
  const resource = resourceOf(services, parameters, subject.token)
  const scopes = scopesOfClient({ settings, client }, scopesOf(parameters, subject.token))
  const { token } = subject
  const actors = [{ sub: client.clientId, clientId: client.clientId }, ...token.actors]
  if (actors.length > settings.tokenExchange.depthMax) {
    throw new OAuthError('invalid_request', 'The token was handed on too often already')
  }
  const response = await issueAccessToken(services, request, {
    ...inherited(subject),
    ...{ via: 'token_exchange', resource, scopes, actors },
    through: token.clientIds,
    proof: token,
    endsAt: token.expiresAt,
    rest: (work) => requireSubject(services, work, { ...subject, scopes }),
  })
  return { ...response, issued_token_type: accessTokenType }
}

/** Registering is for anybody, so it is the operator who says whom to trust with others' tokens. */
function requireExchanger({ settings }: Services, client: KnownClient): void {
  const isTrusted =
    client.registeredVia === 'preregistered' ||
    settings.tokenExchange.allowedClients.includes(client.clientId)
  if (isTrusted && client.metadata.tokenEndpointAuthMethod !== 'none') return
  throw new OAuthError('unauthorized_client', 'This client may not exchange tokens')
}

function requireAskedType(parameters: Parameters): void {
  const asked = parameters.get('requested_token_type') ?? accessTokenType
  if (asked === accessTokenType) return
  throw new OAuthError('invalid_request', 'requested_token_type must be that of an access token')
}

interface Subject {
  readonly token: LiveToken
  readonly ref: TokenRef
}

/** Revoked, expired, forged and foreign ones look the same. */
async function readSubject(services: Services, parameters: Parameters): Promise<Subject> {
  const text = parameters.require('subject_token')
  requireType(parameters, 'subject_token_type')
  const token = await findAccessToken(services, text)
  const ref = accessTokenRef(text)
  if (token?.agent) {
    throw new OAuthError('invalid_request', 'What an agent gave is not handed on')
  }
  if (token && ref) return { token, ref }
  throw new OAuthError('invalid_request', 'The subject token is not valid, or has expired')
}

/** §2.1: who acts is the client itself, also where it shows a token to say so. */
async function requireOwnActor(
  services: Services,
  { clientId }: KnownClient,
  parameters: Parameters,
): Promise<void> {
  const text = parameters.get('actor_token')
  if (text === undefined) {
    if (!parameters.has('actor_token_type')) return
    throw new OAuthError('invalid_request', 'actor_token_type is there without actor_token')
  }
  requireType(parameters, 'actor_token_type')
  const actor = await findAccessToken(services, text)
  if (actor?.sub === clientId) return
  throw new OAuthError(
    'invalid_request',
    'The actor token is not one that the client got for itself',
  )
}

function requireType(parameters: Parameters, name: string): void {
  const type = parameters.require(name)
  if (type === accessTokenType || type === jwtType) return
  throw new OAuthError('invalid_request', `${name} must be that of an access token`)
}

/** Another resource than the subject token's would be more than it gives. */
function resourceOf({ settings }: Services, parameters: Parameters, token: LiveToken): Resource {
  const asked = [...parameters.all('resource'), ...parameters.all('audience')]
  const isSame = asked.every((name) => findResource(settings, name)?.resource === token.resource)
  const resource = findResource(settings, token.resource)
  if (isSame && resource) return resource
  throw new OAuthError('invalid_target', 'The subject token is for another resource')
}

function scopesOf(parameters: Parameters, token: LiveToken): string[] {
  const asked = parseScope(parameters.get('scope'))
  if (!exceeds(asked, token.scopes)) return asked.length > 0 ? asked : token.scopes
  throw new OAuthError('invalid_scope', 'The subject token has not all of these scopes')
}

/** What stays the same from hand to hand, and what ends the new token. */
function inherited({ token, ref: { hash: parentHash } }: Subject) {
  const { sub, userId, authorizationDetails, issuanceId: parentId, grantId } = token
  return {
    sub,
    parentHash,
    ...(userId === undefined ? {} : { userId }),
    ...(authorizationDetails === undefined ? {} : { authorizationDetails }),
    ...(parentId === undefined ? {} : { parentId }),
    ...(grantId === undefined ? {} : { grantId }),
  }
}

/** Guards all that the subject token needs, then asks once more whether it is there. */
async function requireSubject(
  { reader, now }: Services,
  work: Work,
  { token, ref, scopes }: Subject & { readonly scopes: readonly string[] },
) {
  const isGood = await isStillGood(work, token)
  const live = isGood && (await findLiveAccessToken(reader, { ref, now: now() }))
  // Its person may have taken some of it back meanwhile.
  return live && !exceeds(scopes, live.scopes) ? undefined : work.reject('subject_token_ended')
}
