/**
 * "Why was I signed out?" has an answer: each `invalid_grant` about a real code or token names an
 * event, which the audit opens, and our log has the reason beside the same event.
 *
 * @see [RFC 6749 §5.2 - Error Response](https://www.rfc-editor.org/rfc/rfc6749.html#section-5.2)
 */

import { execute } from '../../src/domain/execute.ts'
import { userDecider } from '../../src/domain/user.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import { findUserByEmail } from '../../src/protocol/email-address.ts'
import {
  authorize,
  connect,
  post,
  redeem,
  redirectUri,
  refresh,
  register,
} from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { signedInAsker } from './ask.ts'

let now = Date.UTC(2026, 10, 21)
let server: TestServer
beforeAll(async () => {
  server = await startTestServer({}, { clock: () => now })
})
afterAll(() => server.stop())

interface Refusal {
  readonly status: number
  readonly body: unknown
}

/** The reason that the audit has for this refusal; and our log line names the same event. */
async function reasonOf({ status, body }: Refusal): Promise<string> {
  const { error, error_description: words } = body as Record<string, string>
  expect([status, error]).toEqual([400, 'invalid_grant'])
  const eventId = /\(event (evt_[^)]+)\)$/.exec(words ?? '')?.[1] ?? 'none'
  const ask = await signedInAsker(server)
  const event = await ask(`/events/${eventId}`)
  expect(event.status).toBe(200)
  const line = server
    .logged()
    .split('\n')
    .find((text) => text.includes(eventId))
  const { payload } = event.body as unknown as { payload: { reason: string } }
  expect(line).toContain(`"cause":"${payload.reason}"`)
  return payload.reason
}

describe('the audit says why', () => {
  test('a code was used before', async () => {
    const client = await register(server)
    const granted = await authorize(server, client)
    await redeem(server, granted)
    expect(await reasonOf(await redeem(server, granted))).toBe('code_replayed')
  })

  test('a code came too late, from another client, with another redirect URI or verifier', async () => {
    const client = await register(server)
    const form = async (changes: Record<string, string>) => {
      const { code, pkce } = await authorize(server, client)
      const grant = { grant_type: 'authorization_code', code, code_verifier: pkce.verifier }
      return post(server, '/oauth/token', {
        form: { ...grant, client_id: client.client_id, redirect_uri: redirectUri, ...changes },
      })
    }
    const other = await register(server)
    expect(await reasonOf(await form({ client_id: other.client_id }))).toBe('wrong_client')
    const elsewhere = { redirect_uri: 'http://127.0.0.1:1/callback' }
    expect(await reasonOf(await form(elsewhere))).toBe('redirect_uri_mismatch')
    const verifier = { code_verifier: 'x'.repeat(43) }
    expect(await reasonOf(await form(verifier))).toBe('verifier_mismatch')
    const late = await authorize(server, client)
    now += 600_000
    expect(await reasonOf(await redeem(server, late))).toBe('code_expired')
  })

  test('a refresh token was used again, had expired, or was of a grant that has ended', async () => {
    const replayed = await connect(server)
    const again = { client: replayed.client, refreshToken: replayed.tokens.refresh_token }
    await refresh(server, again)
    now += 11_000
    expect(await reasonOf(await refresh(server, again))).toBe('refresh_replayed')
    expect(await reasonOf(await refresh(server, again))).toBe('grant_ended')
    const expired = await connect(server)
    now += 31 * 86_400_000
    const late = { client: expired.client, refreshToken: expired.tokens.refresh_token }
    expect(['refresh_expired', 'grant_ended']).toContain(
      await reasonOf(await refresh(server, late)),
    )
  })

  test('the client had its token revoked itself', async () => {
    const { client, tokens } = await connect(server)
    const form = { client_id: client.client_id, token: tokens.refresh_token }
    await post(server, '/oauth/revoke', { form })
    const refreshToken = tokens.refresh_token
    expect(await reasonOf(await refresh(server, { client, refreshToken }))).toBe('grant_ended')
  })

  test('the account was disabled', async () => {
    const grace = { email: 'grace@example.com', password: 'nanoseconds are this long' }
    const { services } = server
    await registerUser(services, { ...grace, name: 'Grace', admin: false, actor: 'cli' })
    const { client, tokens } = await connect(server, {}, server.person(grace))
    const user = await findUserByEmail(services, grace.email)
    const cause = { actor: 'cli', correlationId: 'test' }
    await execute<string>(services.log, cause, (work) =>
      work.decide(userDecider, user?.userId ?? '', { kind: 'disable', reason: 'left', now }),
    )
    const refreshToken = tokens.refresh_token
    expect(await reasonOf(await refresh(server, { client, refreshToken }))).toBe('user_not_active')
  })
})

test('what nobody ever had names no event: nothing happened to anybody’s grant', async () => {
  const client = await register(server)
  const made = { client, refreshToken: `glt_rt_${'x'.repeat(43)}AAAAAA` }
  const { body } = await refresh(server, made)
  expect(JSON.stringify(body)).not.toContain('event')
})
