/**
 * A client proves who it is by the one method that it registered.
 *
 * @see [RFC 6749 §2.3.1 - Client Password](https://www.rfc-editor.org/rfc/rfc6749.html#section-2.3.1)
 * @see [RFC 6749 §5.2 - Error Response](https://www.rfc-editor.org/rfc/rfc6749.html#section-5.2)
 */
import { clientDecider } from '../../src/domain/client.ts'
import { execute } from '../../src/domain/execute.ts'
import {
  type Authorized,
  authorizationUrl,
  authorize,
  basic,
  introspect,
  isLive,
  post,
  type Registered,
  redirectUri,
  refresh,
  register,
  type Tokens,
} from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

let server: TestServer
let byBasic: Registered
let byPost: Registered
let nobody: Registered
beforeAll(async () => {
  server = await startTestServer()
  byBasic = await register(server, { token_endpoint_auth_method: 'client_secret_basic' })
  byPost = await register(server, { token_endpoint_auth_method: 'client_secret_post' })
  nobody = await register(server)
})
afterAll(() => server.stop())

function secretOf(client: Registered): string {
  return client.client_secret ?? ''
}

interface Proof {
  readonly form?: Record<string, string>
  readonly authorization?: string
}

function redeemBy({ code, pkce }: Authorized, { form = {}, authorization }: Proof) {
  const grant = { grant_type: 'authorization_code', code, code_verifier: pkce.verifier }
  return post<Tokens & { error?: string }>(server, '/oauth/token', {
    form: { ...grant, redirect_uri: redirectUri, ...form },
    headers: authorization === undefined ? {} : { authorization },
  })
}

describe('is accepted', () => {
  const encoded: Record<string, (text: string) => string> = {
    'as they are': (text) => text,
    'form-encoded': encodeURIComponent,
    'with every character percent-encoded': (text) =>
      [...text].map((c) => `%${c.charCodeAt(0).toString(16)}`).join(''),
  }
  for (const [how, encode] of Object.entries(encoded)) {
    test(`Basic with credentials ${how}`, async () => {
      const authorization = basic(byBasic.client_id, secretOf(byBasic), encode)
      const granted = await authorize(server, byBasic)
      expect((await redeemBy(granted, { authorization })).status).toBe(200)
    })
  }

  test('Basic with the client_id in the body too, and the scheme in any case', async () => {
    const authorization = basic(byBasic.client_id, secretOf(byBasic)).replace('Basic', 'bAsIc')
    const proof = { authorization, form: { client_id: byBasic.client_id } }
    expect((await redeemBy(await authorize(server, byBasic), proof)).status).toBe(200)
  })

  test('a secret in the body', async () => {
    const form = { client_id: byPost.client_id, client_secret: secretOf(byPost) }
    expect((await redeemBy(await authorize(server, byPost), { form })).status).toBe(200)
  })
})

test('no client_id at all is a missing parameter: 400 invalid_request', async () => {
  const { status, body } = await redeemBy(await authorize(server, nobody), {})
  expect({ status, ...body }).toMatchObject({
    status: 400,
    error: 'invalid_request',
    error_description: 'Missing required parameter: client_id',
  })
})

