/**
 * Authorization requests that the client has signed. What is asked for is then what the object
 * says and nothing else: whoever carries the request, a browser or the person at it, can neither
 * change it nor add to it.
 *
 * The object comes by value. One that a `request_uri` refers to is never fetched: the person would
 * wait for another server, which may say something else each time; a push does the same without.
 *
 * @see [RFC 9101 §4 - Request Object](https://www.rfc-editor.org/rfc/rfc9101.html#section-4)
 * @see [RFC 9101 §6.3 - Request Parameter Assembly and Validation](https://www.rfc-editor.org/rfc/rfc9101.html#section-6.3)
 * @see [RFC 9126 §3 - The "request" Request Parameter](https://www.rfc-editor.org/rfc/rfc9126.html#section-3)
 */
import type { JWTPayload } from 'jose'
import type { Settings } from '../../config/settings.ts'
import { verifyClientJwt } from '../clients/client-keys.ts'
import type { KnownClient } from '../clients/known-client.ts'
import { OAuthError } from '../oauth-error.ts'
import type { Services } from '../services.ts'
import { JwtRefused } from '../signed-jwt.ts'

const lifetimeSecondsMax = 60 * 60

/** What the JWT says about itself, and not of the request. */
const claimsOfJwt = new Set(['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti'])

/**
 * The parameters that count: those of the request object alone, where there is one.
 * @throws {OAuthError} invalid_request_object, which belongs to nobody's redirect URI
 */
export async function requestedParameters(
  services: Services,
  client: KnownClient,
  given: URLSearchParams,
): Promise<URLSearchParams> {
  const [jwt, ...others] = given.getAll('request')
  if (others.length > 0) throw new OAuthError('invalid_request', 'Repeated parameter: request')
  if (!jwt) return given
  const { requestObjectSigningAlg: algorithm } = client.metadata
  const claims = await verified(services, client, { jwt, algorithm, refused })
  if (claims.client_id !== client.clientId) throw refused('client_id is another')
  // It would pass for a proof of who the client is (RFC 9101 §10.8).
  if (claims.sub === client.clientId) throw refused('sub is the client')
  if (claims.request !== undefined || claims.request_uri !== undefined) {
    throw refused('it refers to another')
  }
  return parametersOf(claims)
}

/**
 * The same where a client asks a person without a browser: it signs all of its requests, or none.
 * @see [OpenID Connect CIBA Core 1.0 §7.1.1 - Signed Authentication Request](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#signed_auth_request)
 * @throws {OAuthError} invalid_request
 */
export async function requestedByBackChannel(
  services: Services,
  client: KnownClient,
  given: URLSearchParams,
): Promise<URLSearchParams> {
  const algorithm = client.metadata.backChannel?.requestSigningAlg
  const jwt = given.get('request') || undefined
  if ((jwt === undefined) !== (algorithm === undefined)) {
    const words = jwt === undefined ? 'must be signed' : 'are signed only where that was registered'
    throw new OAuthError('invalid_request', `Requests of this client ${words}`)
  }
  if (jwt === undefined || algorithm === undefined) return given
  const wrong = (cause: string) =>
    new OAuthError('invalid_request', 'The signed request is not valid', { cause })
  if ([...given.keys()].some((name) => !besideSigned.has(name))) throw wrong('parameters beside it')
  const claims = await verified(services, client, { jwt, algorithm, refused: wrong })
  const missing = ['iat', 'nbf', 'jti'].find((name) => claims[name] === undefined)
  if (missing !== undefined) throw wrong(`${missing} is missing`)
  if (claims.sub === client.clientId) throw wrong('sub is the client')
  return parametersOf(claims)
}

/** Who the client is stands outside of what it signed. */
const besideSigned = new Set([
  ...['request', 'client_id', 'client_secret', 'client_assertion', 'client_assertion_type'],
])

/** @throws {OAuthError} invalid_request for a request that was to be signed and is not */
export function requireSigned(
  { requireSignedRequestObject }: Settings,
  { metadata }: KnownClient,
  given: URLSearchParams,
): void {
  const isNeeded = requireSignedRequestObject || metadata.requireSignedRequestObject === true
  if (!isNeeded || given.get('request')) return
  throw new OAuthError('invalid_request', 'Authorization requests must be signed here')
}

interface Signed {
  readonly jwt: string
  readonly algorithm: string | undefined
  readonly refused: (cause: string) => OAuthError
}

async function verified(
  services: Services,
  client: KnownClient,
  { jwt, algorithm, refused }: Signed,
): Promise<JWTPayload> {
  try {
    return await verifyClientJwt(
      services,
      { client, jwt },
      {
        types: ['oauth-authz-req+jwt', 'jwt', undefined],
        audiences: [services.settings.issuer],
        ...(algorithm === undefined ? {} : { algorithm }),
        lifetimeSecondsMax,
      },
    )
  } catch (error) {
    if (error instanceof JwtRefused) throw refused(error.message)
    throw error
  }
}

/** As a form would carry them: lists repeat, objects are JSON (§4, by way of JSON's own types). */
function parametersOf(claims: JWTPayload): URLSearchParams {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(claims)) {
    if (claimsOfJwt.has(name) || value === undefined || value === null) continue
    const isTexts = Array.isArray(value) && value.every((one) => typeof one === 'string')
    for (const one of isTexts ? (value as string[]) : [value]) {
      parameters.append(name, typeof one === 'object' ? JSON.stringify(one) : String(one))
    }
  }
  return parameters
}

function refused(cause: string): OAuthError {
  return new OAuthError('invalid_request_object', 'The request object is not valid', { cause })
}
