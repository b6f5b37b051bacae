/** What is left of an account that was deleted: what happened, and not who it was. */
import { deleteAccount } from '../../src/identity/delete-account.ts'
import { signInWithPassword } from '../../src/identity/password-sign-in.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import { call, giveApiToken } from '../support/api-tokens.ts'
import { connect, eventsOf, isLive, refresh } from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, expect, test } from '../support/test.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

const bob = { email: 'bob@example.com', password: 'a very long passphrase', name: 'Bob Bold' }
const cause = { actor: 'cli', correlationId: 'test' }

async function register(): Promise<string> {
  const result = await registerUser(server.services, { ...bob, admin: false, actor: 'cli' })
  if (result.outcome === 'refused') throw new Error(result.reason)
  return result.userId
}

test('its sessions, grants and API tokens end, its address is free, and nobody can read who it was', async () => {
  const userId = await register()
  const person = server.person(bob)
  const { client, tokens } = await connect(server, {}, person)
  expect((await person.open('/account')).status).toBe(200)
  expect(await isLive(server, tokens.access_token)).toBe(true)
  const { token } = await giveApiToken(server, { userId, scopes: ['read'] })

  expect(await deleteAccount(server.services, userId, cause)).toEqual({ outcome: 'accepted' })

  expect((await person.open('/account')).headers.get('location')).toBe('/sign-in?next=/account')
  expect(await isLive(server, tokens.access_token)).toBe(false)
  const again = await refresh(server, { client, refreshToken: tokens.refresh_token })
  expect(again.body).toMatchObject({ error: 'invalid_grant' })
  expect((await call(server, '/api/whoami', { token })).status).toBe(401)
  const ends = await eventsOf(server, 'SessionEnded', 'GrantEnded', 'ApiTokenRevoked')
  expect(ends.map(({ payload }) => payload.reason)).toEqual(Array(3).fill('account_deleted'))
  expect(ends.length).toBe(3)
  const [registered] = await server.services.log.read({ streamId: `user/${userId}` })
  expect(registered?.payload).toMatchObject({ userId, email: null, name: null })
  const everything = JSON.stringify(await server.services.log.read({ limit: 100 }))
  for (const text of [bob.email, bob.name]) expect(everything).not.toContain(text)
  const live = await server.store.rebuild()
  expect(live.tables.filter(({ differed }) => differed)).toEqual([])

  expect(await register()).not.toBe(userId)
})

test('it cannot be deleted twice, and nobody unknown can be', async () => {
  const [{ payload } = { payload: {} }] = await eventsOf(server, 'UserDeleted')
  for (const userId of [String((payload as { userId: string }).userId), 'usr_nobody']) {
    const result = await deleteAccount(server.services, userId, cause)
    expect(result).toEqual({ outcome: 'refused', reason: 'user_unknown' })
  }
})

test('an account may have neither an address nor a password, and then nobody signs in by them', async () => {
  const bare = { name: 'By Telegram', admin: false, actor: 'system:telegram' }
  const results = [
    await registerUser(server.services, bare),
    await registerUser(server.services, bare),
  ]
  for (const { outcome } of results) expect(outcome).toBe('accepted')
  const unproved = { ...bare, email: 'unproved@example.com', emailUnproved: true } as const
  expect((await registerUser(server.services, unproved)).outcome).toBe('accepted')
  for (const email of ['', 'unproved@example.com']) {
    for (const password of ['', 'nobody has this password', 'undefined']) {
      const attempt = { email, password, address: '127.0.0.1', correlationId: 'test' }
      const { outcome } = await signInWithPassword(server.services, attempt)
      expect(outcome).toBe('refused')
    }
  }
})