describe('is refused with 401 invalid_client', () => {
  const proofs: Record<string, { of: () => Registered; by: () => Proof }> = {
    'a wrong secret': {
      of: () => byBasic,
      by: () => ({ authorization: basic(byBasic.client_id, secretOf(byPost)) }),
    },
    'an empty secret': {
      of: () => byBasic,
      by: () => ({ authorization: basic(byBasic.client_id, '') }),
    },
    'a secret with more behind it': {
      of: () => byBasic,
      by: () => ({ authorization: basic(byBasic.client_id, `${secretOf(byBasic)}x`) }),
    },
    'an unknown client': {
      of: () => byBasic,
      by: () => ({ authorization: basic('dcr_nobody', 'x') }),
    },
    'no colon': { of: () => byBasic, by: () => ({ authorization: `Basic ${btoa('nothing')}` }) },
    'no credentials': { of: () => byBasic, by: () => ({ authorization: 'Basic ' }) },
    'no id': { of: () => byBasic, by: () => ({ authorization: basic('', secretOf(byBasic)) }) },
    'another client_id in the body': {
      of: () => byBasic,
      by: () => ({
        authorization: basic(byBasic.client_id, secretOf(byBasic)),
        form: { client_id: byPost.client_id },
      }),
    },
    'the body, registered for Basic': {
      of: () => byBasic,
      by: () => ({ form: { client_id: byBasic.client_id, client_secret: secretOf(byBasic) } }),
    },
    'Basic, registered for the body': {
      of: () => byPost,
      by: () => ({ authorization: basic(byPost.client_id, secretOf(byPost)) }),
    },
    'nothing, registered for the body': {
      of: () => byPost,
      by: () => ({ form: { client_id: byPost.client_id } }),
    },
    'a secret, registered for none': {
      of: () => nobody,
      by: () => ({ form: { client_id: nobody.client_id, client_secret: 'x' } }),
    },
    'Basic, registered for none': {
      of: () => nobody,
      by: () => ({ authorization: basic(nobody.client_id, '') }),
    },
  }
  for (const [what, { of, by }] of Object.entries(proofs)) {
    test(`${what}; and the code is still good`, async () => {
      const granted = await authorize(server, of())
      const { status, body, headers } = await redeemBy(granted, by())
      expect({ status, error: body.error }).toEqual({ status: 401, error: 'invalid_client' })
      // §5.2: a client that used the header is told the scheme.
      const challenge = headers.get('www-authenticate')
      if (by().authorization !== undefined) expect(challenge).toMatch(/^Basic/)
      else expect(challenge).toBeNull()
      const right = {
        form: {
          client_id: of().client_id,
          ...(of() === byPost ? { client_secret: secretOf(byPost) } : {}),
        },
        ...(of() === byBasic ? { authorization: basic(byBasic.client_id, secretOf(byBasic)) } : {}),
      }
      expect((await redeemBy(granted, right)).status).toBe(200)
    })
  }

  test('an unknown client of the refresh grant, so that it registers anew', async () => {
    const answer = await refresh(server, { client: { client_id: 'dcr_gone' }, refreshToken: 'x' })
    expect({ status: answer.status, ...answer.body }).toMatchObject({
      status: 401,
      error: 'invalid_client',
    })
  })
})

test('credentials in two ways are refused', async () => {
  const authorization = basic(byBasic.client_id, secretOf(byBasic))
  const form = { client_id: byBasic.client_id, client_secret: secretOf(byBasic) }
  const { status, body } = await redeemBy(await authorize(server, byBasic), { authorization, form })
  expect({ status, error: body.error }).toEqual({ status: 400, error: 'invalid_request' })
})

describe('a client that was deleted', () => {
  test('is gone everywhere, though its registration has not expired', async () => {
    const client = await register(server, { token_endpoint_auth_method: 'client_secret_basic' })
    const authorization = basic(client.client_id, secretOf(client))
    const { body } = await redeemBy(await authorize(server, client), { authorization })
    expect((await introspect(server, { client, token: body.access_token })).body.active).toBe(true)
    const now = Date.now()
    await execute<string>(server.services.log, { actor: 'cli', correlationId: 'test' }, (work) =>
      work.decide(clientDecider, client.client_id, { kind: 'delete', now }),
    )
    // Its provisional registration stays for days, and was found again once the row was gone.
    expect((await introspect(server, { client, token: body.access_token })).status).toBe(401)
    expect(await isLive(server, body.access_token)).toBe(false)
    const asked = await fetch(authorizationUrl(server, client.client_id), { redirect: 'manual' })
    expect(asked.status).toBe(400)
  })
})
