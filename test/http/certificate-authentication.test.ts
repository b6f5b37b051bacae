/**
 * Clients that prove who they are by the certificate of their connection, which a proxy hands on.
 *
 * @see [RFC 8705 §2 - Mutual TLS for OAuth Client Authentication](https://www.rfc-editor.org/rfc/rfc8705.html#section-2)
 */
import { addClient } from '../../src/protocol/clients/operator-clients.ts'
import {
  altName,
  type Certificate,
  certify,
  clientCertHeader,
  commonName,
} from '../support/certificate.ts'
import { assertionOf, registerSigning } from '../support/client-assertion.ts'
import { type DocumentServer, startDocumentServer } from '../support/document-server.ts'
import { approvedCode } from '../support/dpop.ts'
import { post, type Registered, register, type Tokens } from '../support/oauth-client.ts'
import { push } from '../support/pushed-request.ts'
import { rejectionOf } from '../support/rejection.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const trustedProxies = ['127.0.0.0/8', '::1']
const mtls = { certificateHeader: 'Client-Cert', verifiedHeader: 'Client-Verify' }
const redirect_uris = ['http://127.0.0.1:9999/callback']
const organization = '55040a'

let site: DocumentServer
let server: TestServer
let now = Date.now()
beforeAll(async () => {
  site = await startDocumentServer()
  const grantTypes = ['authorization_code', 'refresh_token', 'client_credentials'] as const
  server = await startTestServer(
    { trustedProxies, mtls, outbound: site.outbound, grantTypes: [...grantTypes] },
    { clock: () => now },
  )
})
afterAll(async () => {
  await server.stop()
  await site.stop()
})

type Headers = Record<string, string>
const unverified = (certificate: Certificate): Headers => ({
  'client-cert': clientCertHeader(certificate),
  'client-verify': 'FAILED:self-signed certificate',
})
const verified = (certificate: Certificate): Headers => ({
  'client-cert': clientCertHeader(certificate),
  'client-verify': 'SUCCESS',
})
const keysOf = (...certificates: Certificate[]) => ({
  keys: certificates.map(({ publicKey }) => publicKey.export({ format: 'jwk' })),
})

function registerSelfSigned(jwks: object, changes: Record<string, unknown> = {}) {
  const token_endpoint_auth_method = 'self_signed_tls_client_auth'
  return register(server, { token_endpoint_auth_method, jwks, ...changes })
}

async function operatorsClient(named: Record<string, string>): Promise<Registered> {
  const token_endpoint_auth_method = 'tls_client_auth'
  const fields = { client_name: 'Agent', redirect_uris, token_endpoint_auth_method, ...named }
  const { clientId } = await addClient(server.services, fields, { actor: 'cli' })
  return { client_id: clientId }
}

/** Tries to prove it at the revocation endpoint, where nothing else can be wrong. */
async function prove({ client_id }: Registered, headers: Headers = {}, form: Headers = {}) {
  const sent = { form: { token: 'nothing', client_id, ...form }, headers }
  const { status, body } = await post(server, '/oauth/revoke', sent)
  return { status, error: body.error }
}

const accepted = { status: 200, error: undefined }
const refused = { status: 401, error: 'invalid_client' }

