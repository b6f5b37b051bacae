/**
 * A library signs its request, pushes it, and asks for one thing in particular; it proves who it
 * is by its key too, so nothing of it could be changed or made up on the way.
 * @see [RFC 9101 §4 - Request Object](https://www.rfc-editor.org/rfc/rfc9101.html#section-4)
 * @see [RFC 9126 §3 - The "request" Request Parameter](https://www.rfc-editor.org/rfc/rfc9126.html#section-3)
 * @see [RFC 9396 §7 - Token Response](https://www.rfc-editor.org/rfc/rfc9396.html#section-7)
 */
import * as oauth from 'oauth4webapi'
import { registerSigning } from '../support/client-assertion.ts'
import { dinner, payment } from '../support/detail-types.ts'
import { redirectUri } from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, expect, test } from '../support/test.ts'

const loopback = { [oauth.allowInsecureRequests]: true }
let server: TestServer
beforeAll(async () => {
  server = await startTestServer({
    authorizationDetailTypes: [payment],
    requireSignedRequestObject: true,
    requirePushedAuthorizationRequests: true,
  })
})
afterAll(() => server.stop())

test.each(['ES256', 'RS256', 'PS256', 'EdDSA'])('a client that signs with %s', async (alg) => {
  const issuer = new URL(server.url)
  const found = await oauth.discoveryRequest(issuer, loopback)
  const as = await oauth.processDiscoveryResponse(issuer, found)
  expect(as.require_signed_request_object).toBe(true)
  const { client_id, privateKey, publicJwk } = await registerSigning(server, alg, {
    request_object_signing_alg: alg,
    require_signed_request_object: true,
  })
  const client: oauth.Client = { client_id }
  const key = { key: privateKey, kid: publicJwk.kid ?? '' }
  const proof = oauth.PrivateKeyJwt(key)
  const verifier = oauth.generateRandomCodeVerifier()
  const state = oauth.generateRandomState()
  const request = await oauth.issueRequestObject(
    as,
    client,
    new URLSearchParams({
      response_type: 'code',
      redirect_uri: redirectUri,
      scope: 'read',
      state,
      authorization_details: JSON.stringify([dinner]),
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    }),
    key,
  )
  const form = new URLSearchParams({ client_id, request })
  const sent = await oauth.pushedAuthorizationRequest(as, client, proof, form, loopback)
  const pushed = await oauth.processPushedAuthorizationResponse(as, client, sent)
  const url = new URL(as.authorization_endpoint ?? '')
  url.search = new URLSearchParams({ client_id, request_uri: pushed.request_uri }).toString()
  const back = await server.person().answer(url.href)
  const parameters = oauth.validateAuthResponse(as, client, back, state)
  const answer = await oauth.authorizationCodeGrantRequest(
    as,
    client,
    proof,
    parameters,
    redirectUri,
    verifier,
    loopback,
  )
  const tokens = await oauth.processAuthorizationCodeResponse(as, client, answer)
  expect(tokens.scope).toBe('read')
  expect(tokens.authorization_details).toEqual([dinner])
})
