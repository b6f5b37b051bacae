/**
 * @see [RFC 7009 §2 - Token Revocation](https://www.rfc-editor.org/rfc/rfc7009.html#section-2)
 */
import {
  basic,
  connect,
  eventsOf,
  isLive,
  post,
  refresh,
  register,
} from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

function revoke(clientId: string, token: string, to: TestServer = server) {
  return post(to, '/oauth/revoke', { form: { client_id: clientId, token } })
}

describe('revoking', () => {
  test('a refresh token ends its access tokens too, at once', async () => {
    const { client, tokens } = await connect(server)
    const { status, body, headers } = await revoke(client.client_id, tokens.refresh_token)
    // simple-oauth2 and oidc-client-ts refuse anything but JSON.
    expect({ status, body }).toEqual({ status: 200, body: {} })
    expect(headers.get('content-type')).toBe('application/json')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(await isLive(server, tokens.access_token)).toBe(false)
    const answer = await refresh(server, { client, refreshToken: tokens.refresh_token })
    expect(answer.status).toBe(400)
  })

  test('an access token ends the grant, refresh token included', async () => {
    const { client, tokens } = await connect(server)
    expect((await revoke(client.client_id, tokens.access_token)).status).toBe(200)
    const answer = await refresh(server, { client, refreshToken: tokens.refresh_token })
    expect(answer.status).toBe(400)
  })

  test('a refresh token that was rotated away ends the grant as well', async () => {
    const { client, tokens } = await connect(server)
    const { body } = await refresh(server, { client, refreshToken: tokens.refresh_token })
    await revoke(client.client_id, tokens.refresh_token)
    expect(await isLive(server, body.access_token)).toBe(false)
  })

  test('an access token alone, where the operator wants that', async () => {
    const strict = await startTestServer({ revokeCascade: false })
    try {
      const { client, tokens } = await connect(strict)
      await revoke(client.client_id, tokens.access_token, strict)
      expect(await isLive(strict, tokens.access_token)).toBe(false)
      const { status, body } = await refresh(strict, { client, refreshToken: tokens.refresh_token })
      expect(status).toBe(200)
      expect(await isLive(strict, body.access_token)).toBe(true)
    } finally {
      await strict.stop()
    }
  })

  test('what is unknown, revoked already or of another client: 200, and nothing happens', async () => {
    const { client, tokens } = await connect(server)
    const other = await register(server)
    const before = await eventsOf(server)
    for (const token of ['x', 'ey.ey.x', tokens.access_token.replace(/.$/, '')]) {
      expect(await revoke(client.client_id, token)).toMatchObject({ status: 200, body: {} })
    }
    expect(await revoke(other.client_id, tokens.refresh_token)).toMatchObject({
      status: 200,
      body: {},
    })
    expect(await revoke(other.client_id, tokens.access_token)).toMatchObject({
      status: 200,
      body: {},
    })
    expect(await eventsOf(server)).toEqual(before)
    expect(await isLive(server, tokens.access_token)).toBe(true)
    await revoke(client.client_id, tokens.refresh_token)
    expect(await revoke(client.client_id, tokens.refresh_token)).toMatchObject({
      status: 200,
      body: {},
    })
    expect((await eventsOf(server)).length).toBe(before.length + 1)
  })

  test('without a token, or by nobody: refused', async () => {
    const { client } = await connect(server)
    expect(
      await post(server, '/oauth/revoke', { form: { client_id: client.client_id } }),
    ).toMatchObject({
      status: 400,
      body: { error: 'invalid_request', error_description: 'Missing required parameter: token' },
    })
    expect((await post(server, '/oauth/revoke', { form: { token: 'x' } })).status).toBe(401)
    const authorization = basic(client.client_id, 'wrong')
    const answer = await post(server, '/oauth/revoke', {
      form: { token: 'x' },
      headers: { authorization },
    })
    expect(answer.status).toBe(401)
  })
})
