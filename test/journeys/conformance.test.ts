/** What the MCP project asks of an authorization server, asked by its own suite. */
import { freePort } from '../../src/cli/free-port.ts'
import { conformanceAvailable, runConformance } from '../support/conformance.ts'
import { register } from '../support/oauth-client.ts'
import { startTestServer } from '../support/server.ts'
import { describe, expect, test } from '../support/test.ts'

type Method = 'none' | 'client_secret_basic' | 'client_secret_post'

async function conformanceOf(method: Method, tokenEndpointAuthMethods?: Method[]) {
  const server = await startTestServer(
    tokenEndpointAuthMethods ? { registration: { tokenEndpointAuthMethods } } : {},
  )
  try {
    const callbackPort = await freePort()
    const client = await register(server, {
      redirect_uris: [`http://127.0.0.1:${callbackPort}/callback`],
      token_endpoint_auth_method: method,
    })
    return await runConformance(server, {
      clientId: client.client_id,
      ...(client.client_secret ? { clientSecret: client.client_secret } : {}),
      callbackPort,
    })
  } finally {
    await server.stop()
  }
}

describe.skipIf(!conformanceAvailable)('the conformance suite of MCP passes', () => {
  test('with a public client', async () => {
    const { exitCode, output } = await conformanceOf('none')
    expect(output).toMatch(/Total: [1-9]\d* passed, 0 failed/)
    expect(output.match(/warning|skipped/gi)).toBeNull()
    expect(exitCode).toBe(0)
  })

  // The suite uses `none` wherever the metadata lists it, whatever the client registered; a client
  // authenticates here by its own method alone. So these run where `none` is not offered.
  for (const method of ['client_secret_basic', 'client_secret_post'] as const) {
    test(`with ${method}`, async () => {
      const { exitCode, output } = await conformanceOf(method, [method])
      expect(output).toMatch(/Total: [1-9]\d* passed, 0 failed/)
      expect(output.match(/warning|skipped/gi)).toBeNull()
      expect(exitCode).toBe(0)
    })
  }
})
