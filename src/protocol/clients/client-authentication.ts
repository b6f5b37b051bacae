/**
 * A client proves that it is the one it says: by the one method that it registered, and by no
 * other.
 *
 * @see [RFC 6749 §2.3 - Client Authentication](https://www.rfc-editor.org/rfc/rfc6749.html#section-2.3)
 */
import type { Settings } from '../../config/settings.ts'
import { proofOf } from '../../domain/client.ts'
import { equalSecrets, sha256 } from '../../domain/keyring.ts'
import type { Ahead } from '../ahead.ts'
import { OAuthError } from '../oauth-error.ts'
import { Parameters } from '../parameters.ts'
import type { Presented } from '../presented.ts'
import type { Services } from '../services.ts'
import { JwtRefused } from '../signed-jwt.ts'
import type { AuthMethod } from './auth-methods.ts'
import { whatIsWrongWithCertificate } from './certificate-authentication.ts'
import { assertionType, checkClientAssertion, clientIdOfAssertion } from './client-assertion.ts'
import { type KnownClient, lookUpClient } from './known-client.ts'

interface Credentials {
  readonly method: AuthMethod
  readonly clientId: string
  /** Every reading of the secret that the header allows; one of them must be right. */
  readonly secrets?: readonly string[]
  readonly assertion?: string
}

export interface ClientRequest extends Pick<Presented, 'authorization' | 'certificate'> {
  readonly parameters: Parameters
  readonly ahead?: Pick<Ahead, 'client'> | undefined
}

/**
 * @throws {OAuthError} invalid_client (401): with `WWW-Authenticate` when the header was used
 */
export async function authenticateClient(
  services: Services,
  request: ClientRequest,
): Promise<KnownClient> {
  const credentials = readCredentials(services.settings, request)
  const client = await (request.ahead?.client ??
    lookUpClient(services, credentials.clientId, 'last good'))
  const headers: Record<string, string> =
    credentials.method === 'client_secret_basic'
      ? { 'WWW-Authenticate': `Basic realm="${services.settings.issuer}"` }
      : {}
  const refusal = (cause: string) =>
    new OAuthError('invalid_client', 'The client is not known here, or did not prove who it is', {
      cause,
      headers,
    })
  if (!client) throw refusal('unknown client')
  const method = client.metadata.tokenEndpointAuthMethod
  const proof = proofOf(method)
  // Of a client with a certificate the request itself says no more than its name.
  if (credentials.method !== (proof === 'certificate' ? 'none' : method)) {
    throw refusal(`method ${credentials.method} is not the registered one`)
  }
  if (proof === 'none') return client
  const { certificate } = request
  const wrong = await whatIsWrong(services, client, { ...credentials, certificate })
  if (wrong !== undefined) throw refusal(wrong)
  return client
}

async function whatIsWrong(
  services: Services,
  client: KnownClient,
  { assertion, secrets = [], certificate }: Credentials & Pick<Presented, 'certificate'>,
): Promise<string | undefined> {
  const proof = proofOf(client.metadata.tokenEndpointAuthMethod)
  if (proof === 'secret') {
    const { secretHash = '', previousSecret } = client
    const isOverlap = previousSecret !== undefined && services.now() < previousSecret.endsAt
    const expected = isOverlap ? [secretHash, previousSecret.hash] : [secretHash]
    const matches = secrets.flatMap((secret) =>
      expected.map((hash) => equalSecrets(sha256(secret), hash)),
    )
    return matches.includes(true) ? undefined : 'wrong client secret'
  }
  try {
    if (proof === 'certificate') {
      return await whatIsWrongWithCertificate(services, client, certificate)
    }
    await checkClientAssertion(services, client, assertion ?? '')
    return undefined
  } catch (error) {
    const what = proof === 'certificate' ? 'certificate' : 'client assertion'
    if (error instanceof JwtRefused) return `${what}: ${error.message}`
    throw error
  }
}

/** Who a request says it is from, before anything of it is checked; undefined if it cannot be read. */
export function claimedClient(
  settings: Settings,
  request: { form: URLSearchParams; authorization: string | undefined },
): { clientId: string; hasSecret: boolean } | undefined {
  const { form, authorization } = request
  try {
    const parameters = new Parameters(form)
    const { clientId, method } = readCredentials(settings, { parameters, authorization })
    return { clientId, hasSecret: method !== 'none' }
  } catch {
    return undefined
  }
}

/**
 * Who names nobody has forgotten a parameter; 401 is for who names somebody in vain.
 * @throws {OAuthError} invalid_request
 */
export function requireNamedClient(request: {
  parameters: Parameters
  authorization: string | undefined
}): void {
  const { parameters, authorization } = request
  if (authorization !== undefined || parameters.has('client_assertion')) return
  parameters.require('client_id')
}

function readCredentials(
  settings: Settings,
  request: { parameters: Parameters; authorization: string | undefined },
): Credentials {
  const { parameters, authorization } = request
  const bodyId = parameters.get('client_id')
  const bodySecret = parameters.get('client_secret')
  const isBasic = authorization !== undefined && /^basic( |$)/i.test(authorization)
  const isAsserted = parameters.has('client_assertion') || parameters.has('client_assertion_type')
  if ([isBasic, isAsserted, bodySecret !== undefined].filter(Boolean).length > 1) {
    throw new OAuthError('invalid_request', 'Client credentials were sent in two ways')
  }
  if (isBasic) return readBasic(authorization, bodyId)
  if (isAsserted) return readAssertion(settings, { parameters, bodyId })
  if (bodyId === undefined) {
    throw new OAuthError('invalid_client', 'Missing required parameter: client_id')
  }
  return bodySecret === undefined
    ? { method: 'none', clientId: bodyId }
    : { method: 'client_secret_post', clientId: bodyId, secrets: [bodySecret] }
}

/** RFC 7523 §3: the client is the subject of the statement, and need not be named beside it. */
function readAssertion(
  settings: Settings,
  { parameters, bodyId }: { parameters: Parameters; bodyId: string | undefined },
): Credentials {
  const invalid = (cause: string) =>
    new OAuthError('invalid_client', 'The client assertion cannot be read', { cause })
  if (parameters.get('client_assertion_type') !== assertionType) throw invalid('another type')
  const assertion = parameters.get('client_assertion') ?? ''
  const clientId = clientIdOfAssertion(settings, assertion)
  if (clientId === undefined) throw invalid('no subject')
  if (bodyId !== undefined && bodyId !== clientId) throw invalid('client_id differs in the body')
  return { method: 'private_key_jwt', clientId, assertion }
}

/**
 * RFC 6749 §2.3.1 wants both halves form-encoded; half of all clients send them as they are. Our
 * own ids and secrets read the same either way, so both readings are tried.
 */
function readBasic(authorization: string, bodyId: string | undefined): Credentials {
  const text = Buffer.from(authorization.slice(6).trim(), 'base64').toString('utf8')
  const colon = text.indexOf(':')
  const invalid = (cause: string) =>
    new OAuthError('invalid_client', 'The Authorization header cannot be read', {
      cause,
      headers: { 'WWW-Authenticate': 'Basic' },
    })
  if (colon < 1) throw invalid('no colon in Basic credentials')
  const clientId = formDecoded(text.slice(0, colon))
  if (bodyId !== undefined && bodyId !== clientId) throw invalid('client_id differs in the body')
  const secret = text.slice(colon + 1)
  const secrets = [...new Set([secret, formDecoded(secret)])]
  return { method: 'client_secret_basic', clientId, secrets }
}

function formDecoded(text: string): string {
  if (!/[%+]/.test(text)) return text
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}
