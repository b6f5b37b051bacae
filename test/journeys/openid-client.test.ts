/**
 * openid-client with its strictest checks, from discovery to logout, once for each algorithm that
 * an ID token may be signed with.
 *
 * @see [OpenID Connect Core 1.0 §3.1.3.7 - ID Token Validation](https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation)
 */
import * as oidc from 'openid-client'
import { signingAlgorithms } from '../../src/domain/signing-key.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const redirectUri = 'https://app.example.com/callback'
const afterwards = 'https://app.example.com/left'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

describe('openid-client', () => {
  for (const algorithm of signingAlgorithms) {
    test(`goes from discovery to logout with ID tokens signed by ${algorithm}`, async () => {
      const config = await oidc.dynamicClientRegistration(
        new URL(server.url),
        {
          client_name: 'Strict client',
          redirect_uris: [redirectUri],
          post_logout_redirect_uris: [afterwards],
          id_token_signed_response_alg: algorithm,
          token_endpoint_auth_method: 'client_secret_post',
        },
        undefined,
        { execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks] },
      )
      expect(config.clientMetadata().id_token_signed_response_alg).toBe(algorithm)
      const codeVerifier = oidc.randomPKCECodeVerifier()
      const [state, nonce] = [oidc.randomState(), oidc.randomNonce()]
      const url = await oidc.buildAuthorizationUrlWithPAR(config, {
        redirect_uri: redirectUri,
        scope: 'openid profile email read',
        code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
        state,
        nonce,
        max_age: '600',
      })
      const person = server.person()
      const back = await person.answer(url.href)

      const tokens = await oidc.authorizationCodeGrant(config, back, {
        pkceCodeVerifier: codeVerifier,
        expectedState: state,
        expectedNonce: nonce,
        maxAge: 600,
        idTokenExpected: true,
      })
      const claims = tokens.claims()
      expect(claims).toMatchObject({ nonce, auth_time: expect.any(Number) })
      const sub = claims?.sub ?? ''
      const info = await oidc.fetchUserInfo(config, tokens.access_token, sub)
      expect(info).toMatchObject({ sub, email: admin.email })

      const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '')
      expect(await oidc.fetchUserInfo(config, refreshed.access_token, sub)).toEqual(info)

      const leaving = oidc.buildEndSessionUrl(config, {
        id_token_hint: tokens.id_token ?? '',
        post_logout_redirect_uri: afterwards,
        state,
      })
      const asked = await person.open(leaving.href)
      const left = await person.open(asked.headers.get('location') ?? '')
      expect(left.headers.get('location')).toBe(`${afterwards}?state=${state}`)
      expect((await person.open('/account')).status).toBe(303)
    })
  }
})
