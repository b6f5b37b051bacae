/** An issuer with a path: its endpoints stand below it, its metadata where RFC 8414 §3.1 says. */
import { approvedCode, newDpopKey, postToken, proofOf } from '../support/dpop.ts'
import { register } from '../support/oauth-client.ts'
import { freePort, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

let server: TestServer
let issuer: string

beforeAll(async () => {
  const port = await freePort()
  issuer = `http://localhost:${port}/tenant`
  server = await startTestServer({ port, issuer })
})

afterAll(() => server.stop())

describe('an issuer with a path', () => {
  for (const path of [
    '/.well-known/oauth-authorization-server/tenant',
    '/.well-known/openid-configuration/tenant',
    '/tenant/.well-known/openid-configuration',
  ]) {
    test(`is found at ${path}, byte for byte`, async () => {
      const response = await fetch(server.url + path)
      const metadata = (await response.json()) as Record<string, string>
      expect(metadata.issuer).toBe(issuer)
      expect(metadata.token_endpoint).toBe(`${issuer}/oauth/token`)
    })
  }

  test('has its endpoints below the path', async () => {
    const body = new URLSearchParams({ grant_type: 'unheard-of' })
    const response = await fetch(`${issuer}/oauth/token`, { method: 'POST', body })
    const { error } = (await response.json()) as { error: string }
    expect(error).toBe('unsupported_grant_type')
  })

  test('challenges with the metadata of its own MCP endpoint', async () => {
    const response = await fetch(`${issuer}/api/mcp`, { method: 'POST' })
    const challenge = response.headers.get('www-authenticate') ?? ''
    const [, url = ''] = /resource_metadata="([^"]+)"/.exec(challenge) ?? []
    const metadata = (await (await fetch(url)).json()) as Record<string, unknown>
    expect(metadata.resource).toBe(`${issuer}/api/mcp`)
    expect(metadata.authorization_servers).toEqual([issuer])
  })

  test('is named by a DPoP proof with its path or, at the root, without', async () => {
    const key = await newDpopKey()
    const client = await register(server)
    const typeFor = async (url: string) => {
      const { form } = await approvedCode(server, client)
      const { body } = await postToken({ url: issuer }, form, await proofOf(key, { url }))
      return body.token_type ?? body.error
    }
    expect(await typeFor(`${issuer}/oauth/token`)).toBe('DPoP')
    expect(await typeFor(`${server.url}/oauth/token`)).toBe('DPoP')
    expect(await typeFor(`${issuer}/tenant/oauth/token`)).toBe('invalid_dpop_proof')
    expect(await typeFor(`${issuer}/oauth2/token`)).toBe('invalid_dpop_proof')
  })

  test('does not claim paths that only begin like its own', async () => {
    const response = await fetch(`${issuer}s/oauth/token`, { method: 'POST' })
    expect(response.status).toBe(404)
  })
})
