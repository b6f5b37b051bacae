/**
 * What was said of a token is said again to whoever asks the same, and not once more after anything
 * that it was made of has changed: each test asks until the answer is kept, and then changes it.
 *
 * @see [RFC 7662 §4 - Security Considerations](https://www.rfc-editor.org/rfc/rfc7662.html#section-4) on caching
 */
import { execute } from '../../src/domain/execute.ts'
import { grantDecider } from '../../src/domain/grant.ts'
import { disableUser } from '../../src/identity/administer-user.ts'
import { deleteAccount } from '../../src/identity/delete-account.ts'
import { setUserGroups } from '../../src/identity/user-groups.ts'
import { regenerateApiToken, revokeApiToken } from '../../src/protocol/tokens/api-tokens.ts'
import { act, signedIn } from '../support/admin-browser.ts'
import { call, giveApiToken } from '../support/api-tokens.ts'
import { appsToken, type ConnectedApp, connectApp } from '../support/connected-apps.ts'
import { authorize, post, redeem, refresh, register } from '../support/oauth-client.ts'
import { addClient, operate } from '../support/operator-client.ts'
import {
  type Asking,
  api,
  introspectBy,
  newPerson,
  startAsking,
  told,
  verifyAt,
} from '../support/repeated-questions.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const cause = { actor: 'cli', correlationId: 'test' }

let asking: Asking
beforeAll(async () => {
  asking = await startAsking()
})
afterAll(() => asking.server.stop())

/** Asks until the answers are kept, which takes one question each. */
async function kept(token: string) {
  const before = asking.made()
  const first = await told(asking, token)
  expect(asking.made() - before).toBe(2)
  expect(await told(asking, token)).toEqual(first)
  expect(asking.made() - before).toBe(2)
  return first
}

const gone = { introspected: false, verified: 401 }
const full = { introspected: 'read write', verified: 'read write' }
const reading = { introspected: 'read', verified: 'read' }

interface Held {
  readonly app: ConnectedApp
  readonly userId: string
  readonly email: string
  readonly password: string
}

async function held(): Promise<Held> {
  const { server } = asking
  const bob = await newPerson(server)
  await setUserGroups(server.services, { email: bob.email, groups: ['staff'], actor: 'cli' })
  const asked = { scope: 'read write', resource: api }
  return { app: await connectApp(server, asked, server.person(bob)), ...bob }
}

const endings: { name: string; end: (held: Held) => Promise<unknown> }[] = [
  {
    name: 'its client revokes it',
    end: ({ app }) => {
      const form = { token: app.tokens.access_token, client_id: app.client.client_id }
      return post(asking.server, '/oauth/revoke', { form })
    },
  },
  {
    name: 'its client revokes the refresh token beside it',
    end: ({ app }) => {
      const form = { token: app.tokens.refresh_token, client_id: app.client.client_id }
      return post(asking.server, '/oauth/revoke', { form })
    },
  },
  {
    name: 'the person disconnects the app',
    end: async ({ app, ...bob }) => {
      const token = await appsToken(asking.server, asking.server.person(bob))
      const path = `/api/connected-apps/${app.grantId}`
      const { status } = await call(asking.server, path, { method: 'DELETE', token })
      expect(status).toBeLessThan(300)
    },
  },
  {
    name: 'an administrator ends the consent',
    end: async ({ app }) =>
      act(await signedIn(asking.server), 'end-grant', { id: app.grantId, reason: 'a test' }),
  },
  {
    name: 'its code is redeemed once more',
    end: ({ app }) => redeem(asking.server, app),
  },
  {
    name: 'its client is disabled',
    end: ({ app }) => operate(asking.server.services, app.client.client_id, 'disable'),
  },
  {
    name: 'its client is deleted',
    end: ({ app }) => operate(asking.server.services, app.client.client_id, 'delete'),
  },
  {
    name: 'the person is disabled',
    end: ({ userId }) => disableUser(asking.server.services, { userId, why: 'a test' }, cause),
  },
  {
    name: 'the person is deleted',
    end: ({ userId }) => deleteAccount(asking.server.services, userId, cause),
  },
  { name: 'its time is over', end: async () => asking.later(365 * 24 * 3_600_000) },
]

describe('an access token that was good just before is good for nobody once', () => {
  for (const { name, end } of endings) {
    test(name, async () => {
      const held_ = await held()
      expect(await kept(held_.app.tokens.access_token)).toEqual(full)
      await end(held_)
      expect(await told(asking, held_.app.tokens.access_token)).toEqual(gone)
    })
  }
})

