/**
 * The API under which a person's client looks after that person's API tokens.
 *
 * @see [RFC 6750 §5.3 - Summary of Recommendations](https://www.rfc-editor.org/rfc/rfc6750.html#section-5.3)
 */

import { registerUser } from '../../src/identity/register-user.ts'
import { setUserGroups } from '../../src/identity/user-groups.ts'
import { hasApiTokenShape } from '../../src/protocol/tokens/token-text.ts'
import { call, managingToken, type ShownToken } from '../support/api-tokens.ts'
import { connect, eventsOf } from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const grace = { email: 'grace@example.com', password: 'nanoseconds are this long' }
const start = 1_800_000_000_000
const daySeconds = 24 * 60 * 60

let now = start
let server: TestServer
let manage: string

beforeAll(async () => {
  server = await startTestServer(
    {
      apiTokens: { perAccount: 6, maxOverlapSeconds: 600 },
      resources: [
        {
          resource: '/api/mcp',
          name: 'Jobs',
          scopes: { book: 'Start jobs', read: 'See jobs', edit: 'Change jobs' },
          whoMay: { edit: ['editors'] },
        },
      ],
    },
    { clock: () => now },
  )
  await registerUser(server.services, { ...grace, name: 'Grace', admin: false, actor: 'cli' })
  manage = await managingToken(server)
})
afterAll(() => server.stop())

function create(body: Record<string, unknown> = {}, token = manage) {
  const wish = { name: 'Backups', scopes: ['read'], ...body }
  return call<ShownToken>(server, '/api/tokens', { method: 'POST', token, body: wish })
}

function remove(id: string, token = manage) {
  return call(server, `/api/tokens/${id}`, { method: 'DELETE', token })
}

async function listed(token = manage): Promise<ShownToken[]> {
  return (await call<{ tokens: ShownToken[] }>(server, '/api/tokens', { token })).body.tokens
}

async function isGood(token: string): Promise<boolean> {
  return (await call(server, '/api/whoami', { token })).status === 200
}

describe('making API tokens', () => {
  test('answers with the token once; the list shows what it is for and its last four characters', async () => {
    const made = await create({ description: 'Every night' })
    expect([made.status, made.headers.get('cache-control')]).toEqual([201, 'no-store'])
    const { token, ...shown } = made.body
    expect(token).toMatch(/^glt_live_[A-Za-z0-9_-]{49}$/)
    expect(hasApiTokenShape(token)).toBe(true)
    expect(shown).toMatchObject({
      name: 'Backups',
      description: 'Every night',
      resource: `${server.url}/api/mcp`,
      scopes: ['read'],
      last_four: token.slice(-4),
      expires_at: new Date(start + 90 * daySeconds * 1000).toISOString(),
      last_used_at: null,
    })
    expect(await listed()).toEqual([shown as ShownToken])
    await remove(shown.id)
  })

  test('takes any lifetime up to the operator’s most, and none where there is no most', async () => {
    const endless = await create({ expires_in: 0 })
    expect(endless.body.expires_at).toBeNull()
    const short = await create({ expires_in: 60 })
    expect(await isGood(short.body.token)).toBe(true)
    now += 60_000
    expect([await isGood(short.body.token), await isGood(endless.body.token)]).toEqual([
      false,
      true,
    ])
    for (const { body } of [endless, short]) await remove(body.id)
  })

  const refused: [string, Record<string, unknown>, number, string][] = [
    ['no name', { name: '  ' }, 400, 'invalid_request'],
    ['a long name', { name: 'x'.repeat(81) }, 400, 'invalid_request'],
    ['a long description', { description: 'x'.repeat(401) }, 400, 'invalid_request'],
    ['a name that is no text', { name: 1 }, 400, 'invalid_request'],
    ['no scope', { scopes: [] }, 400, 'invalid_scope'],
    ['a scope that nobody offers', { scopes: ['read', 'rule'] }, 400, 'invalid_scope'],
    ['a scope of the person', { scopes: ['openid'] }, 400, 'invalid_scope'],
    ['a scope that this person may not give', { scopes: ['edit'] }, 400, 'invalid_scope'],
    ['the scope to make further ones', { scopes: ['tokens:manage'] }, 400, 'invalid_scope'],
    ['a resource that is not known', { resource: 'https://x.example' }, 400, 'invalid_target'],
    ['an end that has passed', { expires_in: -1 }, 400, 'invalid_request'],
    ['an end in more than ten years', { expires_in: 4_000 * daySeconds }, 400, 'invalid_request'],
  ]
  for (const [what, body, status, error] of refused) {
    test(`refuses ${what}`, async () => {
      const answer = await create(body)
      expect([answer.status, answer.body.error]).toEqual([status, error])
      expect(await listed()).toEqual([])
    })
  }

  test('refuses a token that is for looking after tokens', async () => {
    const resource = `${server.url}/api/tokens`
    const answer = await create({ resource, scopes: ['tokens:manage'] })
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_target'])
  })

  test('gives no account more than it may have, however many ask at once', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => create()))
    const made = answers.filter(({ status }) => status === 201)
    expect([made.length, (await listed()).length]).toEqual([6, 6])
    expect(answers.filter(({ status }) => status === 403).length).toBe(6)
    for (const { body } of made) expect((await remove(body.id)).status).toBe(204)
  })
})

