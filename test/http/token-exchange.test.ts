/**
 * Delegation between agents: who hands on what, and how it ends.
 *
 * @see [RFC 8693 - OAuth 2.0 Token Exchange](https://www.rfc-editor.org/rfc/rfc8693.html)
 */
import { decodeJwt, UnsecuredJWT } from 'jose'
import * as oauth from 'oauth4webapi'
import { execute } from '../../src/domain/execute.ts'
import { grantDecider } from '../../src/domain/grant.ts'
import { userDecider } from '../../src/domain/user.ts'
import {
  type AskedFor,
  connect,
  eventsOf,
  introspect,
  isLive,
  post,
  register,
  type Tokens,
} from '../support/oauth-client.ts'
import { addClient, type OperatorClient, operate } from '../support/operator-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange'
const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token'
const jobs = 'https://jobs.example/mcp'
const jwts = 'https://jwts.example/mcp'

let now = Date.now()
let server: TestServer
let agentA: OperatorClient
let agentB: OperatorClient
let agentC: OperatorClient
let agentD: OperatorClient

beforeAll(async () => {
  const scopes = { read: 'Read', write: 'Write' }
  server = await startTestServer(
    {
      revokeCascade: false,
      resources: [
        { resource: jobs, name: 'Jobs', scopes },
        { resource: jwts, name: 'JWTs', scopes, accessTokenFormat: 'jwt' },
      ],
    },
    { clock: () => now },
  )
  const agent = () =>
    addClient(server.services, {
      grantTypes: [exchange, 'client_credentials'],
      scope: 'read write',
    })
  ;[agentA, agentB, agentC, agentD] = [await agent(), await agent(), await agent(), await agent()]
})
afterAll(() => server.stop())

type Body = Tokens & { error?: string; issued_token_type?: string }

function hand(agent: OperatorClient, subjectToken: string, form: Record<string, string> = {}) {
  return post<Body>(server, '/oauth/token', {
    form: {
      grant_type: exchange,
      subject_token: subjectToken,
      subject_token_type: accessTokenType,
      ...form,
    },
    headers: agent.headers,
  })
}

/** A person's token for a client that they consented to. */
const personal = (asked: AskedFor = { resource: jobs }) => connect(server, asked)

async function errorOf(answer: ReturnType<typeof hand>): Promise<string | undefined> {
  return (await answer).body.error
}

async function ownToken(agent: OperatorClient): Promise<string> {
  const form = { grant_type: 'client_credentials', resource: jobs }
  return (await post<Body>(server, '/oauth/token', { form, headers: agent.headers })).body
    .access_token
}