describe('an access token', () => {
  test('is worth what is left once the person took something back', async () => {
    const { app } = await held()
    expect(await kept(app.tokens.access_token)).toEqual(full)
    const { services } = asking.server
    await execute<string>(services.log, cause, (work) => {
      const access = [{ resource: api, scopes: ['read'] }]
      return work.decide(grantDecider, app.grantId, { kind: 'narrow', access, now: services.now() })
    })
    expect(await told(asking, app.tokens.access_token)).toEqual(reading)
  })

  test('is good again once its client is enabled again', async () => {
    const { app } = await held()
    await kept(app.tokens.access_token)
    await operate(asking.server.services, app.client.client_id, 'disable')
    expect(await told(asking, app.tokens.access_token)).toEqual(gone)
    await operate(asking.server.services, app.client.client_id, 'enable')
    expect(await kept(app.tokens.access_token)).toEqual(full)
  })

  test('is still answered from memory while others are written about', async () => {
    const { app } = await held()
    await kept(app.tokens.access_token)
    const other = await held()
    await asking.server.person(other).open('/account')
    await disableUser(asking.server.services, { userId: other.userId, why: 'a test' }, cause)
    const before = asking.made()
    expect(await told(asking, app.tokens.access_token)).toEqual(full)
    expect(asking.made() - before).toBe(0)
  })

  // As an address may be that is a client's id: longer than any key that is kept.
  const long = `app.example/${'x'.repeat(400)}`
  const called: { name: string; clientId?: string }[] = [
    { name: 'a client that its operator added' },
    { name: 'a client whose id is long', clientId: long },
  ]
  test.each(called)('of $name ends with that client', async ({ name: _, ...id }) => {
    const { services } = asking.server
    const machine = await addClient(services, { scope: 'read', ...id })
    const { body } = await post<{ access_token: string }>(asking.server, '/oauth/token', {
      form: { grant_type: 'client_credentials', scope: 'read', resource: api },
      headers: machine.headers,
    })
    expect(await kept(body.access_token)).toEqual(reading)
    await operate(services, machine.client_id, 'disable')
    expect(await told(asking, body.access_token)).toEqual(gone)
  })
})

describe('a refresh token', () => {
  test('that was rotated away is not active any more, and the new one is', async () => {
    const { server } = asking
    const client = await register(server, { token_endpoint_auth_method: 'client_secret_basic' })
    const { body } = await redeem(server, await authorize(server, client, { resource: api }))
    const by = { id: client.client_id, secret: client.client_secret ?? '' }
    const active = async (token: string) => (await introspectBy(asking, token, by)).body.active
    const before = asking.made()
    expect(await active(body.refresh_token)).toBe(true)
    expect(await active(body.refresh_token)).toBe(true)
    expect(asking.made() - before).toBe(1)
    const next = await refresh(server, { client, refreshToken: body.refresh_token })
    expect(await active(body.refresh_token)).toBe(false)
    expect(await active(next.body.refresh_token)).toBe(true)
  })
})

interface Key {
  readonly id: string
  readonly token: string
  readonly userId: string
  readonly email: string
}

async function key(): Promise<Key> {
  const { server } = asking
  const { email, userId } = await newPerson(server)
  await setUserGroups(server.services, { email, groups: ['staff'], actor: 'cli' })
  const wish = { userId, scopes: ['read', 'write'], resource: api }
  return { ...(await giveApiToken(server, wish)), userId, email }
}

const keyEndings: { name: string; end: (key: Key) => Promise<unknown> }[] = [
  {
    name: 'its owner revokes it',
    end: ({ id, userId }) => {
      const asked = { apiTokenId: id, userId, reason: 'revoked_by_user' } as const
      return revokeApiToken(asking.server.services, asked, cause)
    },
  },
  {
    name: 'it gets another text',
    end: ({ id, userId }) => {
      const asked = { apiTokenId: id, userId, overlapSeconds: 0 }
      return regenerateApiToken(asking.server.services, asked, cause)
    },
  },
  {
    name: 'somebody found it in public',
    end: ({ token }) => {
      const body = [{ token, type: 'grantlog_api_token' }]
      return call(asking.server, '/api/tokens/leaked', { method: 'POST', body })
    },
  },
  {
    name: 'its owner is disabled',
    end: ({ userId }) => disableUser(asking.server.services, { userId, why: 'a test' }, cause),
  },
  {
    name: 'its owner is deleted',
    end: ({ userId }) => deleteAccount(asking.server.services, userId, cause),
  },
]

describe('an API token that was good just before is good for nobody once', () => {
  for (const { name, end } of keyEndings) {
    test(name, async () => {
      const made = await key()
      expect(await keptByProxy(made.token)).toBe('read write')
      await end(made)
      expect((await verifyAt(asking, made.token)).status).toBe(401)
    })
  }

  test('the overlap with the next text is over', async () => {
    const { id, token, userId } = await key()
    const asked = { apiTokenId: id, userId, overlapSeconds: 30 }
    await keptByProxy(token)
    await regenerateApiToken(asking.server.services, asked, cause)
    expect(await keptByProxy(token)).toBe('read write')
    asking.later(30_000)
    expect((await verifyAt(asking, token)).status).toBe(401)
  })
})

async function keptByProxy(token: string): Promise<string | null> {
  const before = asking.made()
  for (const _ of [1, 2]) expect((await verifyAt(asking, token)).status).toBe(200)
  expect(asking.made() - before).toBe(1)
  return (await verifyAt(asking, token)).headers.get('x-auth-scope')
}

test('an API token is worth less once its owner left the group that a scope needs', async () => {
  const { token, email } = await key()
  expect(await keptByProxy(token)).toBe('read write')
  expect((await verifyAt(asking, token, { path: '/write' })).status).toBe(200)
  await setUserGroups(asking.server.services, { email, groups: [], actor: 'cli' })
  expect((await verifyAt(asking, token)).headers.get('x-auth-scope')).toBe('read')
  expect((await verifyAt(asking, token, { path: '/write' })).status).toBe(403)
})
