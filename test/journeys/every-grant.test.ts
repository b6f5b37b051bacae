/**
 * Every grant by two libraries that check each answer against its specification, with their checks
 * on: openid-client and oauth4webapi. The code grant with PAR, ID tokens and logout is in
 * `openid-client.test.ts` and `oauth4webapi.test.ts`, DPoP in `dpop.test.ts`.
 */
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import * as oauth from 'oauth4webapi'
import * as oidc from 'openid-client'
import type { ClientMetadata } from '../../src/domain/client-events.ts'
import { answerDevice, deviceCodeGrant } from '../support/device.ts'
import { connect, newPkce, redirectUri } from '../support/oauth-client.ts'
import { addClient, type OperatorClient } from '../support/operator-client.ts'
import { admin, freePort, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange'
const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token'
const idp = 'https://idp.example'

let server: TestServer
let machine: OperatorClient
let signer: CryptoKey
/** Of the identity provider that the server trusts. */
let idpKey: CryptoKey
let signing: { client: OperatorClient; key: CryptoKey }

async function newKey(kid: string) {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' }
  return { privateKey, jwks: { keys: [jwk] } }
}

beforeAll(async () => {
  const port = await freePort()
  const resource = `http://localhost:${port}/api/mcp`
  const { privateKey, jwks } = await newKey('idp-1')
  idpKey = privateKey
  server = await startTestServer({
    port,
    resources: [
      {
        resource,
        name: 'Jobs',
        scopes: { read: 'See jobs', book: 'Book' },
        defaultScopes: ['read'],
        clientCredentialsScopes: ['read'],
      },
    ],
    trustedIssuers: [
      { issuer: idp, kinds: ['id_jag'], jwks: JSON.stringify(jwks), emailDomains: ['example.com'] },
    ],
    authorizationDetailTypes: [
      {
        type: 'payment',
        name: 'A payment',
        fields: [{ name: 'amount', label: 'Amount', kind: 'text' }],
      },
    ],
  })
  const own = await newKey('client-1')
  signer = own.privateKey
  machine = await addClient(server.services, {
    grantTypes: ['client_credentials', exchange, jwtBearer],
    scope: 'read',
  })
  const client = await addClient(server.services, {
    clientName: 'Signs what it asks for',
    grantTypes: ['authorization_code', 'refresh_token'],
    responseTypes: ['code'],
    redirectUris: [redirectUri],
    jwks: own.jwks as NonNullable<ClientMetadata['jwks']>,
  })
  signing = { client, key: signer }
})
afterAll(() => server.stop())

/** What both libraries are used for, each in its own way. */
interface Library {
  clientCredentials(): Promise<Tokens>
  device(): Promise<Tokens>
  exchange(subjectToken: string): Promise<Tokens>
  assert(assertion: string): Promise<Tokens>
  signedRequest(): Promise<Tokens>
  introspect(token: string): Promise<{ active: boolean; scope?: string }>
}

interface Tokens {
  readonly access_token: string
  readonly token_type: string
  readonly scope?: string
  readonly expires_in?: number
  readonly [member: string]: unknown
}

const form = (subjectToken: string) => ({
  subject_token: subjectToken,
  subject_token_type: accessTokenType,
})

const details = [{ type: 'payment', amount: '12 EUR' }]

/** A code grant whose request is signed, pushed, and asks for details. */
function wanted(codeChallenge: string): Record<string, string> {
  return {
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'read',
    state: 'a state',
    code_challenge: codeChallenge,
    code_challenge_method: 'S256',
    authorization_details: JSON.stringify(details),
  }
}

function byOpenidClient(): Library {
  const execute = [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks]
  const discover = (
    clientId: string,
    metadata: Partial<oidc.ClientMetadata> | undefined,
    auth: oidc.ClientAuth,
  ) => oidc.discovery(new URL(server.url), clientId, metadata, auth, { execute })
  const configured = (metadata: Partial<oidc.ClientMetadata> = {}) =>
    discover(machine.client_id, metadata, oidc.ClientSecretBasic(machine.client_secret))
  return {
    clientCredentials: async () => oidc.clientCredentialsGrant(await configured()),
    async device() {
      const config = await oidc.dynamicClientRegistration(
        new URL(server.url),
        {
          client_name: 'Television',
          grant_types: [deviceCodeGrant],
          token_endpoint_auth_method: 'none',
        },
        oidc.None(),
        { execute },
      )
      const asked = await oidc.initiateDeviceAuthorization(config, { scope: 'read' })
      await answerDevice(server.person(), asked)
      return oidc.pollDeviceAuthorizationGrant(config, { ...asked, interval: 0.01 })
    },
    exchange: async (subjectToken) =>
      oidc.genericGrantRequest(await configured(), exchange, form(subjectToken)),
    assert: async (assertion) =>
      oidc.genericGrantRequest(await configured(), jwtBearer, { assertion }),
    async signedRequest() {
      const { client, key } = signing
      const config = await discover(
        client.client_id,
        undefined,
        oidc.ClientSecretBasic(client.client_secret),
      )
      const verifier = oidc.randomPKCECodeVerifier()
      const challenge = await oidc.calculatePKCECodeChallenge(verifier)
      const signed = await oidc.buildAuthorizationUrlWithJAR(config, wanted(challenge), {
        key,
        kid: 'client-1',
      })
      const url = await oidc.buildAuthorizationUrlWithPAR(config, signed.searchParams)
      const back = await server.person().answer(url.href)
      return oidc.authorizationCodeGrant(config, back, {
        pkceCodeVerifier: verifier,
        expectedState: 'a state',
      })
    },
    introspect: async (token) =>
      oidc.tokenIntrospection(
        await configured({ introspection_signed_response_alg: 'RS256' }),
        token,
      ),
  }
}

function byOauth4webapi(): Library {
  const insecure = { [oauth.allowInsecureRequests]: true }
  const issuerUrl = () => new URL(server.url)
  const discovered = async () =>
    oauth.processDiscoveryResponse(
      issuerUrl(),
      await oauth.discoveryRequest(issuerUrl(), { algorithm: 'oauth2', ...insecure }),
    )
  const client = () => ({ client_id: machine.client_id })
  const secret = () => oauth.ClientSecretBasic(machine.client_secret)
  const generic = async (grantType: string, parameters: Record<string, string>) => {
    const as = await discovered()
    const response = await oauth.genericTokenEndpointRequest(
      ...([as, client(), secret(), grantType, parameters, insecure] as const),
    )
    return oauth.processGenericTokenEndpointResponse(as, client(), response)
  }
  return {
    async clientCredentials() {
      const as = await discovered()
      const response = await oauth.clientCredentialsGrantRequest(
        ...([as, client(), secret(), new URLSearchParams(), insecure] as const),
      )
      return oauth.processClientCredentialsResponse(as, client(), response)
    },
    async device() {
      const as = await discovered()
      const registered = await oauth.processDynamicClientRegistrationResponse(
        await oauth.dynamicClientRegistrationRequest(
          as,
          {
            client_name: 'Console',
            grant_types: [deviceCodeGrant],
            token_endpoint_auth_method: 'none',
          },
          insecure,
        ),
      )
      const asked = await oauth.processDeviceAuthorizationResponse(
        as,
        registered,
        await oauth.deviceAuthorizationRequest(
          ...([as, registered, oauth.None(), { scope: 'read' }, insecure] as const),
        ),
      )
      await answerDevice(server.person(), asked)
      const response = await oauth.deviceCodeGrantRequest(
        ...([as, registered, oauth.None(), asked.device_code, insecure] as const),
      )
      return oauth.processDeviceCodeResponse(as, registered, response)
    },
    exchange: (subjectToken) => generic(exchange, form(subjectToken)),
    assert: (assertion) => generic(jwtBearer, { assertion }),
    async signedRequest() {
      const as = await discovered()
      const { client: asker, key } = signing
      const known = { client_id: asker.client_id }
      const auth = oauth.ClientSecretBasic(asker.client_secret)
      const { verifier, challenge } = newPkce()
      const request = await oauth.issueRequestObject(as, known, wanted(challenge), {
        key,
        kid: 'client-1',
      })
      const pushed = await oauth.processPushedAuthorizationResponse(
        as,
        known,
        await oauth.pushedAuthorizationRequest(
          ...([as, known, auth, { ...known, request }, insecure] as const),
        ),
      )
      const url = new URL(as.authorization_endpoint ?? '')
      url.search = new URLSearchParams({ ...known, request_uri: pushed.request_uri }).toString()
      const back = await server.person().answer(url.href)
      const parameters = oauth.validateAuthResponse(as, known, back, 'a state')
      const response = await oauth.authorizationCodeGrantRequest(
        ...([as, known, auth, parameters, redirectUri, verifier, insecure] as const),
      )
      return oauth.processAuthorizationCodeResponse(as, known, response)
    },
    async introspect(token) {
      const as = await discovered()
      const response = await oauth.introspectionRequest(as, client(), secret(), token, {
        requestJwtResponse: true,
        ...insecure,
      })
      const told = await oauth.processIntrospectionResponse(as, client(), response)
      await oauth.validateApplicationLevelSignature(as, response, insecure)
      return told
    },
  }
}

const libraries = { 'openid-client': byOpenidClient, oauth4webapi: byOauth4webapi }

for (const [name, library] of Object.entries(libraries)) {
  describe(name, () => {
    test('acts for itself (RFC 6749 §4.4), and has the answer about its token signed (RFC 9701)', async () => {
      const { clientCredentials, introspect } = library()
      const tokens = await clientCredentials()
      expect(tokens).toMatchObject({ scope: 'read', expires_in: expect.any(Number) })
      expect(tokens.refresh_token).toBeUndefined()
      expect(await introspect(tokens.access_token)).toMatchObject({ active: true, scope: 'read' })
      expect(await introspect('nothing')).toEqual(expect.objectContaining({ active: false }))
    })

    test('is a device (RFC 8628)', async () => {
      const tokens = await library().device()
      expect(tokens.scope).toBe('read')
      expect(tokens.refresh_token).toBeDefined()
    })

    test('hands on a token (RFC 8693)', async () => {
      const { tokens } = await connect(server, { scope: 'read book' })
      const given = await library().exchange(tokens.access_token)
      expect(given).toMatchObject({ issued_token_type: accessTokenType, scope: 'read' })
    })

    test('brings the assertion of an identity provider (RFC 7523)', async () => {
      const assertion = await new SignJWT({
        client_id: machine.client_id,
        email: admin.email,
        email_verified: true,
        resource: `${server.url}/api/mcp`,
        scope: 'read',
      })
        .setProtectedHeader({ alg: 'ES256', typ: 'oauth-id-jag+jwt', kid: 'idp-1' })
        .setIssuer(idp)
        .setSubject('U1')
        .setAudience(server.services.settings.issuer)
        .setJti(crypto.randomUUID())
        .setIssuedAt()
        .setExpirationTime('5m')
        .sign(idpKey)
      expect(await library().assert(assertion)).toMatchObject({ scope: 'read' })
    })

    test('signs what it asks for (RFC 9101), pushes it (RFC 9126), and asks for details (RFC 9396)', async () => {
      const tokens = await library().signedRequest()
      expect(tokens).toMatchObject({ scope: 'read', authorization_details: details })
    })
  })
}
