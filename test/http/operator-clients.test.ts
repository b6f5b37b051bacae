/** Clients that an operator adds: they work like any other, and are the operator's to change. */
import {
  addClient,
  deleteClient,
  disableClient,
  enableClient,
  listClients,
  rotateClientSecret,
  showClient,
} from '../../src/protocol/clients/operator-clients.ts'
import { OAuthError } from '../../src/protocol/oauth-error.ts'
import { hibernateClients } from '../../src/tasks/hibernate-clients.ts'
import { manage } from '../support/client-management.ts'
import {
  authorize,
  eventsOf,
  isLive,
  type Registered,
  redeem,
  redirectUri,
  refresh,
  register,
} from '../support/oauth-client.ts'
import { rejectionOf } from '../support/rejection.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const by = { actor: 'cli' }
const secondsMs = 1000

let server: TestServer
let now = Date.now()
beforeAll(async () => {
  server = await startTestServer({ brands: ['Onegent'] }, { clock: () => now })
})
afterAll(() => server.stop())

async function add(fields: Record<string, unknown> = {}): Promise<Registered> {
  const asked = { client_name: 'Acme', redirect_uris: [redirectUri], ...fields }
  const { clientId, secret, metadata } = await addClient(server.services, asked, by)
  const { tokenEndpointAuthMethod: token_endpoint_auth_method } = metadata
  const given = { client_id: clientId, token_endpoint_auth_method }
  return secret === undefined ? given : { ...given, client_secret: secret }
}

async function connected(client: Registered) {
  return (await redeem(server, await authorize(server, client))).body
}

describe('a client that an operator adds', () => {
  for (const method of ['none', 'client_secret_basic', 'client_secret_post', undefined]) {
    test(`goes the whole way, by ${method ?? 'the default'}`, async () => {
      const client = await add({ token_endpoint_auth_method: method })
      expect('client_secret' in client).toBe(method !== 'none')
      const tokens = await connected(client)
      expect(await isLive(server, tokens.access_token)).toBe(true)
      const again = await refresh(server, { client, refreshToken: tokens.refresh_token })
      expect(again.status).toBe(200)
    })
  }

  test('may carry a protected name, which nobody can register', async () => {
    const client = await add({ client_name: 'Onegent partner' })
    expect((await connected(client)).access_token).toBeDefined()
    const { error } = await register(server, { client_name: 'Onegent partner' })
    expect(error).toBe('invalid_client_metadata')
  })

  test('is checked like a registration, and a slip is told', async () => {
    const bad = [
      { redirect_uris: ['http://acme.example/cb'] },
      { redirect_uris: [] },
      { scope: 'read fly' },
      { token_endpoint_auth_method: 'private_key_jwt' },
      { token_endpoint_auth_method: 'password' },
    ]
    for (const fields of bad) expect(await rejectionOf(add(fields))).toBeInstanceOf(OAuthError)
  })

  test('has no management token, and is out of reach of RFC 7592', async () => {
    const client = await add()
    for (const method of ['GET', 'PUT', 'DELETE'] as const) {
      const asked = { authorization: `Bearer ${client.client_secret}` }
      expect((await manage(server, [method, client], asked)).status).toBe(401)
    }
  })

  test('never hibernates', async () => {
    const client = await add()
    now += 400 * 24 * 3600 * secondsMs
    await hibernateClients(server.services)
    expect((await connected(client)).access_token).toBeDefined()
  })

  test('stands in the log as the doing of the operator, and its secret nowhere', async () => {
    const client = await add()
    const [event] = (await eventsOf(server, 'ClientRegistered')).slice(-1)
    expect(event).toMatchObject({ actor: 'cli', payload: { clientId: client.client_id } })
    const rotated = await rotateClientSecret(
      server.services,
      { clientId: client.client_id, overlapSeconds: 5 },
      by,
    )
    const events = JSON.stringify(await eventsOf(server))
    for (const secret of [client.client_secret, 'secret' in rotated && rotated.secret]) {
      expect(String(secret)).toMatch(/^glt_cs_/)
      expect(events.includes(String(secret))).toBe(false)
      expect(server.logged().includes(String(secret))).toBe(false)
    }
  })
})

describe('a secret that is rotated', () => {
  async function rotated(client: Registered, overlapSeconds: number): Promise<Registered> {
    const asked = { clientId: client.client_id, overlapSeconds }
    const result = await rotateClientSecret(server.services, asked, by)
    if (!('secret' in result)) throw new Error(result.outcome)
    return { ...client, client_secret: result.secret }
  }
  const status = async (client: Registered) =>
    (await refresh(server, { client, refreshToken: 'none of ours' })).status

  test('leaves the old one good for the overlap, and not a moment longer', async () => {
    const before = await add()
    const after = await rotated(before, 60)
    expect([await status(before), await status(after)]).toEqual([400, 400])
    now += 60 * secondsMs - 1
    expect([await status(before), await status(after)]).toEqual([400, 400])
    now += 1
    expect([await status(before), await status(after)]).toEqual([401, 400])
  })

  test('with no overlap ends the old one at once', async () => {
    const before = await add()
    const after = await rotated(before, 0)
    expect([await status(before), await status(after)]).toEqual([401, 400])
  })

  test('twice leaves the last two and no third', async () => {
    const first = await add()
    const second = await rotated(first, 3600)
    const third = await rotated(second, 3600)
    expect([await status(first), await status(second), await status(third)]).toEqual([
      401, 400, 400,
    ])
  })

  test('is only that of a client with a secret that an operator added', async () => {
    const own = await register(server, { token_endpoint_auth_method: 'client_secret_basic' })
    await authorize(server, own)
    const open = await add({ token_endpoint_auth_method: 'none' })
    const refusals = {
      [own.client_id]: 'client_not_preregistered',
      [open.client_id]: 'client_secret_not_allowed',
      cli_unknown: 'client_unknown',
    }
    for (const [clientId, reason] of Object.entries(refusals)) {
      const asked = { clientId, overlapSeconds: 0 }
      const result = await rotateClientSecret(server.services, asked, by)
      expect(result).toMatchObject({ outcome: 'refused', reason })
    }
  })
})

describe('any client', () => {
  test('is disabled and enabled: its tokens stop, and go on', async () => {
    const client = await add()
    const { client_id: clientId } = client
    const tokens = await connected(client)
    await disableClient(server.services, { clientId, reason: 'phishing' }, by)
    expect(await isLive(server, tokens.access_token)).toBe(false)
    expect((await showClient(server.services, clientId))?.status).toBe('disabled')
    await enableClient(server.services, { clientId }, by)
    expect(await isLive(server, tokens.access_token)).toBe(true)
  })

  test('is deleted for ever', async () => {
    const client = await add()
    const { client_id: clientId } = client
    const tokens = await connected(client)
    expect(await deleteClient(server.services, { clientId }, by)).toEqual({ outcome: 'accepted' })
    expect(await isLive(server, tokens.access_token)).toBe(false)
    expect(await showClient(server.services, clientId)).toBeUndefined()
    expect((await refresh(server, { client, refreshToken: tokens.refresh_token })).status).toBe(401)
    expect(await enableClient(server.services, { clientId }, by)).toEqual({
      outcome: 'refused',
      reason: 'client_deleted',
    })
  })

  test('is listed, the newest first', async () => {
    now += secondsMs
    const older = await add()
    now += secondsMs
    const newer = await add()
    const ids = (await listClients(server.services)).map(({ clientId }) => clientId)
    expect(ids.slice(0, 2)).toEqual([newer.client_id, older.client_id])
  })
})
