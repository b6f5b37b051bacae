/**
 * Who may give what, at the consent and at each issue of tokens after it.
 *
 * @see [RFC 6749 §3.3 - Access Token Scope](https://www.rfc-editor.org/rfc/rfc6749.html#section-3.3)
 */
import { hiddenFields } from '../../src/cli/demo-person.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import { setUserGroups } from '../../src/identity/user-groups.ts'
import {
  authorizationUrl,
  connect,
  eventsOf,
  post,
  redirectUri,
  refresh,
  register,
  type Tokens,
} from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '../support/test.ts'

const bob = { email: 'Bob@Example.com', password: 'a very long passphrase' }
const shared = 'https://shared.example/mcp'
const closed = 'https://closed.example/mcp'

let server: TestServer
beforeAll(async () => {
  const scopes = { read: 'Read', write: 'Write' }
  server = await startTestServer({
    refreshGraceSeconds: 0,
    resources: [
      { resource: shared, name: 'Shared', scopes, whoMay: { write: ['editors'] } },
      { resource: closed, name: 'Closed', scopes, allowedGroups: ['staff'] },
    ],
  })
  await registerUser(server.services, { ...bob, name: 'Bob', admin: false, actor: 'cli' })
})
afterAll(() => server.stop())
beforeEach(() => bobIsIn('editors', 'staff'))

async function bobIsIn(...groups: string[]): Promise<void> {
  const result = await setUserGroups(server.services, { email: bob.email, groups, actor: 'cli' })
  expect(result.outcome).toBe('accepted')
}

const connected = (parameters: Record<string, string>) =>
  connect(server, parameters, server.person(bob))

describe('at the consent', () => {
  test('a person is asked for what they may give, and gives no more', async () => {
    expect((await connected({ resource: shared })).tokens.scope).toBe('read write')
    await bobIsIn()
    const { client_id } = await register(server)
    const person = server.person(bob)
    const { tokens } = await connect(server, { resource: shared }, person)
    expect(tokens.scope).toBe('read')
    const asked = await person.open(authorizationUrl(server, client_id, { resource: shared }))
    const html = await (await person.open(asked.headers.get('location') ?? '')).text()
    expect(html).toContain('Read')
    expect(html).not.toContain('Write')
  })

  test('one who may give nothing is told so, and the app learns access_denied', async () => {
    await bobIsIn('editors')
    const { client_id } = await register(server)
    const url = authorizationUrl(server, client_id, { resource: closed })
    const person = server.person(bob)
    await connect(server, { resource: shared }, person)
    const asked = await person.open(url)
    const page = await person.open(asked.headers.get('location') ?? '')
    const html = await page.text()
    expect(page.status).toBe(403)
    expect(html).toContain('This account may not allow that')
    expect(html).toContain('Use another account')
    const form = html.split('<form').find((part) => part.includes('name="decision"')) ?? ''
    const fields = { ...hiddenFields(form), decision: 'deny' }
    const back = await person.submit('/consent', fields)
    const answer = new URL(back.headers.get('location') ?? '')
    expect(answer.searchParams.get('error')).toBe('access_denied')
  })

  test('no form can approve what the page did not offer', async () => {
    await bobIsIn()
    const { client_id } = await register(server)
    const url = authorizationUrl(server, client_id, { resource: closed })
    const back = await server.person(bob).answer(url, 'approve')
    expect(back.searchParams.get('error')).toBe('access_denied')
    expect(back.searchParams.has('code')).toBe(false)
  })
})

describe('at an issue of tokens', () => {
  test('whoever has left a group gets narrower tokens, and the client is told', async () => {
    const { client, tokens } = await connected({ resource: shared })
    await bobIsIn()
    const narrowed = await refresh(server, { client, refreshToken: tokens.refresh_token })
    expect([narrowed.status, narrowed.body.scope]).toEqual([200, 'read'])
    const asking = { grant_type: 'refresh_token', client_id: client.client_id }
    const asked = await post<Tokens>(server, '/oauth/token', {
      form: { ...asking, refresh_token: narrowed.body.refresh_token, scope: 'read write' },
    })
    expect([asked.status, asked.body.scope]).toEqual([200, 'read'])
    await bobIsIn('editors')
    const again = await refresh(server, { client, refreshToken: asked.body.refresh_token })
    expect(again.body.scope).toBe('read write')
  })

  test('a scope that was never granted stays an error', async () => {
    const { client, tokens } = await connected({ resource: shared, scope: 'read' })
    const form = { grant_type: 'refresh_token', client_id: client.client_id, scope: 'read write' }
    const asked = await post(server, '/oauth/token', {
      form: { ...form, refresh_token: tokens.refresh_token },
    })
    expect(asked.body.error).toBe('invalid_scope')
  })

  test('whoever may give nothing more gets nothing, for a reason that the log has', async () => {
    const { client, tokens } = await connected({ resource: closed })
    await bobIsIn('editors')
    const refused = await refresh(server, { client, refreshToken: tokens.refresh_token })
    expect(refused.status).toBe(400)
    expect(refused.body).toMatchObject({ error: 'invalid_grant' })
    const event = (await eventsOf(server, 'GrantUseRefused')).at(-1)
    expect(event?.payload.reason).toBe('person_not_allowed')
    // The token was not used up: who is in the group again goes on.
    await bobIsIn('staff')
    expect((await refresh(server, { client, refreshToken: tokens.refresh_token })).status).toBe(200)
  })

  test('a code is worth no more than its person when it is redeemed', async () => {
    const client = await register(server)
    const verifier = 'v'.repeat(43)
    const challenge = '7w_YNF9DSfIdPf_pRjSq646_kPr-2-o9NAl16JGghdM'
    const url = authorizationUrl(server, client.client_id, {
      resource: closed,
      code_challenge: challenge,
    })
    const code = (await server.person(bob).answer(url)).searchParams.get('code') ?? ''
    await bobIsIn()
    const form = { grant_type: 'authorization_code', client_id: client.client_id, code }
    const { status, body } = await post(server, '/oauth/token', {
      form: { ...form, code_verifier: verifier, redirect_uri: redirectUri },
    })
    expect([status, body.error]).toEqual([400, 'invalid_grant'])
  })
})

describe('groups', () => {
  const set = (email: string, ...groups: string[]) =>
    setUserGroups(server.services, { email, groups, actor: 'cli' })

  test('are refused where they are no names, too many, or make an administrator', async () => {
    expect(await set(bob.email, 'admin')).toMatchObject({ reason: 'group_reserved' })
    for (const odd of ['a b', '@example.com', 'x@y', '', 'x'.repeat(65)]) {
      expect(await set(bob.email, odd)).toMatchObject({ reason: 'group_invalid' })
    }
    const many = Array.from({ length: 101 }, (_, n) => `g${n}`)
    expect(await set(bob.email, ...many)).toMatchObject({ reason: 'groups_too_many' })
    expect(await set('nobody@example.com', 'a')).toMatchObject({ reason: 'user_unknown' })
    expect(await set('no address', 'a')).toMatchObject({ reason: 'user_unknown' })
  })
})
