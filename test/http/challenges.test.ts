/**
 * What a client learns from a refusal: where to ask, and for which scopes.
 *
 * @see [RFC 9728 §5.1 - WWW-Authenticate Response](https://www.rfc-editor.org/rfc/rfc9728.html#section-5.1)
 * @see [MCP 2026-07-28 - Authorization](https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization)
 */
import { defaultSettings } from '../../src/config/settings.ts'
import { challenge } from '../../src/protocol/tokens/challenge.ts'
import { send2026, toolCall } from '../mcp/mcp-client.ts'
import { dpopOffered } from '../support/dpop.ts'
import { connect } from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

let server: TestServer
let readOnly: string
beforeAll(async () => {
  server = await startTestServer({ realm: 'onegent-mcp' })
  readOnly = (await connect(server, { scope: 'read' })).tokens.access_token
})
afterAll(() => server.stop())

const metadata = () => `${server.url}/.well-known/oauth-protected-resource`

async function challengeAt(path: string, token?: string): Promise<[number, string | null]> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const { status, headers: answered } = await fetch(server.url + path, { headers })
  return [status, answered.get('www-authenticate')]
}

describe('every 401 of a protected resource', () => {
  test('carries resource_metadata and the scopes that are needed there', async () => {
    expect(await challengeAt('/api/mcp')).toEqual([
      401,
      `Bearer realm="onegent-mcp", scope="book read", resource_metadata="${metadata()}/api/mcp"${dpopOffered}`,
    ])
    expect(await challengeAt('/audit/events')).toEqual([
      401,
      `Bearer realm="onegent-mcp", scope="audit:read", resource_metadata="${metadata()}/audit"${dpopOffered}`,
    ])
    expect(await challengeAt('/oauth/userinfo', 'nonsense')).toEqual([
      401,
      'Bearer realm="onegent-mcp", error="invalid_token", scope="openid", ' +
        `resource_metadata="${metadata()}/api/mcp"${dpopOffered}`,
    ])
  })

  test('never asks for offline_access', () => {
    const settings = defaultSettings()
    const [resource] = settings.resources
    if (!resource) throw new Error('Cannot test: no resource')
    const given = { ...resource, defaultScopes: ['offline_access', 'read'] }
    expect(challenge(settings, given)['WWW-Authenticate']).toContain('scope="read"')
    const alone = challenge(settings, given, { scopes: ['offline_access'] })
    expect(alone['WWW-Authenticate']).not.toContain('scope=')
  })
})

describe('a 403', () => {
  test('says insufficient_scope, every scope that the operation needs, and the metadata', async () => {
    const booking = { restaurant: 'Da Enzo', date: '2027-02-01', time: '20:00', party_size: 2 }
    const message = toolCall('book_restaurant', booking)
    const reply = await send2026(server, { token: readOnly, message })
    expect(reply.status).toBe(403)
    expect(reply.challenge).toBe(
      'Bearer realm="onegent-mcp", error="insufficient_scope", scope="book", ' +
        `resource_metadata="${metadata()}/api/mcp"`,
    )
    expect(await challengeAt('/oauth/userinfo', readOnly)).toEqual([
      403,
      'Bearer realm="onegent-mcp", error="insufficient_scope", scope="openid", ' +
        `resource_metadata="${metadata()}/api/mcp"`,
    ])
  })
})