describe('who may look after API tokens', () => {
  test('nobody without an access token of the scope: 401 says where to get one', async () => {
    const none = await call(server, '/api/tokens')
    expect(none.status).toBe(401)
    const metadata = `${server.url}/.well-known/oauth-protected-resource/api/tokens`
    expect(none.headers.get('www-authenticate')).toContain(
      `Bearer scope="tokens:manage", resource_metadata="${metadata}"`,
    )
    expect((await fetch(metadata)).status).toBe(200)
    const { tokens } = await connect(server, { scope: 'read' })
    expect((await call(server, '/api/tokens', { token: tokens.access_token })).status).toBe(401)
  })

  test('no API token: it cannot make, see, renew or end any', async () => {
    const { body } = await create({ scopes: ['read', 'book'] })
    const { id, token } = body
    for (const [method, path] of [
      ['GET', ''],
      ['POST', ''],
      ['POST', `/${id}/regenerate`],
      ['DELETE', `/${id}`],
    ] as const) {
      const asked = { method, token, ...(method === 'POST' ? { body: {} } : {}) }
      const answer = await call(server, `/api/tokens${path}`, asked)
      expect([answer.status, answer.body.error]).toEqual([401, 'invalid_token'])
    }
    await remove(id)
  })

  test('nobody but the owner: another person’s are as if there were none', async () => {
    const { body: hers } = await create()
    const other = await managingToken(server, server.person(grace))
    expect(await listed(other)).toEqual([])
    expect((await remove(hers.id, other)).status).toBe(404)
    const renewal = { method: 'POST', token: other, body: {} }
    expect((await call(server, `/api/tokens/${hers.id}/regenerate`, renewal)).status).toBe(404)
    expect(await isGood(hers.token)).toBe(true)
    await remove(hers.id)
  })

  test('only people who may give a scope put it into a token, and leaving the group takes it out', async () => {
    const groups = (groups: string[]) =>
      setUserGroups(server.services, { email: grace.email, groups, actor: 'cli' })
    await groups(['editors'])
    const other = await managingToken(server, server.person(grace))
    const { body } = await create({ scopes: ['edit', 'read'] }, other)
    const scopesOf = async () =>
      (await call(server, '/api/whoami', { token: body.token })).body.scopes
    expect(await scopesOf()).toEqual(['edit', 'read'])
    await groups([])
    expect(await scopesOf()).toEqual(['read'])
    await remove(body.id, other)
  })
})

describe('renewing and ending API tokens', () => {
  function renew(id: string, body: Record<string, unknown> = {}) {
    const path = `/api/tokens/${id}/regenerate`
    return call<ShownToken>(server, path, { method: 'POST', token: manage, body })
  }

  test('a new text ends the old one at once', async () => {
    const { body: old } = await create()
    const { status, body } = await renew(old.id)
    expect([status, body.id, body.token === old.token]).toEqual([200, old.id, false])
    expect([await isGood(old.token), await isGood(body.token)]).toEqual([false, true])
    await remove(old.id)
  })

  test('with an overlap the old one is good for as long, and never longer than it was', async () => {
    const { body: old } = await create({ expires_in: 300 })
    const { body } = await renew(old.id, { overlap_seconds: 60, expires_in: 0 })
    expect([await isGood(old.token), await isGood(body.token)]).toEqual([true, true])
    now += 60_000
    expect([await isGood(old.token), await isGood(body.token)]).toEqual([false, true])
    const again = await renew(old.id, { overlap_seconds: 60 })
    const third = await renew(old.id, { overlap_seconds: 60 })
    const good = [body, again.body, third.body].map(({ token }) => isGood(token))
    expect(await Promise.all(good)).toEqual([false, true, true])
    expect((await renew(old.id, { overlap_seconds: 601 })).status).toBe(400)
    await remove(old.id)
  })

  test('what is revoked opens nothing from the next call on, both texts of it', async () => {
    const { body: old } = await create()
    const { body } = await renew(old.id, { overlap_seconds: 60 })
    expect((await remove(old.id)).status).toBe(204)
    expect([await isGood(old.token), await isGood(body.token)]).toEqual([false, false])
    expect((await remove(old.id)).status).toBe(404)
    expect((await renew(old.id)).status).toBe(404)
    const [last] = (await eventsOf(server, 'ApiTokenRevoked')).slice(-1)
    expect(last?.payload).toMatchObject({ apiTokenId: old.id, reason: 'revoked_by_user' })
  })
})
