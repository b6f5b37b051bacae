/**
 * A token has what was asked for, as far as the client was registered for it: always where an
 * operator registered the client, and where the operator says so for those that did it themselves.
 *
 * @see [RFC 7591 §2 - Client Metadata](https://www.rfc-editor.org/rfc/rfc7591.html#section-2)
 */
import {
  authorize,
  basic,
  post,
  redirectUri,
  register,
  type Tokens,
} from '../support/oauth-client.ts'
import { addClient, type OperatorClient } from '../support/operator-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

let server: TestServer
let limiting: TestServer
beforeAll(async () => {
  server = await startTestServer()
  limiting = await startTestServer({ registration: { scopeIsLimit: true } })
})
afterAll(() => Promise.all([server.stop(), limiting.stop()]))

async function given(
  where: TestServer,
  client: Pick<OperatorClient, 'client_id' | 'headers'>,
  scope: string | undefined,
): Promise<string> {
  const { back, pkce } = await authorize(where, client, { scope })
  const code = back.searchParams.get('code')
  if (code === null) return String(back.searchParams.get('error'))
  const form = { grant_type: 'authorization_code', code, code_verifier: pkce.verifier }
  const { body } = await post<Tokens>(where, '/oauth/token', { form, headers: client.headers })
  return body.scope
}

function operators(scope: string) {
  return addClient(server.services, {
    grantTypes: ['authorization_code', 'refresh_token'],
    responseTypes: ['code'],
    redirectUris: [redirectUri],
    scope,
  })
}

async function dynamic(where: TestServer, scope: string) {
  const client = await register(where, { scope, token_endpoint_auth_method: 'client_secret_basic' })
  const authorization = basic(client.client_id, client.client_secret ?? '')
  return { ...client, headers: { authorization } }
}

const cases: [asked: string | undefined, got: string][] = [
  ['read', 'read'],
  ['read book', 'read'],
  [undefined, 'read'],
  ['book', 'invalid_scope'],
]

describe('registered for `read`', () => {
  for (const [asked, got] of cases) {
    test(`an operator’s client that asks for ${asked} gets ${got}`, async () => {
      expect(await given(server, await operators('read'), asked)).toBe(got)
    })
    test(`a client that is taken at its word and asks for ${asked} gets ${got}`, async () => {
      expect(await given(limiting, await dynamic(limiting, 'read'), asked)).toBe(got)
    })
  }

  test('a client that registered itself may ask for more, and the person decides', async () => {
    expect(await given(server, await dynamic(server, 'read'), 'read book')).toBe('read book')
  })
})

test('a client without a registered scope may ask for all there is', async () => {
  const client = await register(limiting, { token_endpoint_auth_method: 'client_secret_basic' })
  const headers = { authorization: basic(client.client_id, client.client_secret ?? '') }
  expect(await given(limiting, { ...client, headers }, 'book read')).toBe('book read')
})
