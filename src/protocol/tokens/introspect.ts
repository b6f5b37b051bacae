/**
 * Tells a confidential client whether a token is good now, and what it stands for. A client sees
 * its own tokens; a resource server that the settings name sees the access tokens that are for its
 * resource. Whatever is not good, not known, or not theirs to see is `{ "active": false }` and
 * nothing else.
 *
 * @see [RFC 7662 §2 - Introspection Endpoint](https://www.rfc-editor.org/rfc/rfc7662.html#section-2)
 * @see [RFC 7662 §4 - Security Considerations](https://www.rfc-editor.org/rfc/rfc7662.html#section-4)
 */
import { proofOf } from '../../domain/client.ts'
import { findLiveRefreshToken, type LiveToken } from '../../projections/live-tokens.ts'
import { detailsAt } from '../authorization/authorization-details.ts'
import { authenticateClient } from '../clients/client-authentication.ts'
import type { KnownClient } from '../clients/known-client.ts'
import { OAuthError } from '../oauth-error.ts'
import { Parameters } from '../parameters.ts'
import type { Services } from '../services.ts'
import type { FormRequest } from '../token.ts'
import {
  actClaim,
  detailsClaim,
  findAccessToken,
  isHeldRightly,
  proofClaims,
  tokenType,
} from './access-token.ts'
import { findApiToken } from './api-token-use.ts'
import { noteTokenUse } from './last-use.ts'
import { repeatableUntil } from './repeatable.ts'
import { subjectForClient, subjectForResource } from './subject.ts'
import { refOfToken } from './token-handle.ts'
import { hasTokenShape } from './token-text.ts'

export interface Introspection {
  /** Who asked. */
  readonly clientId: string
  readonly answer: { readonly active: boolean; readonly [claim: string]: unknown }
  /** Milliseconds since 1970; absent where the same question must be answered anew. */
  readonly repeatableUntil?: number | undefined
}

/** @throws {OAuthError} invalid_client (401), invalid_request */
export async function introspect(services: Services, request: FormRequest): Promise<Introspection> {
  const parameters = new Parameters(request.form)
  const client = await authenticateClient(services, { ...request, parameters })
  if (client.metadata.tokenEndpointAuthMethod === 'none') {
    throw new OAuthError('invalid_client', 'Introspection needs a client that can authenticate')
  }
  const value = parameters.require('token')
  const isRefresh = hasTokenShape(value, 'refresh')
  const token = isRefresh
    ? await findLiveRefreshToken(services.reader, {
        ref: refOfToken(value),
        now: services.now(),
      })
    : ((await findApiToken(services, value, 'rest')) ?? (await findAccessToken(services, value)))
  const { clientId } = client
  const isTheirs =
    token?.clientId === clientId || (!isRefresh && isServedBy(services, token?.resource, clientId))
  if (!token || !isTheirs || !isHeldRightly(services, token))
    return { clientId, answer: { active: false } }
  if (!isRefresh) noteTokenUse(services, token)
  const type = isRefresh ? {} : { token_type: tokenType(token) }
  const { userId } = token
  const sub =
    isRefresh && userId !== undefined
      ? await subjectForClient(services, { userId, clientId: token.clientId })
      : await subjectForResource(services, token)
  const answer = { active: true, ...describe(services, token), sub, ...type }
  const isRepeatable = provesBySecretAlone(client, services.now())
  return {
    clientId,
    answer,
    ...(isRepeatable && { repeatableUntil: repeatableUntil(services, token, value) }),
  }
}

/**
 * Of what else a client may be known by, something is good once, or is asked elsewhere, or ends by
 * time; and nobody here can see it change of a client that is not in the table.
 */
function provesBySecretAlone(client: KnownClient, now: number): boolean {
  const { metadata, registeredVia, approvedAt, previousSecret } = client
  const isSecret = proofOf(metadata.tokenEndpointAuthMethod) === 'secret'
  const isInTable = approvedAt !== undefined && registeredVia !== 'document'
  return isSecret && isInTable && !(previousSecret && now < previousSecret.endsAt)
}

/** Whether this client serves the resource: it may then know what is presented to it. */
function isServedBy(
  { settings }: Services,
  identifier: string | undefined,
  clientId: string,
): boolean {
  const resource = settings.resources.find((r) => r.resource === identifier)
  return resource?.introspectionClients.includes(clientId) === true
}

function describe({ settings }: Services, token: LiveToken): Record<string, unknown> {
  return {
    iss: settings.issuer,
    aud: token.resource,
    ...(token.apiTokenId === undefined ? { client_id: token.clientId } : {}),
    scope: token.scopes.join(' '),
    ...proofClaims(token),
    ...actClaim(token.actors),
    ...detailsClaim(detailsAt(settings, token.authorizationDetails, token.resource)),
    iat: Math.floor(token.issuedAt / 1000),
    ...(Number.isFinite(token.expiresAt) ? { exp: Math.floor(token.expiresAt / 1000) } : {}),
    // RFC 7800: the key without which the token is worth nothing.
    ...(token.confirmation === undefined ? {} : { cnf: token.confirmation }),
  }
}