describe('self_signed_tls_client_auth: a client is who it says', () => {
  for (const keyType of ['ec', 'rsa', 'ed25519'] as const) {
    test(`by a certificate with its registered key of type ${keyType}`, async () => {
      const own = certify({ keyType, authority: certify({}) })
      const client = await registerSelfSigned(keysOf(certify({}), own))
      expect(client.token_endpoint_auth_method).toBe('self_signed_tls_client_auth')
      expect('client_secret' in client).toBe(false)
      expect(await prove(client, unverified(own))).toEqual(accepted)
    })
  }

  test('by a key with its certificate beside it in x5c', async () => {
    const own = certify({})
    const [jwk] = keysOf(own).keys
    const x5c = [clientCertHeader(own).slice(1, -1)]
    const client = await registerSelfSigned({ keys: [{ ...jwk, x5c }] })
    expect(await prove(client, unverified(own))).toEqual(accepted)
  })

  test('by a key that it publishes, and by a new one as soon as the site has it', async () => {
    const [first, second] = [certify({}), certify({})]
    const put = (certificate: Certificate) =>
      site.put('/keys', { body: JSON.stringify(keysOf(certificate)) })
    put(first)
    const jwks_uri = `${site.url}/keys`
    const client = await registerSelfSigned({}, { jwks: undefined, jwks_uri })
    expect(await prove(client, unverified(first))).toEqual(accepted)
    put(second)
    expect(await prove(client, unverified(second))).toEqual(refused)
    now += 61_000
    expect(await prove(client, unverified(second))).toEqual(accepted)
    expect(await prove(client, unverified(first))).toEqual(refused)
  })

  test('at the token endpoint, PAR and introspection', async () => {
    const own = certify({})
    const client = await registerSelfSigned(keysOf(own))
    const headers = unverified(own)
    const { form } = await approvedCode(server, client)
    expect((await post(server, '/oauth/token', { form })).status).toBe(401)
    const { status, body } = await post<Tokens>(server, '/oauth/token', { form, headers })
    expect(status).toBe(200)
    const token = { client_id: client.client_id, token: body.access_token }
    const told = await post(server, '/oauth/introspect', { form: token, headers })
    expect(told.body.active).toBe(true)
    expect((await post(server, '/oauth/introspect', { form: token })).status).toBe(401)
    const pushed = await push(server, { by: client, headers })
    expect(pushed.status).toBe(201)
    expect((await push(server, { by: client })).status).toBe(401)
  })

  test('and gets tokens in its own name', async () => {
    const own = certify({})
    const client = await registerSelfSigned(keysOf(own), { grant_types: ['client_credentials'] })
    const form = { grant_type: 'client_credentials', client_id: client.client_id }
    const answer = await post(server, '/oauth/token', { form, headers: unverified(own) })
    expect(answer.body.error).not.toBe('invalid_client')
    expect((await post(server, '/oauth/token', { form })).body.error).toBe('invalid_client')
  })
})

describe('SECURITY 19: self_signed_tls_client_auth refuses', () => {
  let own: Certificate
  let client: Registered
  beforeAll(async () => {
    own = certify({ subject: [[[commonName, 'agent']]] })
    client = await registerSelfSigned(keysOf(own))
  })

  const others: Record<string, () => Headers> = {
    'no certificate': () => ({}),
    'another key under the same name': () =>
      unverified(certify({ subject: [[[commonName, 'agent']]] })),
    'another key, though an authority vouches for it': () =>
      verified(certify({ authority: certify({}) })),
    'a certificate with an octet too many': () => ({
      'client-cert': `:${Buffer.concat([Buffer.from(clientCertHeader(own).slice(1, -1), 'base64'), Buffer.from([0])]).toString('base64')}:`,
    }),
    'a key of a kind that nobody can register': () => unverified(certify({ keyType: 'P-384' })),
    'two certificates': () => ({
      'client-cert': `${clientCertHeader(own)}, ${clientCertHeader(own)}`,
    }),
  }
  for (const [words, headers] of Object.entries(others)) {
    test(words, async () => expect(await prove(client, headers())).toEqual(refused))
  }

  test('any certificate while the keys cannot be had', async () => {
    const published = { jwks: undefined, jwks_uri: `${site.url}/gone` }
    expect(await prove(await registerSelfSigned({}, published), unverified(own))).toEqual(refused)
  })

  test('its certificate beside a secret', async () => {
    expect(await prove(client, unverified(own), { client_secret: 'x' })).toEqual(refused)
    const authorization = `Basic ${btoa(`${client.client_id}:`)}`
    expect(await prove(client, { ...unverified(own), authorization })).toEqual(refused)
  })

  test('an assertion that its registered key has signed', async () => {
    const signing = await registerSigning(server, 'ES256')
    const mine = await registerSelfSigned({ keys: [signing.publicJwk] })
    const form = await assertionOf(server, { ...signing, client_id: mine.client_id })
    expect(await prove(mine, {}, form)).toEqual(refused)
  })

  test('the certificate of another client', async () => {
    const other = certify({})
    await registerSelfSigned(keysOf(other))
    expect(await prove(client, unverified(other))).toEqual(refused)
  })

  test('a client of another method, though the certificate has its key', async () => {
    const signing = await registerSigning(server, 'ES256', { jwks: keysOf(own) })
    expect(await prove(signing, unverified(own))).toEqual(refused)
    const secret = await register(server, { token_endpoint_auth_method: 'client_secret_basic' })
    expect(await prove(secret, unverified(own))).toEqual(refused)
  })
})