describe('a token is handed on', () => {
  test('about the same person, for less, with everybody who acts, the first innermost', async () => {
    const { tokens } = await personal()
    const first = await hand(agentA, tokens.access_token, { scope: 'read' })
    expect(first.status).toBe(200)
    expect(first.body).toMatchObject({ scope: 'read', issued_token_type: accessTokenType })
    expect(first.body.refresh_token).toBeUndefined()
    const { body } = await hand(agentB, first.body.access_token, { resource: jobs })
    const { body: told } = await introspect(server, { client: agentB, token: body.access_token })
    const [approved] = (await eventsOf(server, 'GrantApproved')).slice(-1)
    expect(told).toMatchObject({
      active: true,
      sub: approved?.payload.userId,
      client_id: agentB.client_id,
      scope: 'read',
      act: {
        sub: agentB.client_id,
        client_id: agentB.client_id,
        act: { sub: agentA.client_id, client_id: agentA.client_id },
      },
    })
  })

  test('as a JWT too, and a JWT is a subject token', async () => {
    const { tokens } = await personal({ resource: jwts })
    const type = 'urn:ietf:params:oauth:token-type:jwt'
    const { body } = await hand(agentA, tokens.access_token, { subject_token_type: type })
    const claims = decodeJwt(body.access_token)
    expect(claims.act).toEqual({ sub: agentA.client_id, client_id: agentA.client_id })
    expect(claims.sub).toBe(decodeJwt(tokens.access_token).sub ?? '')
  })

  test('with the token of whoever acts beside it, if that is its own', async () => {
    const { tokens } = await personal()
    const actor = { actor_token: await ownToken(agentA), actor_token_type: accessTokenType }
    expect((await hand(agentA, tokens.access_token, actor)).status).toBe(200)
    expect(await errorOf(hand(agentB, tokens.access_token, actor))).toBe('invalid_request')
    const alone = { actor_token_type: accessTokenType }
    expect(await errorOf(hand(agentA, tokens.access_token, alone))).toBe('invalid_request')
    const persons = { actor_token: tokens.access_token, actor_token_type: accessTokenType }
    expect(await errorOf(hand(agentA, tokens.access_token, persons))).toBe('invalid_request')
  })

  test('by oauth4webapi as well', async () => {
    const { tokens } = await personal()
    const issuer = { issuer: server.url, token_endpoint: `${server.url}/oauth/token` }
    const client = { client_id: agentA.client_id }
    const response = await oauth.genericTokenEndpointRequest(
      issuer,
      client,
      oauth.ClientSecretBasic(agentA.client_secret),
      exchange,
      { subject_token: tokens.access_token, subject_token_type: accessTokenType },
      { [oauth.allowInsecureRequests]: true },
    )
    const given = await oauth.processGenericTokenEndpointResponse(issuer, client, response)
    expect(given.issued_token_type).toBe(accessTokenType)
  })

  test('for no longer than it lives itself, and the log says how', async () => {
    const { tokens } = await personal()
    now += 3000_000
    const { body } = await hand(agentA, tokens.access_token)
    expect(body.expires_in).toBe(600)
    const [issued] = (await eventsOf(server, 'AccessTokenIssued')).slice(-1)
    expect(issued?.payload).toMatchObject({
      via: 'token_exchange',
      clientId: agentA.client_id,
      actors: [{ sub: agentA.client_id, clientId: agentA.client_id }],
    })
    expect(typeof issued?.payload.grantId).toBe('string')
  })
})

describe('SECURITY 15: token exchange', () => {
  test('never widens scope', async () => {
    const { tokens } = await personal({ resource: jobs, scope: 'read' })
    for (const scope of ['write', 'read write', 'openid', 'audit:read']) {
      expect(await errorOf(hand(agentA, tokens.access_token, { scope }))).toBe('invalid_scope')
    }
    const { body } = await hand(agentA, tokens.access_token)
    expect(body.scope).toBe('read')
    expect(await errorOf(hand(agentB, body.access_token, { scope: 'write' }))).toBe('invalid_scope')
  })

  test('never changes the audience', async () => {
    const { tokens } = await personal({ resource: [jobs, jwts] })
    for (const name of ['resource', 'audience']) {
      for (const other of [jwts, 'https://elsewhere.example', agentB.client_id]) {
        const answer = hand(agentA, tokens.access_token, { [name]: other })
        expect(await errorOf(answer)).toBe('invalid_target')
      }
    }
  })

  test('refuses revoked, expired, forged and foreign subject tokens alike', async () => {
    const { tokens, client } = await personal()
    const { tokens: jwt } = await personal({ resource: jwts })
    const claims = decodeJwt(jwt.access_token)
    const form = { client_id: client.client_id, token: tokens.access_token }
    await post(server, '/oauth/revoke', { form })
    const forged = [
      tokens.access_token,
      tokens.refresh_token,
      'glt_at_x',
      new UnsecuredJWT(claims).encode(),
      `${jwt.access_token.slice(0, -8)}AAAAAAAA`,
    ]
    for (const token of forged) {
      const { status, body } = await hand(agentA, token)
      expect([status, body.error]).toEqual([400, 'invalid_request'])
    }
    const { tokens: old } = await personal()
    now += 3600_000
    expect(await errorOf(hand(agentA, old.access_token))).toBe('invalid_request')
  })

  test('takes no ID token, and gives nothing but access tokens', async () => {
    const { tokens } = await personal()
    const of = (type: string) => `urn:ietf:params:oauth:token-type:${type}`
    for (const form of [
      { subject_token_type: of('id_token') },
      { subject_token_type: of('refresh_token') },
      { requested_token_type: of('refresh_token') },
      { requested_token_type: of('id_token') },
    ]) {
      expect(await errorOf(hand(agentA, tokens.access_token, form as never))).toBe(
        'invalid_request',
      )
    }
  })

  test('is for clients that an operator trusts with it', async () => {
    const { tokens } = await personal()
    const asked = { grant_types: [exchange], redirect_uris: undefined }
    const itself = await register(server, {
      ...asked,
      token_endpoint_auth_method: 'client_secret_post',
    })
    const { body } = await post(server, '/oauth/token', {
      form: {
        grant_type: exchange,
        client_id: itself.client_id,
        client_secret: itself.client_secret ?? '',
        subject_token: tokens.access_token,
        subject_token_type: accessTokenType,
      },
    })
    expect(body.error).toBe('unauthorized_client')
    const without = await addClient(server.services, { scope: 'read' })
    expect(await errorOf(hand(without, tokens.access_token))).toBe('unauthorized_client')
  })

  test('stops after three hands', async () => {
    let { access_token } = (await personal()).tokens
    for (const agent of [agentA, agentB, agentC]) {
      access_token = (await hand(agent, access_token)).body.access_token
    }
    expect(await isLive(server, access_token)).toBe(true)
    expect(await errorOf(hand(agentD, access_token))).toBe('invalid_request')
  })
})

