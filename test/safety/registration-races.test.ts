/**
 * A client changes or deletes its registration while a person consents to it. In either order, what
 * was acknowledged holds: no grant for a deleted client, and no registration that was replaced.
 *
 * @see [RFC 7592 §2.3 - Client Delete Request](https://www.rfc-editor.org/rfc/rfc7592.html#section-2.3)
 */
import { findClient } from '../../src/projections/clients.ts'
import { findGrantsOf } from '../../src/projections/grants.ts'
import {
  deleteRegistration,
  readRegistration,
  replaceRegistration,
} from '../../src/protocol/clients/management.ts'
import { registerClient } from '../../src/protocol/clients/registration.ts'
import { OAuthError } from '../../src/protocol/oauth-error.ts'
import type { Services } from '../../src/protocol/services.ts'
import { redirectUri } from '../support/oauth-client.ts'
import { rejectionOf } from '../support/rejection.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { beforeAppend, consent, newUser, openWorld, redeem, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const described = {
  redirect_uris: [redirectUri],
  token_endpoint_auth_method: 'client_secret_basic',
}

async function prepare() {
  const { services } = world
  const registered = await registerClient(services, { ...described, client_name: 'First' })
  const clientId = String(registered.client_id)
  const authorization = `Bearer ${registered.registration_access_token}`
  const request = { clientId, authorization, correlationId: 'test' }
  const ids = { clientId, userId: await newUser(services) }
  const body = { ...described, client_id: clientId, client_name: 'Second' }
  return { services, request, ids, body }
}

/** The services, with something done just before a provisional registration is replaced or taken. */
function beforeEntry(services: Services, act: () => Promise<unknown>): Services {
  const { expiring } = services
  const held: Services['expiring'] = {
    get: (kind, id) => expiring.get(kind, id),
    put: (entry) => expiring.put(entry),
    list: (kind, rowsMax) => expiring.list(kind, rowsMax),
    remove: (kind, id) => expiring.remove(kind, id),
    replace: async (entry) => {
      await act()
      return expiring.replace(entry)
    },
    take: async (kind, id) => {
      await act()
      return expiring.take(kind, id)
    },
    count: (kind, id, ttlSeconds) => expiring.count(kind, id, ttlSeconds),
    purge: () => expiring.purge(),
  }
  return { ...services, expiring: held }
}

describe('a consent that was decided', () => {
  test('before the registration was deleted gives nothing', async () => {
    const { services, request, ids } = await prepare()
    const slow = beforeAppend(services, () => deleteRegistration(services, request))
    expect(await consent(slow, ids)).toBeUndefined()
    expect(await findGrantsOf(services.reader, ids.userId)).toEqual([])
    expect(await findClient(services.reader, ids.clientId)).toBeUndefined()
  })

  test('before the registration was replaced takes the new one into the log', async () => {
    const { services, request, ids, body } = await prepare()
    const slow = beforeAppend(services, () => replaceRegistration(services, request, body))
    expect(await consent(slow, ids)).toBeDefined()
    const client = await findClient(services.reader, ids.clientId)
    expect(client?.metadata.clientName).toBe('Second')
  })

  test('before its redirect URI was given up is refused', async () => {
    const { services, request, ids, body } = await prepare()
    const moved = { ...body, redirect_uris: ['https://moved.example/cb'] }
    const slow = beforeAppend(services, () => replaceRegistration(services, request, moved))
    expect(await rejectionOf(consent(slow, ids))).toBeInstanceOf(OAuthError)
    expect(await findGrantsOf(services.reader, ids.userId)).toEqual([])
  })

  test("before a client's redirect URI in the log was given up is refused", async () => {
    const { services, request, ids, body } = await prepare()
    await consent(services, { ...ids, userId: await newUser(services) })
    const moved = { ...body, redirect_uris: ['https://moved.example/cb'] }
    const slow = beforeAppend(services, () => replaceRegistration(services, request, moved))
    expect(await rejectionOf(consent(slow, ids))).toBeInstanceOf(OAuthError)
    expect(await findGrantsOf(services.reader, ids.userId)).toEqual([])
  })

  test('before another person was first to consent stands beside it', async () => {
    const { services, ids } = await prepare()
    const first = { ...ids, userId: await newUser(services) }
    const slow = beforeAppend(services, () => consent(services, first))
    expect(await consent(slow, ids)).toBeDefined()
    expect(await findGrantsOf(services.reader, first.userId)).toHaveLength(1)
    expect(await findGrantsOf(services.reader, ids.userId)).toHaveLength(1)
  })
})

describe('once somebody has consented in between', () => {
  test('a deletion ends the client in the log, and what was granted', async () => {
    const { services, request, ids } = await prepare()
    let approved: Awaited<ReturnType<typeof consent>>
    const slow = beforeEntry(services, async () => {
      approved = await consent(services, ids)
    })
    await deleteRegistration(slow, request)
    if (!approved) throw new Error('Cannot go on: nothing was approved')
    expect(await rejectionOf(redeem(services, approved))).toBeInstanceOf(OAuthError)
    expect(await findClient(services.reader, ids.clientId)).toBeUndefined()
  })

  test('a change is recorded in the log', async () => {
    const { services, request, ids, body } = await prepare()
    const slow = beforeEntry(services, () => consent(services, ids))
    await replaceRegistration(slow, request, body)
    const client = await findClient(services.reader, ids.clientId)
    expect(client?.metadata.clientName).toBe('Second')
  })
})

test('a change that a deletion overtook is refused like one by a stranger', async () => {
  const { services, request, ids, body } = await prepare()
  await consent(services, ids)
  const slow = beforeAppend(services, () => deleteRegistration(services, request))
  expect(await rejectionOf(replaceRegistration(slow, request, body))).toBeInstanceOf(OAuthError)
  expect(await rejectionOf(readRegistration(services, request))).toBeInstanceOf(OAuthError)
})
