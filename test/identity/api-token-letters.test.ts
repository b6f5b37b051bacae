/** What the owner of an API token reads in mail: that it leaked, and that it ends soon. */
import { warnOfExpiry } from '../../src/identity/api-token-letters.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import { findUserByEmail } from '../../src/protocol/email-address.ts'
import { call, giveApiToken } from '../support/api-tokens.ts'
import { type MailServer, startMailServer } from '../support/mail-server.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterEach, beforeEach, expect, test } from '../support/test.ts'

const daySeconds = 24 * 60 * 60
let mail: MailServer
let server: TestServer
let userId: string
let now: number
beforeEach(async () => {
  now = 1_800_000_000_000
  mail = await startMailServer()
  server = await startTestServer({ mail: { url: mail.url } }, { clock: () => now })
  userId = (await findUserByEmail(server.services, admin.email))?.userId ?? ''
})
afterEach(async () => {
  await server.stop()
  await mail.stop()
})

test('a token that was found in public: its owner is told, once, and not which', async () => {
  const { token } = await giveApiToken(server, { userId, scopes: ['read'] })
  const report = { method: 'POST', body: [{ token }, { token }] }
  await call(server, '/api/tokens/leaked', report)
  await call(server, '/api/tokens/leaked', report)
  await server.services.mail.idle()
  expect(mail.received.map(({ to }) => to)).toEqual([[admin.email]])
  expect(mail.received[0]?.content).toContain('found an API token')
  expect(mail.received[0]?.content).not.toContain(token)
})

test('a token that ends: a week before, a day before, and each once', async () => {
  await giveApiToken(server, { userId, scopes: ['read'], lifetimeSeconds: 10 * daySeconds })
  await giveApiToken(server, { userId, scopes: ['read'], lifetimeSeconds: 0 })
  const told: number[] = []
  for (const day of [0, 2, 3, 3, 4, 8, 9, 9, 10, 11]) {
    now = 1_800_000_000_000 + day * daySeconds * 1000
    told.push(await warnOfExpiry(server.services))
    // A letter that is not sent within a day is not sent.
    await server.services.mail.idle()
    expect(mail.received).toHaveLength(told.reduce((sum, count) => sum + count))
  }
  expect(told).toEqual([0, 0, 1, 0, 0, 0, 1, 0, 0, 0])
})

test('one that is made for a shorter time is not warned of at once', async () => {
  await giveApiToken(server, { userId, scopes: ['read'], lifetimeSeconds: 2 * daySeconds })
  expect(await warnOfExpiry(server.services)).toBe(0)
  now += 1.5 * daySeconds * 1000
  expect(await warnOfExpiry(server.services)).toBe(1)
})

test('nobody is written to at an address that nobody has proved', async () => {
  const grace = { email: 'grace@example.com', password: 'nanoseconds are this long', name: 'G' }
  const made = await registerUser(server.services, {
    ...{ ...grace, admin: false, actor: 'system:test', emailUnproved: true },
  })
  const graceId = made.outcome === 'accepted' ? made.userId : ''
  const wish = { userId: graceId, scopes: ['read'], lifetimeSeconds: 8 * daySeconds }
  const { token } = await giveApiToken(server, wish)
  now += 2 * daySeconds * 1000
  expect(await warnOfExpiry(server.services)).toBe(0)
  await call(server, '/api/tokens/leaked', { method: 'POST', body: [{ token }] })
  await server.services.mail.idle()
  expect(mail.received).toEqual([])
})
