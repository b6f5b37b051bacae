/**
 * Another service as an OAuth client sees it: where it is asked, and as whom. What an OpenID
 * provider publishes of itself is kept for an hour; its keys are asked for anew when one is missing.
 *
 * @see [OpenID Connect Discovery 1.0 §4 - Obtaining OpenID Provider Configuration Information](https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig)
 */
import * as oauth from 'oauth4webapi'
import type { Upstream } from '../config/upstream-settings.ts'
import type { Services } from '../protocol/services.ts'

const answerBytesMax = 262_144
const metadataSeconds = 3600
const clockToleranceSeconds = 30

export interface UpstreamServer {
  readonly server: oauth.AuthorizationServer
  readonly client: oauth.Client
  readonly authentication: oauth.ClientAuth
  /** The one redirect URI of this upstream, which no other shares (RFC 9700 §4.4). */
  readonly redirectUri: string
  readonly options: RequestOptions
}

interface RequestOptions {
  readonly [oauth.customFetch]: (
    url: string,
    init: { readonly method: string; readonly headers?: HeadersInit; readonly body?: unknown },
  ) => Promise<Response>
  readonly [oauth.allowInsecureRequests]: boolean
}

/** @throws {Error} when the service does not answer, or not as it should */
export async function upstreamServer(
  services: Services,
  upstream: Upstream,
): Promise<UpstreamServer> {
  const options = requestOptions(services, upstream)
  const server =
    upstream.kind === 'github'
      ? githubServer(upstream.issuer)
      : await discover(services, upstream, options)
  return {
    server,
    client: {
      client_id: upstream.clientId,
      // Only ever other than 0 where the clock was set, as tests do.
      [oauth.clockSkew]: Math.round((services.now() - Date.now()) / 1000),
      [oauth.clockTolerance]: clockToleranceSeconds,
    },
    authentication: authenticationOf(upstream, server),
    redirectUri: `${services.settings.issuer}/sign-in/from/${upstream.id}`,
    options,
  }
}

/** Every request goes by the one guarded way out; a private host must be in `outbound.allowed_hosts`. */
function requestOptions({ outbound }: Services, { issuer }: Upstream): RequestOptions {
  return {
    [oauth.customFetch]: async (url, { method, headers, body }) => {
      const answer = await outbound.request({
        url,
        method: method === 'POST' ? 'POST' : 'GET',
        headers: Object.fromEntries(new Headers(headers)),
        ...(body === undefined || body === null ? {} : { body: String(body) }),
        bytesMax: answerBytesMax,
        ofOperator: true,
      })
      if (answer.outcome === 'failed') throw new Error(`${answer.reason}: ${answer.cause}`)
      const { status, headers: answered } = answer
      return new Response(answer.body || null, { status, headers: answered })
    },
    [oauth.allowInsecureRequests]: issuer.startsWith('http:'),
  }
}

interface Discovered {
  readonly server: oauth.AuthorizationServer
  readonly until: number
}

/** By the services that asked, so that two servers in one process share nothing. */
const discovered = new WeakMap<Services, Map<string, Discovered>>()

async function discover(
  services: Services,
  { issuer }: Upstream,
  options: RequestOptions,
): Promise<oauth.AuthorizationServer> {
  const kept = discovered.get(services) ?? new Map<string, Discovered>()
  discovered.set(services, kept)
  const known = kept.get(issuer)
  if (known && known.until > services.now()) return known.server
  const identifier = new URL(issuer)
  const response = await oauth.discoveryRequest(identifier, options)
  const server = await oauth.processDiscoveryResponse(identifier, response)
  kept.set(issuer, { server, until: services.now() + metadataSeconds * 1000 })
  return server
}

/** GitHub publishes nothing of itself. */
function githubServer(issuer: string): oauth.AuthorizationServer {
  return {
    issuer,
    authorization_endpoint: `${issuer}/login/oauth/authorize`,
    token_endpoint: `${issuer}/login/oauth/access_token`,
  }
}

function authenticationOf(
  { kind, clientSecret }: Upstream,
  { token_endpoint_auth_methods_supported: methods }: oauth.AuthorizationServer,
): oauth.ClientAuth {
  if (clientSecret === undefined) return oauth.None()
  const known = kind === 'github' ? ['client_secret_post'] : (methods ?? ['client_secret_basic'])
  return known.includes('client_secret_basic')
    ? oauth.ClientSecretBasic(clientSecret)
    : oauth.ClientSecretPost(clientSecret)
}
