/**
 * An answer is given again to the one who asked, as they asked, from where they asked, and while
 * they may ask; whoever asks otherwise has to prove everything anew.
 *
 * @see [RFC 7662 §2.1 - Introspection Request](https://www.rfc-editor.org/rfc/rfc7662.html#section-2.1)
 * @see [RFC 6585 §4 - 429 Too Many Requests](https://www.rfc-editor.org/rfc/rfc6585.html#section-4)
 */
import { clientDecider } from '../../src/domain/client.ts'
import { execute } from '../../src/domain/execute.ts'
import { rotateClientSecret } from '../../src/protocol/clients/operator-clients.ts'
import { actingAgent } from '../support/acting-agent.ts'
import { connectBound, newDpopKey, proofOf } from '../support/dpop.ts'
import { basic, type Connected, connect, register } from '../support/oauth-client.ts'
import { addClient } from '../support/operator-client.ts'
import {
  type Asking,
  api,
  type By,
  introspectBy,
  signedApi,
  startAsking,
  verifyAt,
} from '../support/repeated-questions.ts'
import { afterEach, beforeEach, describe, expect, test } from '../support/test.ts'

const by = { actor: 'cli', correlationId: 'test' }
const here = '203.0.113.1'

let asking: Asking
let app: Connected
let token: string
async function serve(settings: Parameters<typeof startAsking>[0] = {}) {
  asking = await startAsking(settings)
  app = await connect(asking.server, { scope: 'read', resource: api })
  token = app.tokens.access_token
}
afterEach(() => asking.server.stop())

/** How many answers it takes to ask. */
async function madeFor(ask: () => Promise<unknown>): Promise<number> {
  const before = asking.made()
  await ask()
  return asking.made() - before
}

async function statusOf(asked: By = {}): Promise<number> {
  return (await introspectBy(asking, token, asked)).status
}

/** Asks until the answer is kept. */
async function keep(asked: By = {}): Promise<void> {
  await introspectBy(asking, token, asked)
  expect(await madeFor(() => introspectBy(asking, token, asked))).toBe(0)
}

describe('who asks', () => {
  beforeEach(() => serve())

  test('with a wrong secret is refused, whoever was told with the right one', async () => {
    await keep()
    for (const secret of ['wrong', '', `${asking.asker.client_secret} `]) {
      expect(await statusOf({ secret })).toBe(401)
    }
    expect(await statusOf()).toBe(200)
  })

  test('as another client is told what that client may know', async () => {
    await keep()
    const other = await addClient(asking.server.services)
    const asked = { id: other.client_id, secret: other.client_secret }
    for (const _ of [1, 2]) {
      expect((await introspectBy(asking, token, asked)).body).toEqual({ active: false })
    }
    expect(await statusOf({ ...asked, secret: asking.asker.client_secret })).toBe(401)
    expect(await statusOf({ secret: other.client_secret })).toBe(401)
  })

  test('from another address is answered, and their answer is made anew', async () => {
    await keep({ address: here })
    expect(await madeFor(() => introspectBy(asking, token, { address: '203.0.113.2' }))).toBe(1)
  })

  test('about another token, or with another word beside it, is answered anew', async () => {
    await keep()
    expect((await introspectBy(asking, `${token}x`)).body).toEqual({ active: false })
    const form = new URLSearchParams([
      ['token', token],
      ['token', token],
    ])
    const { client_id, client_secret } = asking.asker
    const twice = await fetch(`${asking.server.url}/oauth/introspect`, {
      method: 'POST',
      headers: { authorization: basic(client_id, client_secret) },
      body: form,
    })
    expect(twice.status).toBe(400)
  })

  test('in a form of another type is refused', async () => {
    await keep()
    const { client_id, client_secret } = asking.asker
    const answer = await fetch(`${asking.server.url}/oauth/introspect`, {
      method: 'POST',
      headers: {
        authorization: basic(client_id, client_secret),
        'content-type': 'application/json',
      },
      body: new URLSearchParams({ token }).toString(),
    })
    expect(answer.status).toBe(415)
  })

  test('at the other path of the endpoint is told the same', async () => {
    await keep()
    const { body } = await introspectBy(asking, token, { path: '/oauth2/introspect' })
    expect(body.active).toBe(true)
  })

  test('with a secret that was replaced is refused at once', async () => {
    await keep()
    const clientId = asking.asker.client_id
    const asked = { clientId, overlapSeconds: 0 }
    const rotated = await rotateClientSecret(asking.server.services, asked, by)
    expect(await statusOf()).toBe(401)
    const secret = rotated.outcome === 'accepted' ? rotated.secret : ''
    expect(await statusOf({ secret })).toBe(200)
    expect(await madeFor(() => introspectBy(asking, token, { secret }))).toBe(0)
  })

  test('with a secret that is replaced is answered until its end, and not from memory', async () => {
    await keep()
    const clientId = asking.asker.client_id
    await rotateClientSecret(asking.server.services, { clientId, overlapSeconds: 30 }, by)
    for (const _ of [1, 2]) {
      expect(await madeFor(async () => expect(await statusOf()).toBe(200))).toBe(1)
    }
    asking.later(30_000)
    expect(await statusOf()).toBe(401)
  })

  test('under a registration that is gone is refused, though nobody had consented to it', async () => {
    const client = await register(asking.server, {
      token_endpoint_auth_method: 'client_secret_basic',
    })
    for (const each of asking.server.services.settings.resources) {
      each.introspectionClients.push(client.client_id)
    }
    const asked = { id: client.client_id, secret: client.client_secret ?? '' }
    for (const _ of [1, 2]) expect(await statusOf(asked)).toBe(200)
    const gone = await fetch(String(client.registration_client_uri), {
      method: 'DELETE',
      headers: { authorization: `Bearer ${client.registration_access_token}` },
    })
    expect(gone.status).toBe(204)
    expect(await statusOf(asked)).toBe(401)
  })

  test('with a way to prove itself that is not the registered one any more is refused', async () => {
    await keep()
    const { services } = asking.server
    await execute<string>(services.log, by, async (work) => {
      const state = await work.read(clientDecider, asking.asker.client_id)
      expect(state.status).toBe('active')
      return work.decide(clientDecider, asking.asker.client_id, {
        ...{ kind: 'change metadata', contacts: [], now: services.now() },
        metadata: {
          ...{ clientName: 'Batch', redirectUris: [], responseTypes: [], applicationType: 'web' },
          ...{ grantTypes: ['client_credentials'], tokenEndpointAuthMethod: 'client_secret_post' },
        },
      })
    })
    expect(await statusOf()).toBe(401)
  })
})

