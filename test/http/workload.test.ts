/**
 * A program proves which client it is by a token of the platform that it runs on.
 *
 * @see [RFC 7523 §2.2 - Using JWTs for Client Authentication](https://www.rfc-editor.org/rfc/rfc7523.html#section-2.2)
 */
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose'
import { addClient } from '../../src/protocol/clients/operator-clients.ts'
import { post, type Tokens } from '../support/oauth-client.ts'
import { freePort, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const cluster = 'https://cluster.example'
const idp = 'https://idp.example'
const subject = 'system:serviceaccount:batch:nightly'
const ownKeys = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }

let server: TestServer
let clientId: string
let otherId: string
let key: CryptoKey
let strange: CryptoKey

beforeAll(async () => {
  const pair = await generateKeyPair('RS256')
  key = pair.privateKey
  strange = (await generateKeyPair('RS256')).privateKey
  const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'c' }] })
  const workloads: { subject: string; clientId: string }[] = []
  server = await startTestServer({
    port: await freePort(),
    trustedIssuers: [
      { issuer: cluster, kinds: ['workload'], jwks, workloads },
      { issuer: idp, kinds: ['id_jag'], jwks, workloads },
    ],
  })
  const fields = {
    client_name: 'Nightly',
    grant_types: ['client_credentials'],
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [ownKeys] },
    scope: 'read',
  }
  clientId = (await addClient(server.services, fields, { actor: 'cli' })).clientId
  otherId = (await addClient(server.services, fields, { actor: 'cli' })).clientId
  // As an operator adds it to the settings once the client has an id.
  for (const { workloads: known } of server.services.settings.trustedIssuers) {
    known.push({ subject, clientId })
  }
})
afterAll(() => server.stop())

interface Said {
  readonly claims?: Record<string, unknown>
  readonly header?: Record<string, unknown>
  readonly signedBy?: CryptoKey
}

function platformToken({ claims = {}, header = {}, signedBy = key }: Said = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const { issuer } = server.services.settings
  return new SignJWT({
    iss: cluster,
    sub: subject,
    aud: [issuer],
    iat: now,
    exp: now + 3600,
    ...claims,
  })
    .setProtectedHeader({ alg: 'RS256', kid: 'c', ...header })
    .sign(signedBy)
}

async function ask(jwt: string, form: Record<string, string> = {}) {
  const { status, body } = await post<Tokens & { error?: string }>(server, '/oauth/token', {
    form: {
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: jwt,
      ...form,
    },
  })
  return { status, ...body }
}

describe('a workload', () => {
  test('is the client that the operator says, for as long as its token lives', async () => {
    const jwt = await platformToken()
    for (const form of [{}, { client_id: clientId }]) {
      expect(await ask(jwt, form)).toMatchObject({ status: 200, scope: 'read' })
    }
    const { issuer } = server.services.settings
    expect((await ask(await platformToken({ claims: { aud: issuer } }))).status).toBe(200)
  })

  const now = () => Math.floor(Date.now() / 1000)
  const refused: Readonly<Record<string, () => Said>> = {
    'that the operator did not name': () => ({ claims: { sub: `${subject}-2` } }),
    'of an issuer that is trusted for other things': () => ({ claims: { iss: idp } }),
    'of an unknown issuer': () => ({ claims: { iss: 'https://evil.example' } }),
    'whose token somebody else signed': () => ({ signedBy: strange }),
    'whose token is for another server': () => ({ claims: { aud: ['https://other.example'] } }),
    'whose token is for two': () => ({
      claims: { aud: [server.services.settings.issuer, 'https://other.example'] },
    }),
    'whose token has expired': () => ({ claims: { exp: now() - 1 } }),
    'whose token lives for weeks': () => ({ claims: { exp: now() + 14 * 86_400 } }),
    'whose token is an ID-JAG': () => ({ header: { typ: 'oauth-id-jag+jwt' } }),
    'whose token is an access token': () => ({ header: { typ: 'at+jwt' } }),
  }
  for (const [what, said] of Object.entries(refused)) {
    test(`is refused ${what}`, async () => {
      expect(await ask(await platformToken(said()))).toMatchObject({
        status: 401,
        error: 'invalid_client',
      })
    })
  }

  test('is refused as another client', async () => {
    const answer = await ask(await platformToken(), { client_id: otherId })
    expect(answer).toMatchObject({ status: 401, error: 'invalid_client' })
  })
})
