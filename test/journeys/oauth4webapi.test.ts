/** oauth4webapi checks every answer against the specifications; what it takes is in order. */
import * as oauth from 'oauth4webapi'
import { redirectUri } from '../support/oauth-client.ts'
import { rejectionOf } from '../support/rejection.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

/** Plain http, because the server is on loopback. */
const loopback = { [oauth.allowInsecureRequests]: true }

let server: TestServer
let authorizationServer: oauth.AuthorizationServer
beforeAll(async () => {
  server = await startTestServer()
  authorizationServer = await discover('oidc')
})
afterAll(() => server.stop())

async function discover(algorithm: 'oauth2' | 'oidc'): Promise<oauth.AuthorizationServer> {
  const issuer = new URL(server.url)
  const response = await oauth.discoveryRequest(issuer, { algorithm, ...loopback })
  return oauth.processDiscoveryResponse(issuer, response)
}

type Method = 'none' | 'client_secret_basic' | 'client_secret_post'

async function register(method: Method) {
  const metadata = {
    client_name: 'A strict client',
    redirect_uris: [redirectUri],
    token_endpoint_auth_method: method,
  }
  const response = await oauth.dynamicClientRegistrationRequest(
    authorizationServer,
    metadata,
    loopback,
  )
  const client = await oauth.processDynamicClientRegistrationResponse(response)
  return { client, authentication: authenticationFor(method, client.client_secret) }
}

function authenticationFor(method: Method, secret: unknown): oauth.ClientAuth {
  if (method === 'none') return oauth.None()
  if (typeof secret !== 'string') throw new Error('Cannot authenticate: no secret was given')
  return method === 'client_secret_basic'
    ? oauth.ClientSecretBasic(secret)
    : oauth.ClientSecretPost(secret)
}

interface Started extends Registered {
  readonly answer: URLSearchParams
  readonly verifier: string
}

type Registered = Awaited<ReturnType<typeof register>>

/** Puts the request into the query, as it always was, or hands it over beforehand. */
type Delivery = (registered: Registered, request: URLSearchParams) => Promise<URLSearchParams>

const inTheQuery: Delivery = async (_, request) => request

/** @see [RFC 9126 §4 - Authorization Request](https://www.rfc-editor.org/rfc/rfc9126.html#section-4) */
const pushed: Delivery = async ({ client, authentication }, request) => {
  const response = await oauth.pushedAuthorizationRequest(
    authorizationServer,
    client,
    authentication,
    request,
    loopback,
  )
  const { request_uri } = await oauth.processPushedAuthorizationResponse(
    authorizationServer,
    client,
    response,
  )
  return new URLSearchParams({ client_id: client.client_id, request_uri })
}

async function authorize(
  method: Method,
  asked: Record<string, string>,
  deliver = inTheQuery,
): Promise<Started> {
  const registered = await register(method)
  const verifier = oauth.generateRandomCodeVerifier()
  const state = oauth.generateRandomState()
  const url = new URL(authorizationServer.authorization_endpoint ?? '')
  const request = new URLSearchParams({
    client_id: registered.client.client_id,
    redirect_uri: redirectUri,
    response_type: 'code',
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    ...asked,
  })
  url.search = String(await deliver(registered, request))
  const back = await server.person().answer(url.href)
  const answer = oauth.validateAuthResponse(authorizationServer, registered.client, back, state)
  return { ...registered, answer, verifier }
}

async function redeem(
  { client, authentication, answer, verifier }: Started,
  checks: oauth.ProcessAuthorizationCodeResponseOptions = {},
) {
  const response = await oauth.authorizationCodeGrantRequest(
    authorizationServer,
    client,
    authentication,
    answer,
    redirectUri,
    verifier,
    loopback,
  )
  const tokens = await oauth.processAuthorizationCodeResponse(
    authorizationServer,
    client,
    response,
    checks,
  )
  return { tokens, response }
}

async function refresh({ client, authentication }: Started, refreshToken: string) {
  const response = await oauth.refreshTokenGrantRequest(
    authorizationServer,
    client,
    authentication,
    refreshToken,
    loopback,
  )
  return oauth.processRefreshTokenResponse(authorizationServer, client, response)
}

async function introspect({ client, authentication }: Started, token: string) {
  const response = await oauth.introspectionRequest(
    authorizationServer,
    client,
    authentication,
    token,
    loopback,
  )
  return oauth.processIntrospectionResponse(authorizationServer, client, response)
}

async function revoke({ client, authentication }: Started, token: string): Promise<void> {
  const response = await oauth.revocationRequest(
    authorizationServer,
    client,
    authentication,
    token,
    loopback,
  )
  await oauth.processRevocationResponse(response)
}

