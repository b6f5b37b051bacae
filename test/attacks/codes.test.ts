/**
 * What attackers try with codes, proof keys and refresh tokens, by the lines of the team's list.
 *
 * @see [RFC 9700 §2.1.1 - Authorization Code Grant](https://www.rfc-editor.org/rfc/rfc9700.html#section-2.1.1)
 * @see [RFC 7636 §4.1 - Client Creates a Code Verifier](https://www.rfc-editor.org/rfc/rfc7636.html#section-4.1)
 */
import {
  type AskedFor,
  authorizationUrl,
  authorize,
  connect,
  isLive,
  post,
  type Registered,
  redirectUri,
  register,
} from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const start = Date.UTC(2026, 10, 21)
const hour = 3_600_000
let now = start
let server: TestServer
let client: Registered
beforeAll(async () => {
  server = await startTestServer(
    {
      grantMaxAgeSeconds: 40 * 86_400,
      resources: ['one', 'two'].map((name) => ({
        resource: `https://${name}.example/mcp`,
        name,
        scopes: { [`${name}:read`]: 'Read', [`${name}:write`]: 'Write' },
        defaultScopes: [`${name}:read`],
      })),
    },
    { clock: () => now },
  )
  client = await register(server)
})
afterAll(() => server.stop())

async function errorOf(asked: AskedFor): Promise<string | null> {
  const answer = await fetch(authorizationUrl(server, client.client_id, asked), {
    redirect: 'manual',
  })
  return new URL(answer.headers.get('location') ?? 'none:').searchParams.get('error')
}

type Form = Record<string, string>

/** Redeems a fresh code; an empty value leaves a parameter out. */
async function redeemed(changes: Form, asked: AskedFor = {}) {
  const { code, pkce } = await authorize(server, client, asked)
  return tokens({
    grant_type: 'authorization_code',
    client_id: client.client_id,
    redirect_uri: redirectUri,
    code,
    code_verifier: pkce.verifier,
    ...changes,
  })
}

async function tokens(form: Form) {
  const sent = Object.fromEntries(Object.entries(form).filter(([, value]) => value !== ''))
  const { status, body } = await post<Form>(server, '/oauth/token', { form: sent })
  return { status, ...body } as { status: number } & Form
}

function refreshed(refresh_token: string | undefined, changes: Form = {}) {
  const form = { grant_type: 'refresh_token', refresh_token: refresh_token ?? '' }
  return tokens({ client_id: client.client_id, ...form, ...changes })
}

describe('SECURITY 7: PKCE with S256, always', () => {
  test('no request without a challenge, nor with plain, nor with a challenge of no method', async () => {
    expect(await errorOf({ code_challenge: undefined })).toBe('invalid_request')
    expect(await errorOf({ code_challenge_method: 'plain' })).toBe('invalid_request')
    expect(await errorOf({ code_challenge_method: undefined })).toBe('invalid_request')
    const none = { code_challenge: undefined, code_challenge_method: undefined }
    expect(await errorOf(none)).toBe('invalid_request')
  })

  const verifiers: Record<string, string> = {
    'none at all': '',
    'too short': 'x'.repeat(42),
    'too long': 'x'.repeat(129),
    'with a character that is not allowed': `${'x'.repeat(42)}+`,
  }
  for (const [what, code_verifier] of Object.entries(verifiers)) {
    test(`a verifier ${what} is a malformed request`, async () => {
      expect(await redeemed({ code_verifier })).toMatchObject({
        status: 400,
        error: 'invalid_request',
      })
    })
  }

  test('the challenge is not taken for its verifier', async () => {
    const { code, pkce } = await authorize(server, client)
    const form = { grant_type: 'authorization_code', client_id: client.client_id, code }
    const answer = await tokens({ ...form, code_verifier: pkce.challenge })
    expect(answer).toMatchObject({ status: 400, error: 'invalid_grant' })
  })

  test('the vector of RFC 7636, appendix B', async () => {
    const code_challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
    const code_verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
    expect((await redeemed({ code_verifier }, { code_challenge })).status).toBe(200)
  })

  test('S256 and nothing else is published', async () => {
    const answer = await fetch(`${server.url}/.well-known/oauth-authorization-server`)
    expect(await answer.json()).toMatchObject({ code_challenge_methods_supported: ['S256'] })
  })
})

