/**
 * Enterprise-managed authorization: a company's identity provider says for whom a client may act.
 *
 * @see [RFC 7523 §2.1 - Using JWTs as Authorization Grants](https://www.rfc-editor.org/rfc/rfc7523.html#section-2.1)
 * @see [Identity Assertion Authorization Grant](https://datatracker.ietf.org/doc/draft-ietf-oauth-identity-assertion-authz-grant/)
 */
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose'
import { execute } from '../../src/domain/execute.ts'
import { userDecider } from '../../src/domain/user.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import { findUserByEmail } from '../../src/protocol/email-address.ts'
import { startDocumentServer } from '../support/document-server.ts'
import { eventsOf, introspect, post, register, type Tokens } from '../support/oauth-client.ts'
import { addClient, type OperatorClient } from '../support/operator-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const idp = 'https://idp.example'
const jobs = 'https://jobs.example/mcp'
const other = 'https://other.example/mcp'

let now = Date.now()
let server: TestServer
let agent: OperatorClient
let key: CryptoKey
let strange: CryptoKey

async function newKey(kid = 'k1') {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: 'ES256' }
  return { privateKey, jwks: JSON.stringify({ keys: [jwk] }) }
}

beforeAll(async () => {
  const { privateKey, jwks } = await newKey()
  key = privateKey
  strange = (await newKey()).privateKey
  const scopes = { read: 'Read', write: 'Write' }
  server = await startTestServer(
    {
      resources: [
        { resource: jobs, name: 'Jobs', scopes, whoMay: { write: ['editors'] } },
        { resource: other, name: 'Other', scopes },
      ],
      trustedIssuers: [
        {
          issuer: idp,
          kinds: ['id_jag'],
          jwks,
          people: [{ subject: 'U019', email: 'grace@elsewhere.example' }],
          emailDomains: ['example.com'],
        },
      ],
    },
    { clock: () => now },
  )
  agent = await addClient(server.services, { grantTypes: [jwtBearer] })
  for (const email of ['bob@example.com', 'grace@elsewhere.example']) {
    const person = { email, name: 'A person', password: 'a long enough password' }
    await registerUser(server.services, { ...person, admin: false, actor: 'cli' })
  }
})
afterAll(() => server.stop())

interface Said {
  readonly claims?: Record<string, unknown>
  readonly header?: Record<string, unknown>
  readonly signedBy?: CryptoKey
}

let issued = 0
function assertion({ claims = {}, header = {}, signedBy = key }: Said = {}): Promise<string> {
  const seconds = Math.floor(now / 1000)
  issued += 1
  return new SignJWT({
    iss: idp,
    sub: 'U042',
    aud: server.services.settings.issuer,
    client_id: agent.client_id,
    email: 'bob@example.com',
    email_verified: true,
    resource: jobs,
    scope: 'read',
    jti: `jti-${issued}`,
    iat: seconds,
    exp: seconds + 300,
    ...claims,
  })
    .setProtectedHeader({ alg: 'ES256', typ: 'oauth-id-jag+jwt', kid: 'k1', ...header })
    .sign(signedBy)
}

type Body = Tokens & { error?: string }

async function ask(jwt: string, form: Record<string, string> = {}, by = agent) {
  const asked = { grant_type: jwtBearer, assertion: jwt, ...form }
  return post<Body>(server, '/oauth/token', { form: asked, headers: by.headers })
}

async function errorFor(said: Said, form: Record<string, string> = {}) {
  const { status, body } = await ask(await assertion(said), form)
  return `${status} ${body.error}`
}

describe('an identity assertion', () => {
  test('gives a token about the person, for what it says, and no refresh token', async () => {
    const { status, body } = await ask(await assertion())
    expect(status).toBe(200)
    expect(Object.keys(body).sort()).toEqual(['access_token', 'expires_in', 'scope', 'token_type'])
    const bob = await findUserByEmail(server.services, 'bob@example.com')
    const { body: told } = await introspect(server, { client: agent, token: body.access_token })
    expect(told).toMatchObject({ sub: bob?.userId, aud: jobs, scope: 'read', active: true })
    const [event] = (await eventsOf(server, 'AccessTokenIssued')).slice(-1)
    expect(event?.payload).toMatchObject({ via: 'jwt_bearer', assertedBy: idp })
  })

  test('finds a person by the link that the operator made, whatever address it says', async () => {
    const claims = { sub: 'U019', email: 'bob@example.com' }
    const { body } = await ask(await assertion({ claims }))
    const grace = await findUserByEmail(server.services, 'grace@elsewhere.example')
    const { body: told } = await introspect(server, { client: agent, token: body.access_token })
    expect(told.sub).toBe(grace?.userId)
  })

  test('without resource and scope is for what the request names', async () => {
    const claims = { resource: undefined, scope: undefined }
    const form = { resource: other, scope: 'write' }
    const { body } = await ask(await assertion({ claims }), form)
    expect(body.scope).toBe('write')
  })

  test('its token is over when the person is disabled', async () => {
    const { body } = await ask(await assertion())
    const bob = await findUserByEmail(server.services, 'bob@example.com')
    const cause = { actor: 'cli', correlationId: 'test' }
    const does = (kind: 'disable' | 'enable') =>
      execute<string>(server.services.log, cause, (work) =>
        work.decide(userDecider, bob?.userId ?? '', { kind, reason: 'a test', now }),
      )
    await does('disable')
    const { body: told } = await introspect(server, { client: agent, token: body.access_token })
    expect(told).toEqual({ active: false })
    expect(await errorFor({})).toBe('400 invalid_grant')
    await does('enable')
  })
})