describe('discovery', () => {
  test('finds the same server by RFC 8414 and by OpenID Connect', async () => {
    const { token_endpoint, jwks_uri } = await discover('oauth2')
    expect({ token_endpoint, jwks_uri }).toEqual({
      token_endpoint: authorizationServer.token_endpoint,
      jwks_uri: authorizationServer.jwks_uri,
    })
  })

  test('leads from the resource to its authorization server', async () => {
    const resource = new URL(`${server.url}/api/mcp`)
    const response = await oauth.resourceDiscoveryRequest(resource, loopback)
    const found = await oauth.processResourceDiscoveryResponse(resource, response)
    expect(found.authorization_servers).toEqual([server.url])
  })
})

describe.each(['none', 'client_secret_basic', 'client_secret_post'] as const)(
  'a client that authenticates by %p',
  (method) => {
    test('gets tokens for a resource, refreshes them and revokes them', async () => {
      const resource = `${server.url}/api/mcp`
      const started = await authorize(method, { scope: 'read', resource })
      const { tokens } = await redeem(started)
      expect([tokens.token_type, tokens.scope]).toEqual(['bearer', 'read'])
      const refreshed = await refresh(started, tokens.refresh_token ?? '')
      expect(refreshed.scope ?? 'read').toBe('read')
      await revoke(started, refreshed.refresh_token ?? '')
      expect(await rejectionOf(refresh(started, refreshed.refresh_token ?? ''))).toMatchObject({
        name: 'ResponseBodyError',
        error: 'invalid_grant',
      })
      const endpoint = new URL(resource)
      const [token, headers, body] = [refreshed.access_token, new Headers(), null]
      const call = oauth.protectedResourceRequest(token, 'POST', endpoint, headers, body, loopback)
      expect(await rejectionOf(call)).toBeInstanceOf(oauth.WWWAuthenticateChallengeError)
    })

    test('pushes its request, and gets an ID token with the nonce that it pushed', async () => {
      const nonce = oauth.generateRandomNonce()
      const started = await authorize(method, { scope: 'openid read', nonce }, pushed)
      const checks = { expectedNonce: nonce, requireIdToken: true }
      const { tokens } = await redeem(started, checks)
      expect(tokens.scope?.split(' ').toSorted()).toEqual(['openid', 'read'])
    })

    test('reads why its pushed request was refused', async () => {
      const asked = authorize(method, { scope: 'nothing:here' }, pushed)
      expect(await rejectionOf(asked)).toMatchObject({
        name: 'ResponseBodyError',
        error: 'invalid_scope',
      })
    })
  },
)

describe('introspection', () => {
  test('tells a confidential client of its token, and of nothing after the revocation', async () => {
    const started = await authorize('client_secret_basic', { scope: 'book read' })
    const { tokens } = await redeem(started)
    expect(await introspect(started, tokens.access_token)).toMatchObject({
      active: true,
      client_id: started.client.client_id,
      scope: 'book read',
      aud: `${server.url}/api/mcp`,
    })
    const stranger = { ...started, ...(await register('client_secret_basic')) }
    expect(await introspect(stranger, tokens.access_token)).toEqual({ active: false })
    await revoke(started, tokens.access_token)
    expect(await introspect(started, tokens.access_token)).toEqual({ active: false })
  })
})

describe('OpenID Connect', () => {
  test('gives an ID token with the nonce, signed by a key of the key set', async () => {
    const nonce = oauth.generateRandomNonce()
    const started = await authorize('client_secret_basic', { scope: 'openid email', nonce })
    const { tokens, response } = await redeem(started, {
      expectedNonce: nonce,
      requireIdToken: true,
    })
    await oauth.validateApplicationLevelSignature(authorizationServer, response, loopback)
    const claims = oauth.getValidatedIdTokenClaims(tokens)
    expect(claims).toMatchObject({ iss: server.url, aud: started.client.client_id, nonce })
    const answer = await oauth.userInfoRequest(
      authorizationServer,
      started.client,
      tokens.access_token,
      loopback,
    )
    const person = await oauth.processUserInfoResponse(
      authorizationServer,
      started.client,
      claims?.sub ?? '',
      answer,
    )
    expect(person.email).toBe(admin.email)
  })

  test('with another nonce is refused by the library', async () => {
    const started = await authorize('none', { scope: 'openid', nonce: 'one' })
    const checks = { expectedNonce: 'another', requireIdToken: true }
    expect(String(await rejectionOf(redeem(started, checks)))).toContain('nonce')
  })
})
