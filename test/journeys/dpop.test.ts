/**
 * DPoP as two libraries do it, against a server that wants every token bound and every proof with
 * a nonce: from the pushed request to the resource.
 *
 * @see [RFC 9449 §8 - Authorization Server-Provided Nonce](https://www.rfc-editor.org/rfc/rfc9449.html#section-8)
 */
import * as oauth from 'oauth4webapi'
import * as oidc from 'openid-client'
import { redirectUri } from '../support/oauth-client.ts'
import { rejectionOf } from '../support/rejection.ts'
import { freePort, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const loopback = { [oauth.allowInsecureRequests]: true }
const scope = 'openid read'

let server: TestServer
let resource: string
beforeAll(async () => {
  const port = await freePort()
  resource = `http://localhost:${port}/api/mcp`
  server = await startTestServer({
    port,
    requireSenderConstrainedTokens: true,
    dpop: { requireNonce: true },
    resources: [{ resource, name: 'API', scopes: { read: 'Read' }, accessTokenFormat: 'jwt' }],
  })
})
afterAll(() => server.stop())

describe('openid-client', () => {
  for (const algorithm of ['ES256', 'Ed25519', 'PS256', 'RS256']) {
    test(`goes from the pushed request to userinfo with proofs signed by ${algorithm}`, async () => {
      const config = await oidc.dynamicClientRegistration(
        new URL(server.url),
        {
          client_name: 'Bound client',
          redirect_uris: [redirectUri],
          token_endpoint_auth_method: 'none',
          dpop_bound_access_tokens: true,
        },
        oidc.None(),
        { execute: [oidc.allowInsecureRequests] },
      )
      const DPoP = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair(algorithm))
      const pkceCodeVerifier = oidc.randomPKCECodeVerifier()
      const asked = {
        redirect_uri: redirectUri,
        scope,
        code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
        code_challenge_method: 'S256',
      }
      const url = await oidc.buildAuthorizationUrlWithPAR(config, asked, { DPoP })
      const back = await server.person().answer(url.href)

      // The code belongs to that key from the push on.
      const another = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair())
      const stolen = oidc.authorizationCodeGrant(config, back, { pkceCodeVerifier }, undefined, {
        DPoP: another,
      })
      expect(await rejectionOf(stolen)).toMatchObject({ error: 'invalid_grant' })

      const tokens = await oidc.authorizationCodeGrant(
        config,
        back,
        { pkceCodeVerifier },
        undefined,
        { DPoP },
      )
      expect(tokens.token_type).toBe('dpop')
      const refreshed = await oidc.refreshTokenGrant(
        config,
        tokens.refresh_token ?? '',
        undefined,
        {
          DPoP,
        },
      )
      const sub = tokens.claims()?.sub ?? ''
      const info = await oidc.fetchUserInfo(config, refreshed.access_token, sub, { DPoP })
      expect(info.sub).toBe(sub)
      const bare = oidc.fetchUserInfo(config, refreshed.access_token, sub)
      expect(await rejectionOf(bare)).toBeInstanceOf(oidc.WWWAuthenticateChallengeError)
    })
  }
})

describe('oauth4webapi', () => {
  let authorizationServer: oauth.AuthorizationServer
  let client: oauth.Client
  let keys: CryptoKeyPair
  let DPoP: oauth.DPoPHandle
  beforeAll(async () => {
    const issuer = new URL(server.url)
    const found = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...loopback })
    authorizationServer = await oauth.processDiscoveryResponse(issuer, found)
    const metadata = { redirect_uris: [redirectUri], token_endpoint_auth_method: 'none' }
    client = await oauth.processDynamicClientRegistrationResponse(
      await oauth.dynamicClientRegistrationRequest(authorizationServer, metadata, loopback),
    )
    keys = await oauth.generateKeyPair('ES256')
    DPoP = oauth.DPoP(client, keys)
  })

  /** Asks once more when it has been told a nonce, as its documentation says. */
  async function withNonce<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask()
    } catch (error) {
      if (!oauth.isDPoPNonceError(error)) throw error
      return ask()
    }
  }

  async function connect(): Promise<oauth.TokenEndpointResponse> {
    const verifier = oauth.generateRandomCodeVerifier()
    const url = new URL(authorizationServer.authorization_endpoint ?? '')
    url.search = String(
      new URLSearchParams({
        client_id: client.client_id,
        redirect_uri: redirectUri,
        response_type: 'code',
        scope,
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        dpop_jkt: await DPoP.calculateThumbprint(),
      }),
    )
    const back = await server.person().answer(url.href)
    const answer = oauth.validateAuthResponse(authorizationServer, client, back)
    return withNonce(async () => {
      const response = await oauth.authorizationCodeGrantRequest(
        authorizationServer,
        client,
        oauth.None(),
        answer,
        redirectUri,
        verifier,
        { DPoP, ...loopback },
      )
      return oauth.processAuthorizationCodeResponse(authorizationServer, client, response)
    })
  }

  test('believes, as a resource server, the token that it got as a client', async () => {
    const { access_token, token_type } = await connect()
    expect(token_type).toBe('dpop')
    let seen: Request | undefined
    // The resource is another server: what it is asked is caught on the way out.
    await oauth.protectedResourceRequest(access_token, 'GET', new URL(resource), undefined, null, {
      DPoP,
      ...loopback,
      [oauth.customFetch]: async (url, init) => {
        seen = new Request(url, init as RequestInit)
        return new Response()
      },
    })
    if (!seen) throw new Error('Cannot check: nothing was asked')
    const options = { requireDPoP: true, ...loopback }
    const claims = await oauth.validateJwtAccessToken(authorizationServer, seen, resource, options)
    expect(claims.cnf).toEqual({ jkt: await DPoP.calculateThumbprint() })
  })

  test('calls the MCP endpoint, and is refused there without its key', async () => {
    const { access_token } = await connect()
    const call = (dpop: oauth.DPoPHandle | undefined) =>
      oauth.protectedResourceRequest(
        access_token,
        'POST',
        new URL(resource),
        new Headers({
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
        }),
        JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }),
        { ...(dpop ? { DPoP: dpop } : {}), ...loopback },
      )
    const answer = await withNonce(() => call(DPoP))
    expect(answer.status).toBe(200)
    const thief = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
    for (const held of [undefined, thief]) {
      const error = await rejectionOf(withNonce(() => call(held)))
      expect(error).toBeInstanceOf(oauth.WWWAuthenticateChallengeError)
      expect((error as oauth.WWWAuthenticateChallengeError).status).toBe(401)
    }
  })
})