describe('an identity assertion is refused', () => {
  test('the second time, though another request could not succeed with it', async () => {
    const jwt = await assertion()
    expect((await ask(jwt, { scope: 'write' })).body.error).toBe('invalid_scope')
    const answers = await Promise.all([ask(jwt), ask(jwt), ask(jwt)])
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 400, 400])
  })

  const seconds = () => Math.floor(now / 1000)
  const refused: Readonly<Record<string, () => Said>> = {
    'of another type': () => ({ header: { typ: 'JWT' } }),
    'without a type': () => ({ header: { typ: undefined } }),
    'that brings its key along': () => ({ header: { jwk: { kty: 'EC' } } }),
    'that is signed by somebody else': () => ({ signedBy: strange }),
    'of an issuer that is not trusted': () => ({ claims: { iss: 'https://evil.example' } }),
    'for another server': () => ({ claims: { aud: 'https://elsewhere.example' } }),
    'for several servers': () => ({ claims: { aud: [server.services.settings.issuer, idp] } }),
    'for another client': () => ({ claims: { client_id: 'cli_other' } }),
    'for no client': () => ({ claims: { client_id: undefined } }),
    'that has expired': () => ({ claims: { exp: seconds() - 1 } }),
    'that never expires': () => ({ claims: { exp: undefined } }),
    'that lives for days': () => ({ claims: { exp: seconds() + 3 * 86_400 } }),
    'from the future': () => ({ claims: { iat: seconds() + 600 } }),
    'that does not say when it was made': () => ({ claims: { iat: undefined } }),
    'without an id': () => ({ claims: { jti: undefined } }),
    'about nobody': () => ({ claims: { sub: undefined } }),
    'about somebody without an account': () => ({ claims: { email: 'eve@example.com' } }),
    'with an address that was not verified': () => ({ claims: { email_verified: false } }),
    'with an address that is said to be verified': () => ({ claims: { email_verified: 'true' } }),
    'with an address that the issuer does not know about': () => ({
      claims: { email: 'grace@elsewhere.example' },
    }),
  }
  for (const [what, said] of Object.entries(refused)) {
    test(what, async () => {
      expect(await errorFor(said())).toBe('400 invalid_grant')
    })
  }

  test('about an account whose address nobody has proved', async () => {
    const unproved = { email: 'mallory@example.com', emailUnproved: true, name: 'M' } as const
    const password = 'a long enough password'
    await registerUser(server.services, { ...unproved, password, admin: false, actor: 'cli' })
    expect(await errorFor({ claims: { email: 'mallory@example.com' } })).toBe('400 invalid_grant')
  })

  test('where the request asks for more than it says', async () => {
    expect(await errorFor({}, { scope: 'read write' })).toBe('400 invalid_scope')
    expect(await errorFor({}, { resource: other })).toBe('400 invalid_target')
    expect(await errorFor({ claims: { resource: 'https://unknown.example' } })).toBe(
      '400 invalid_target',
    )
  })

  test('where the person may not give what it says', async () => {
    expect(await errorFor({ claims: { scope: 'write' } })).toBe('400 invalid_scope')
    const audit = `${server.services.settings.apiUrl}/audit`
    const claims = { resource: audit, scope: 'audit:read' }
    expect(await errorFor({ claims })).toBe('400 invalid_scope')
  })

  test('from a client that cannot authenticate, or did not register for it', async () => {
    const jwt = await assertion()
    const itself = await register(server, { grant_types: [jwtBearer, 'authorization_code'] })
    const form = { grant_type: jwtBearer, assertion: jwt, client_id: itself.client_id }
    const { body } = await post<Body>(server, '/oauth/token', { form })
    expect(body.error).toBe('unauthorized_client')
    const without = await addClient(server.services)
    expect((await ask(jwt, {}, without)).body.error).toBe('unauthorized_client')
  })
})

test('an issuer that publishes its keys is asked for them, and again when they have changed', async () => {
  const site = await startDocumentServer()
  const [first, second] = [await newKey('first'), await newKey('second')]
  site.put('/jwks', { body: first.jwks })
  const trusting = await startTestServer(
    {
      outbound: site.outbound,
      trustedIssuers: [
        {
          ...{ issuer: site.url, kinds: ['id_jag'], jwksUri: `${site.url}/jwks` },
          emailDomains: ['example.com'],
        },
      ],
    },
    { clock: () => now },
  )
  try {
    const client = await addClient(trusting.services, { grantTypes: [jwtBearer] })
    const bring = async (signedBy: CryptoKey, kid: string) => {
      const claims = {
        ...{ iss: site.url, aud: trusting.services.settings.issuer, client_id: client.client_id },
        ...{ email: 'ada@example.com', resource: undefined },
      }
      const jwt = await assertion({ claims, header: { kid }, signedBy })
      const form = { grant_type: jwtBearer, assertion: jwt }
      return (await post(trusting, '/oauth/token', { form, headers: client.headers })).status
    }
    expect(await bring(first.privateKey, 'first')).toBe(200)
    expect(await bring(second.privateKey, 'second')).toBe(400)
    site.put('/jwks', { body: second.jwks })
    now += 61_000
    expect(await bring(second.privateKey, 'second')).toBe(200)
  } finally {
    await trusting.stop()
    await site.stop()
  }
})

test('a server that trusts nobody does not offer it', async () => {
  const alone = await startTestServer()
  try {
    const response = await fetch(`${alone.url}/.well-known/oauth-authorization-server`)
    const { grant_types_supported } = (await response.json()) as Record<string, string[]>
    expect(grant_types_supported).not.toContain(jwtBearer)
    const client = await addClient(alone.services, { grantTypes: [jwtBearer] })
    const form = { grant_type: jwtBearer, assertion: 'x' }
    const { body } = await post(alone, '/oauth/token', { form, headers: client.headers })
    expect(body.error).toBe('unsupported_grant_type')
  } finally {
    await alone.stop()
  }
})