describe('an address that has to wait', () => {
  test('for the limit of failures is told so with the secret that it was answered for', async () => {
    await serve({ rateLimits: { failedAuthentication: { requests: 2, perSeconds: 60 } } })
    await keep({ address: here })
    for (const _ of [1, 2]) expect(await statusOf({ address: here, secret: 'wrong' })).toBe(401)
    expect(await statusOf({ address: here })).toBe(429)
    expect(await statusOf({ address: '203.0.113.2' })).toBe(200)
    asking.later(60_000)
    expect(await statusOf({ address: here })).toBe(200)
  })

  test('for the brake is told so, however often it was answered before', async () => {
    await serve({ rateLimits: { paths: ['/nowhere'] }, limits: { clientFailuresMax: 2 } })
    await keep({ address: here })
    await keep({ address: '203.0.113.2' })
    for (const _ of [1, 2, 3]) await statusOf({ address: here, secret: 'wrong' })
    expect(await statusOf({ address: here })).toBe(429)
    expect(await statusOf({ address: '203.0.113.2' })).toBe(200)
    asking.later(60_000)
    expect(await statusOf({ address: here })).toBe(200)
  })

  test('is told how it stands once something counts against it, the same from memory', async () => {
    await serve({ rateLimits: { failedAuthentication: { requests: 5, perSeconds: 60 } } })
    const standing = async (address = here) => {
      const { headers } = await introspectBy(asking, token, { address })
      return ['ratelimit', 'ratelimit-policy', 'x-ratelimit-remaining', 'cache-control'].map(
        (name) => headers.get(name),
      )
    }
    expect((await standing()).at(2)).toBeNull()
    await statusOf({ address: here, secret: 'wrong' })
    const first = await standing()
    expect(first.at(2)).toBe('4')
    expect(await madeFor(async () => expect(await standing()).toEqual(first))).toBe(0)
    expect((await standing('203.0.113.2')).at(2)).toBeNull()
  })

  test('because of the limit of the API is refused what it was told before', async () => {
    await serve({ rateLimits: { api: { requests: 2, perSeconds: 60 } } })
    for (const _ of [1, 2]) expect((await verifyAt(asking, token)).status).toBe(200)
    expect((await verifyAt(asking, token)).status).toBe(429)
  })
})

describe('what is never answered from memory', () => {
  beforeEach(() => serve())

  test('a token that is signed', async () => {
    const { tokens } = await connect(asking.server, { scope: 'read', resource: signedApi })
    for (const _ of [1, 2, 3]) {
      expect(await madeFor(() => introspectBy(asking, tokens.access_token))).toBe(1)
      const verifying = async () =>
        (await verifyAt(asking, tokens.access_token, { path: '/signed' })).status
      expect(await madeFor(async () => expect(await verifying()).toBe(200))).toBe(1)
    }
  })

  test('a token that is bound to a key: its proof is good once', async () => {
    const key = await newDpopKey()
    const { tokens } = await connectBound(asking.server, key, { scope: 'read', resource: api })
    const accessToken = tokens.access_token
    for (const _ of [1, 2, 3]) {
      const asked = async () =>
        expect((await introspectBy(asking, accessToken)).body.active).toBe(true)
      expect(await madeFor(asked)).toBe(1)
    }
    const dpop = await proofOf(key, { method: 'GET', url: 'https://a.example/', accessToken })
    const headers = { authorization: `DPoP ${accessToken}`, dpop }
    const before = await verifyAt(asking, accessToken, headers)
    const after = await verifyAt(asking, accessToken, headers)
    expect([before.status, after.status]).toEqual([200, 401])
  })

  test('a token of an agent, whose owner may take it back', async () => {
    const agent = await actingAgent(asking.server, { scope: 'read', resource: api })
    for (const _ of [1, 2, 3]) {
      const asked = async () =>
        expect((await introspectBy(asking, agent.accessToken)).body.active).toBe(true)
      expect(await madeFor(asked)).toBe(1)
    }
  })

  test('a token that is not good', async () => {
    for (const _ of [1, 2]) expect(await madeFor(() => introspectBy(asking, 'nonsense'))).toBe(1)
  })
})
