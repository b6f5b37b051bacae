/**
 * A client is put to sleep while a person consents to it. In either order the consent stands, and
 * no client with a grant is asleep.
 */
import { execute } from '../../src/domain/execute.ts'
import { grantDecider } from '../../src/domain/grant.ts'
import { findClient } from '../../src/projections/clients.ts'
import { findGrantsOf } from '../../src/projections/grants.ts'
import { hibernateClients } from '../../src/tasks/hibernate-clients.ts'
import { afterAll, beforeAll, expect, test } from '../support/test.ts'
import {
  beforeAppend,
  cause,
  consent,
  newClient,
  newUser,
  openWorld,
  redeem,
  type World,
} from './world.ts'

const day = 24 * 60 * 60 * 1000
let now = Date.now()
let world: World
beforeAll(async () => {
  world = await openWorld({}, () => now)
})
afterAll(() => world.close())

/** A client in the log that nobody has used for so many days. */
async function idleFor(days: number) {
  const { services } = world
  const clientId = await newClient(services)
  await consent(services, { clientId, userId: await newUser(services) })
  const { reader, log } = services
  for (const { grantId } of await allGrants(clientId)) {
    await execute<string>(log, cause, (work) =>
      work.decide(grantDecider, grantId, { kind: 'end', reason: 'revoked_by_client', now }),
    )
  }
  expect(await findClient(reader, clientId)).toBeDefined()
  now += days * day
  return { services, clientId, userId: await newUser(services) }
}

async function allGrants(clientId: string): Promise<{ grantId: string }[]> {
  const sql = 'SELECT "grant_id" FROM "grants_v1" WHERE "client_id" = ?'
  const rows = await world.services.reader.all({ sql, args: [clientId] })
  return rows.map((row) => ({ grantId: String(row.grant_id) }))
}

async function expectGood(clientId: string, userId: string, given: unknown) {
  const approved = given as Parameters<typeof redeem>[1]
  expect(await findGrantsOf(world.services.reader, userId)).toHaveLength(1)
  expect(await findClient(world.services.reader, clientId)).toBeDefined()
  expect(await redeem(world.services, approved)).toHaveProperty('access_token')
}

test('asleep just before the consent was written: the consent wakes it', async () => {
  const { services, clientId, userId } = await idleFor(91)
  const slow = beforeAppend(services, () => hibernateClients(services))
  await expectGood(clientId, userId, await consent(slow, { clientId, userId }))
})

test('a consent just before the sleep was written: it stays awake', async () => {
  const { services, clientId, userId } = await idleFor(91)
  let approved: unknown
  const slow = beforeAppend(services, async () => {
    approved = await consent(services, { clientId, userId })
  })
  expect(await hibernateClients(slow)).toBe(0)
  await expectGood(clientId, userId, approved)
})

test('a second consent, between the first and the sleep', async () => {
  const { services, clientId, userId } = await idleFor(91)
  const other = await newUser(services)
  let approved: unknown
  const slow = beforeAppend(services, async () => {
    const within = beforeAppend(services, () => consent(services, { clientId, userId: other }))
    approved = await consent(within, { clientId, userId })
  })
  expect(await hibernateClients(slow)).toBe(0)
  await expectGood(clientId, userId, approved)
})

test('a consent soon after another writes nothing to the client', async () => {
  const { services, clientId, userId } = await idleFor(40)
  const before = await services.log.load([`client/${clientId}`])
  expect(before).toHaveLength(1)
  await consent(services, { clientId, userId })
  expect(await services.log.load([`client/${clientId}`])).toEqual(before)
})
