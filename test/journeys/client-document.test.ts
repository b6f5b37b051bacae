/**
 * Real clients that are known by a document at a URL, or prove themselves by what they sign: the
 * official MCP client, openid-client and oauth4webapi, against a server over HTTP.
 */
import { createPrivateKeyJwtAuth, type OAuthClientProvider } from '@modelcontextprotocol/client'
import { type CryptoKey, exportJWK } from 'jose'
import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'
import { appRedirectUri } from '../support/app-memory.ts'
import { newKey, registerSigning } from '../support/client-assertion.ts'
import { publishClient } from '../support/client-document.ts'
import { type DocumentServer, startDocumentServer } from '../support/document-server.ts'
import { connectApp, endpointOf, McpApp } from '../support/mcp-app.ts'
import { eventsOf, isLive, redirectUri } from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

let site: DocumentServer
let server: TestServer
beforeAll(async () => {
  site = await startDocumentServer()
  server = await startTestServer({ outbound: site.outbound })
})
afterAll(async () => {
  await server.stop()
  await site.stop()
})

/** An application that has published a document, and does not register. */
class PublishedApp extends McpApp {
  readonly clientMetadataUrl: string
  constructor(url: string) {
    super(server.person())
    this.clientMetadataUrl = url
  }
}

/** The same, which signs. */
class SigningApp extends PublishedApp {
  readonly addClientAuthentication: NonNullable<OAuthClientProvider['addClientAuthentication']>
  constructor(url: string, key: { alg: string; privateKey: Record<string, unknown> }) {
    super(url)
    this.addClientAuthentication = createPrivateKeyJwtAuth({ issuer: url, subject: url, ...key })
  }
}

describe('the official MCP client', () => {
  test('is known by its document, works, and refreshes, without registering', async () => {
    const { client_id } = publishClient(site, { redirect_uris: [appRedirectUri] })
    const app = new PublishedApp(client_id)
    const client = await connectApp(app, endpointOf(server))
    expect(app.registered().client_id).toBe(client_id)
    expect((await client.listTools()).tools.length).toBeGreaterThan(0)
    const before = app.held()
    app.loseAccessToken()
    expect((await client.listTools()).tools.length).toBeGreaterThan(0)
    expect(app.held().refresh_token).not.toBe(before.refresh_token)
    expect(app.redirects).toHaveLength(1)
    await client.close()
    const [registered] = await eventsOf(server, 'ClientRegistered')
    expect(registered?.payload).toMatchObject({ clientId: client_id, registeredVia: 'document' })
  })

  for (const alg of ['RS256', 'ES256', 'EdDSA']) {
    test(`MCP.md row 7: proves itself by ${alg}, with keys beside its document`, async () => {
      const { privateKey, publicJwk } = await newKey(alg)
      const path = `/${alg}/jwks.json`
      site.put(path, { body: JSON.stringify({ keys: [publicJwk] }) })
      const { client_id } = publishClient(site, {
        redirect_uris: [appRedirectUri],
        token_endpoint_auth_method: 'private_key_jwt',
        token_endpoint_auth_signing_alg: alg,
        jwks_uri: site.url + path,
      })
      const jwk = { ...(await exportJWK(privateKey)) }
      const app = new SigningApp(client_id, { alg, privateKey: jwk })
      const client = await connectApp(app, endpointOf(server))
      expect((await client.listTools()).tools.length).toBeGreaterThan(0)
      expect(site.asked).toContain(`GET ${site.host}${path}`)
      await client.close()
    })
  }
})

describe('openid-client', () => {
  for (const alg of ['RS256', 'ES256', 'EdDSA']) {
    test(`proves itself by ${alg} at every endpoint that asks`, async () => {
      const client = await registerSigning(server, alg)
      const configuration = await openid.discovery(
        new URL(server.url),
        client.client_id,
        undefined,
        openid.PrivateKeyJwt({ key: client.privateKey, kid: String(client.publicJwk.kid) }),
        { execute: [openid.allowInsecureRequests] },
      )
      const pkceCodeVerifier = openid.randomPKCECodeVerifier()
      const url = await openid.buildAuthorizationUrlWithPAR(configuration, {
        redirect_uri: redirectUri,
        scope: 'book',
        state: 'a state',
        code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
        code_challenge_method: 'S256',
      })
      const back = await server.person().answer(url.href)
      const checks = { pkceCodeVerifier, expectedState: 'a state' }
      const tokens = await openid.authorizationCodeGrant(configuration, back, checks)
      const renewed = await openid.refreshTokenGrant(configuration, tokens.refresh_token ?? '')
      const told = await openid.tokenIntrospection(configuration, renewed.access_token)
      expect(told.active).toBe(true)
      await openid.tokenRevocation(configuration, renewed.access_token)
      expect(await isLive(server, renewed.access_token)).toBe(false)
    })
  }
})

describe('oauth4webapi', () => {
  test('is known by its document, and proves itself by a key in it', async () => {
    const { privateKey, publicJwk } = await newKey('ES256')
    const { client_id } = publishClient(site, {
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [publicJwk] },
    })
    const issuer = new URL(server.url)
    const insecure = { [oauth.allowInsecureRequests]: true }
    const as = await oauth.processDiscoveryResponse(
      issuer,
      await oauth.discoveryRequest(issuer, { ...insecure, algorithm: 'oauth2' }),
    )
    expect(as.client_id_metadata_document_supported).toBe(true)
    const client: oauth.Client = { client_id }
    const verifier = oauth.generateRandomCodeVerifier()
    const url = new URL(as.authorization_endpoint ?? '')
    url.search = new URLSearchParams({
      client_id,
      redirect_uri: redirectUri,
      response_type: 'code',
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    }).toString()
    const back = await server.person().answer(url.href)
    const response = await oauth.authorizationCodeGrantRequest(
      as,
      client,
      oauth.PrivateKeyJwt({ key: privateKey as CryptoKey, kid: String(publicJwk.kid) }),
      oauth.validateAuthResponse(as, client, back),
      redirectUri,
      verifier,
      insecure,
    )
    const tokens = await oauth.processAuthorizationCodeResponse(as, client, response)
    expect(await isLive(server, tokens.access_token)).toBe(true)
  })
})