describe('tls_client_auth: a client is who it says by a certificate that was verified', () => {
  const subject = [[[organization, 'Acme, Inc.']], [[commonName, 'agent']]] as const
  const altNames = [
    altName.dns('agent.example'),
    altName.uri('spiffe://acme.example/agent'),
    altName.ip([192, 0, 2, 7]),
    altName.ip([0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
    altName.email('agent@acme.example'),
  ]
  const authority = certify({})
  const own = certify({ subject, altNames, authority })
  const names: [field: string, right: string, wrong: string[]][] = [
    ['subject_dn', 'CN=agent,O=Acme\\, Inc.', ['CN=agent', 'O=Acme\\, Inc.,CN=agent']],
    ['san_dns', 'agent.example', ['example', 'gent.example', 'agent.example.com', 'acme.example']],
    ['san_uri', 'spiffe://acme.example/agent', ['spiffe://acme.example/', 'https://agent.example']],
    ['san_ip', '192.0.2.7', ['192.0.2.70', '::ffff:192.0.2.7']],
    ['san_ip', '2001:db8:0::1', ['2001:db8::2']],
    ['san_email', 'agent@acme.example', ['gent@acme.example', 'Agent@acme.example']],
  ]
  for (const [kind, right, wrong] of names) {
    test(`for its ${kind} ${right}`, async () => {
      const client = await operatorsClient({ [`tls_client_auth_${kind}`]: right })
      expect(await prove(client, verified(own))).toEqual(accepted)
    })

    test(`SECURITY 19: and for no other ${kind}`, async () => {
      for (const value of wrong) {
        const client = await operatorsClient({ [`tls_client_auth_${kind}`]: value })
        expect([value, await prove(client, verified(own))]).toEqual([value, refused])
      }
    })
  }

  test('SECURITY 19: and not where the name stands in another place', async () => {
    const client = await operatorsClient({ tls_client_auth_san_dns: 'agent.example' })
    const places = [
      certify({ authority, subject: [[[commonName, 'agent.example']]] }),
      certify({ authority, altNames: [altName.uri('agent.example')] }),
      certify({ authority, altNames: [altName.email('agent.example')] }),
      certify({ authority, altNames: [altName.dns('*.example')] }),
      certify({ authority, altNames: [altName.dns('agent.example\0.evil.example')] }),
    ]
    for (const place of places) expect(await prove(client, verified(place))).toEqual(refused)
  })

  const unsaid: Record<string, Headers> = {
    'says that it is not': unverified(own),
    'says nothing': { 'client-cert': clientCertHeader(own) },
    'says it in other words': { ...verified(own), 'client-verify': 'success' },
    'says it twice': { ...verified(own), 'client-verify': 'SUCCESS, SUCCESS' },
    'says that there is none': { ...verified(own), 'client-verify': 'NONE' },
    'names no certificate': { 'client-verify': 'SUCCESS' },
  }
  for (const [words, headers] of Object.entries(unsaid)) {
    test(`SECURITY 19: and not when the proxy ${words}`, async () => {
      const client = await operatorsClient({ tls_client_auth_san_dns: 'agent.example' })
      expect(await prove(client, headers)).toEqual(refused)
    })
  }
})

describe('registration', () => {
  const owned = (fields: Record<string, unknown>) =>
    addClient(server.services, { client_name: 'A', redirect_uris, ...fields }, { actor: 'cli' })
  const byName = { token_endpoint_auth_method: 'tls_client_auth' }

  test('of tls_client_auth is not for strangers', async () => {
    const answer = await register(server, { ...byName, tls_client_auth_san_dns: 'a.example' })
    expect(answer.error).toBe('invalid_client_metadata')
  })

  test('of self_signed_tls_client_auth needs keys', async () => {
    const answer = await registerSelfSigned({}, { jwks: undefined })
    expect(answer.error).toBe('invalid_client_metadata')
  })

  const wrong: Record<string, Record<string, unknown>> = {
    'no name': {},
    'two names': { tls_client_auth_san_dns: 'a.example', tls_client_auth_subject_dn: 'CN=a' },
    'a name that is no text': { tls_client_auth_san_dns: ['a.example'] },
    'a subject that cannot be read': { tls_client_auth_subject_dn: 'agent' },
    'a wildcard': { tls_client_auth_san_dns: '*.example' },
    'no address': { tls_client_auth_san_ip: '192.0.2' },
    'an address with a zone': { tls_client_auth_san_ip: 'fe80::1%eth0' },
    'no URI': { tls_client_auth_san_uri: 'agent' },
    'no e-mail address': { tls_client_auth_san_email: 'agent' },
  }
  for (const [words, fields] of Object.entries(wrong)) {
    test(`of tls_client_auth with ${words} is refused`, async () => {
      const error = await rejectionOf(owned({ ...byName, ...fields }))
      expect((error as { code?: string }).code).toBe('invalid_client_metadata')
    })
  }

  test('can no more change the proof from a key to a certificate than to anything else', async () => {
    const own = certify({})
    const client = await registerSelfSigned(keysOf(own))
    const { registration_access_token: token, client_id } = client
    const answer = await fetch(`${server.url}/oauth/register/${client_id}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        ...{ client_id, redirect_uris, jwks: keysOf(own) },
        token_endpoint_auth_method: 'private_key_jwt',
      }),
    })
    expect(answer.status).toBe(400)
  })
})

describe('metadata names', () => {
  async function methodsOf(settings: Parameters<typeof startTestServer>[0]) {
    const other = await startTestServer(settings)
    const answer = await fetch(`${other.url}/.well-known/oauth-authorization-server`)
    const metadata = (await answer.json()) as Record<string, string[]>
    const place = ['token', 'revocation', 'introspection']
    const methods = place.map((of) => metadata[`${of}_endpoint_auth_methods_supported`] ?? [])
    const asked = await register(other, {
      token_endpoint_auth_method: 'self_signed_tls_client_auth',
      jwks: keysOf(certify({})),
    })
    await other.stop()
    const named = methods.map((all) => all.filter((method) => method.includes('tls')))
    return { named, given: asked.token_endpoint_auth_method }
  }
  const selfSigned = 'self_signed_tls_client_auth'

  test('neither method where no header is, and no client gets one', async () => {
    const { named, given } = await methodsOf({})
    expect([named, given]).toEqual([[[], [], []], 'client_secret_basic'])
  })

  test('the one that needs no authority where the proxy verifies nothing', async () => {
    const { certificateHeader } = mtls
    const { named, given } = await methodsOf({ trustedProxies, mtls: { certificateHeader } })
    expect([named, given]).toEqual([[[selfSigned], [selfSigned], [selfSigned]], selfSigned])
  })

  test('both where it does', async () => {
    const both = [selfSigned, 'tls_client_auth']
    const { named } = await methodsOf({ trustedProxies, mtls })
    expect(named).toEqual([both, both, both])
  })
})

describe('SECURITY 19: a proxy that is not trusted', () => {
  test('makes no client of anybody', async () => {
    const direct = await startTestServer({ trustedProxies: ['192.0.2.1'], mtls })
    const own = certify({ altNames: [altName.dns('agent.example')] })
    const fields = { client_name: 'Agent', redirect_uris }
    const named = {
      token_endpoint_auth_method: 'tls_client_auth',
      tls_client_auth_san_dns: 'agent.example',
    }
    const { clientId } = await addClient(direct.services, { ...fields, ...named }, { actor: 'cli' })
    const selfSigned = await register(direct, {
      token_endpoint_auth_method: 'self_signed_tls_client_auth',
      jwks: keysOf(own),
    })
    for (const client_id of [clientId, selfSigned.client_id]) {
      const form = { token: 'nothing', client_id }
      const { status } = await post(direct, '/oauth/revoke', { form, headers: verified(own) })
      expect(status).toBe(401)
    }
    await direct.stop()
  })
})
