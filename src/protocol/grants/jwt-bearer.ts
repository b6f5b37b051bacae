/**
 * A client brings the word of a company's identity provider that it may act for somebody (ID-JAG,
 * MCP's enterprise-managed authorization). Nobody is asked here: the operator trusts the issuer.
 * It is believed about people with an account, for the client that it names, for what it says.
 *
 * @see [RFC 7523 §2.1 - Using JWTs as Authorization Grants](https://www.rfc-editor.org/rfc/rfc7523.html#section-2.1)
 * @see [Identity Assertion Authorization Grant](https://datatracker.ietf.org/doc/draft-ietf-oauth-identity-assertion-authz-grant/)
 */
import type { Resource } from '../../config/resource-settings.ts'
import { exceeds } from '../../domain/access.ts'
import type { User } from '../../projections/users.ts'
import { scopesOfClient } from '../clients/client-scopes.ts'
import { findUserByEmail, normalizeEmail } from '../email-address.ts'
import { OAuthError } from '../oauth-error.ts'
import { type Parameters, parseScope } from '../parameters.ts'
import { findResource, oneResourceOf, scopesFor } from '../resources.ts'
import type { Services } from '../services.ts'
import { JwtRefused } from '../signed-jwt.ts'
import { scopesOfPerson } from '../who-may.ts'
import { type GrantRequest, invalidGrant, type TokenResponse } from './grant-type.ts'
import { issueAccessToken } from './issue-access-token.ts'
import { type TrustedAssertion, useUp, verifyAssertion } from './trusted-assertion.ts'

export async function issueForAssertion(
  services: Services,
  request: GrantRequest,
): Promise<TokenResponse> {
  const { client, parameters } = request
  if (client.metadata.tokenEndpointAuthMethod === 'none') {
    throw new OAuthError('unauthorized_client', 'This needs a client that can authenticate')
  }
  const jwt = parameters.require('assertion')
  const assertion = await orInvalidGrant(() => verifyAssertion(services, jwt))
  const user = await findPerson(services, assertion)
  if (assertion.claims.client_id !== client.clientId) throw refusal('it is for another client')
  if (user?.status !== 'active') throw refusal('nobody here is meant')
  const resource = resourceOf(services, parameters, assertion)
  const { settings } = services
  const said = scopesOf(services, parameters, { assertion, resource })
  const asked = scopesOfClient({ settings, client }, said)
  const scopes = scopesOfPerson(resource, asked, user)
  if (scopes.length === 0) {
    throw new OAuthError('invalid_scope', 'The person may give none of these scopes')
  }
  // Last, so that a request that could not succeed leaves it good.
  await orInvalidGrant(() => useUp(services, assertion))
  const { userId } = user
  return issueAccessToken(services, request, {
    ...{ via: 'jwt_bearer', sub: userId, userId, resource, scopes, actors: [] },
    assertedBy: assertion.issuer.issuer,
  })
}

/** By a link that the operator made, or by an address that the issuer verified and is trusted with. */
async function findPerson(
  services: Services,
  { issuer, claims }: TrustedAssertion,
): Promise<User | undefined> {
  const linked = issuer.people.find(({ subject }) => subject === claims.sub)
  const said = linked?.email ?? verifiedEmail(claims)
  const email = said === undefined ? undefined : normalizeEmail(said)
  if (email === undefined) return undefined
  const domain = email.slice(email.lastIndexOf('@') + 1)
  if (!linked && !issuer.emailDomains.includes(domain)) return undefined
  const user = await findUserByEmail(services, email)
  // Somebody may have taken an address that is not theirs.
  return user?.emailVerifiedAt === null ? undefined : user
}

function verifiedEmail({ email, email_verified }: TrustedAssertion['claims']): string | undefined {
  return typeof email === 'string' && email_verified === true ? email : undefined
}

/** The one that the assertion names, or where it names none the one that the request does. */
function resourceOf(
  { settings }: Services,
  parameters: Parameters,
  { claims }: TrustedAssertion,
): Resource {
  const named = [claims.resource ?? []].flat()
  const asked = parameters.all('resource')
  const known = named.map((name) => findResource(settings, String(name))?.resource)
  const isWithin = asked.every((name) => known.includes(findResource(settings, name)?.resource))
  if (named.length > 0 && !isWithin) {
    throw new OAuthError('invalid_target', 'The assertion is for another resource')
  }
  const resources = asked.length > 0 ? asked : named.map(String)
  return oneResourceOf(settings, { resources, scopes: parseScope(parameters.get('scope')) })
}

/** Never more than the assertion says; where it says nothing, what the resource gives by default. */
function scopesOf(
  { settings }: Services,
  parameters: Parameters,
  { assertion: { claims }, resource }: { assertion: TrustedAssertion; resource: Resource },
): string[] {
  const said = typeof claims.scope === 'string' ? parseScope(claims.scope) : []
  const limit = said.length > 0 ? said : resource.defaultScopes
  const asked = parseScope(parameters.get('scope'))
  if (exceeds(asked, limit)) {
    throw new OAuthError('invalid_scope', 'The assertion does not go that far')
  }
  return scopesFor({ settings, resource }, asked.length > 0 ? asked : limit)
}

async function orInvalidGrant<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    throw error instanceof JwtRefused ? refusal(error.message) : error
  }
}

function refusal(reason: string): OAuthError {
  return invalidGrant('assertion', { reason })
}