describe('what was handed on ends', () => {
  /** A chain of three tokens, and who holds them. */
  async function chain() {
    const { tokens, client } = await personal()
    const first = (await hand(agentA, tokens.access_token)).body.access_token
    const second = (await hand(agentB, first)).body.access_token
    const live = async () => Promise.all([first, second].map((token) => isLive(server, token)))
    expect(await live()).toEqual([true, true])
    return { client, tokens, first, second, live }
  }

  test('with the grant that it goes back to', async () => {
    const { client, tokens, live } = await chain()
    const { services } = server
    const [approved] = (await eventsOf(server, 'GrantApproved')).slice(-1)
    const command = { kind: 'end', reason: 'revoked_by_user', now } as const
    const grantId = String(approved?.payload.grantId)
    await execute<string>(services.log, { actor: 'cli', correlationId: 'test' }, (work) =>
      work.decide(grantDecider, grantId, command),
    )
    expect(approved?.payload.clientId).toBe(client.client_id)
    expect(await isLive(server, tokens.access_token)).toBe(false)
    expect(await live()).toEqual([false, false])
  })

  test('with the one access token that it was given for', async () => {
    const { client, tokens, live } = await chain()
    const form = { client_id: client.client_id, token: tokens.access_token }
    await post(server, '/oauth/revoke', { form })
    expect(await live()).toEqual([false, false])
  })

  test('with the hand before it, and not with the one after', async () => {
    const { first, second, live } = await chain()
    await post(server, '/oauth/revoke', { form: { token: second }, headers: agentB.headers })
    expect(await live()).toEqual([true, false])
    const again = (await hand(agentB, first)).body.access_token
    await post(server, '/oauth/revoke', { form: { token: first }, headers: agentA.headers })
    expect([await live(), await isLive(server, again)]).toEqual([[false, false], false])
    expect(await errorOf(hand(agentC, again))).toBe('invalid_request')
  })

  test('for as long as a client that it came through is disabled', async () => {
    const { second, live } = await chain()
    await operate(server.services, agentA.client_id, 'disable')
    expect(await live()).toEqual([false, false])
    expect(await errorOf(hand(agentC, second))).toBe('invalid_request')
    await operate(server.services, agentA.client_id, 'enable')
    expect(await live()).toEqual([true, true])
  })

  test('for as long as its person is disabled', async () => {
    const { live } = await chain()
    const { log } = server.services
    const [approved] = (await eventsOf(server, 'GrantApproved')).slice(-1)
    const userId = String(approved?.payload.userId)
    const cause = { actor: 'cli', correlationId: 'test' }
    const does = (kind: 'disable' | 'enable') =>
      execute<string>(log, cause, (work) =>
        work.decide(userDecider, userId, { kind, reason: 'a test', now }),
      )
    await does('disable')
    expect(await live()).toEqual([false, false])
    await does('enable')
    expect(await live()).toEqual([true, true])
  })

  test('SECURITY 15: a revocation that races an exchange leaves nothing behind', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { tokens, client } = await personal()
      const form = { client_id: client.client_id, token: tokens.access_token }
      const [given] = await Promise.all([
        hand(agentA, tokens.access_token),
        post(server, '/oauth/revoke', { form }),
      ])
      if (given.status === 200) expect(await isLive(server, given.body.access_token)).toBe(false)
      else expect(given.body.error).toBe('invalid_request')
    }
  })
})