describe('SECURITY 8: a code is good once, for one client, one redirect URI and ten minutes', () => {
  test('its second use ends what the first one gave', async () => {
    const { code, pkce } = await authorize(server, client)
    const form = { grant_type: 'authorization_code', client_id: client.client_id, code }
    const first = await tokens({ ...form, code_verifier: pkce.verifier })
    expect(await isLive(server, first.access_token ?? '')).toBe(true)
    const second = await tokens({ ...form, code_verifier: pkce.verifier })
    expect(second.error).toBe('invalid_grant')
    expect(await isLive(server, first.access_token ?? '')).toBe(false)
    expect((await refreshed(first.refresh_token)).error).toBe('invalid_grant')
  })

  test('another client, or another redirect URI, gets nothing', async () => {
    const other = await register(server, { client_name: 'Another' })
    expect((await redeemed({ client_id: other.client_id })).error).toBe('invalid_grant')
    const redirect_uri = 'http://127.0.0.1:9998/callback'
    expect((await redeemed({ redirect_uri })).error).toBe('invalid_grant')
  })

  test('nor anybody when it is too late', async () => {
    const { code, pkce } = await authorize(server, client)
    now += 600_000
    const form = { grant_type: 'authorization_code', client_id: client.client_id, code }
    expect((await tokens({ ...form, code_verifier: pkce.verifier })).error).toBe('invalid_grant')
  })
})

describe('SECURITY 9: there is no implicit and no password grant', () => {
  for (const response_type of ['token', 'id_token', 'id_token token', 'code token', 'none']) {
    test(`response_type=${response_type}`, async () => {
      expect(await errorOf({ response_type })).toBe('unsupported_response_type')
    })
  }

  test('grant_type=password', async () => {
    const form = { grant_type: 'password', username: 'ada', password: 'x' }
    expect((await tokens({ ...form, client_id: client.client_id })).error).toBe(
      'unsupported_grant_type',
    )
  })

  test('nor are they named in the metadata', async () => {
    const answer = await fetch(`${server.url}/.well-known/oauth-authorization-server`)
    const metadata = (await answer.json()) as Record<string, string[]>
    expect(metadata.response_types_supported).toEqual(['code'])
    for (const grant of ['password', 'implicit']) {
      expect(metadata.grant_types_supported).not.toContain(grant)
    }
  })
})

describe('SECURITY 10: refresh tokens rotate, end, and never widen', () => {
  test('reuse outside the grace ends the family', async () => {
    const first = (await connectTo({})).tokens
    const second = await refreshed(first.refresh_token)
    now += 11_000
    expect((await refreshed(first.refresh_token)).error).toBe('invalid_grant')
    expect((await refreshed(second.refresh_token)).error).toBe('invalid_grant')
    expect(await isLive(server, second.access_token ?? '')).toBe(false)
  })

  test('no scope and no resource is added', async () => {
    const asked = { resource: 'https://one.example/mcp', scope: 'one:read' }
    const { tokens: granted } = await connectTo(asked)
    const wider = await refreshed(granted.refresh_token, { scope: 'one:read one:write' })
    expect(wider.error).toBe('invalid_scope')
    const elsewhere = { resource: 'https://two.example/mcp' }
    expect((await refreshed(granted.refresh_token, elsewhere)).error).toBe('invalid_target')
    expect((await refreshed(granted.refresh_token)).scope).toBe('one:read')
  })

  test('a grant ends in the end, however diligently it is refreshed', async () => {
    let token: string | undefined = (await connectTo({})).tokens.refresh_token
    for (let day = 0; day < 40; day += 10) {
      const answer = await refreshed(token)
      expect(answer.status).toBe(200)
      token = answer.refresh_token
      now += 10 * 24 * hour
    }
    expect((await refreshed(token)).error).toBe('invalid_grant')
  })
})

describe('SECURITY 11: a token is for one audience, and travels in a header', () => {
  test('an unknown resource is refused at both endpoints', async () => {
    const resource = 'https://elsewhere.example'
    expect(await errorOf({ resource })).toBe('invalid_target')
    expect((await redeemed({ resource })).error).toBe('invalid_target')
  })

  test('in a query or a form it is no token', async () => {
    const { tokens: granted } = await connectTo({ scope: 'openid' })
    const query = `access_token=${granted.access_token}`
    const inQuery = await fetch(`${server.url}/oauth/userinfo?${query}`)
    expect(inQuery.status).toBe(401)
    const inForm = await fetch(`${server.url}/oauth/userinfo`, {
      method: 'POST',
      body: new URLSearchParams(query),
    })
    expect(inForm.status).toBe(401)
  })
})

async function connectTo(asked: AskedFor) {
  const connected = await connect(server, asked)
  client = connected.client
  return connected
}
