/** Searching the log: filters, order, pages. */
import { scannedEventsMax } from '../../src/audit/events.ts'
import { execute } from '../../src/domain/execute.ts'
import { newId } from '../../src/domain/ids.ts'
import { userDecider } from '../../src/domain/user.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import { connect, refresh } from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { type Asker, type AuditEvent, signedInAsker } from './ask.ts'

const grace = { email: 'grace@example.com', password: 'nanoseconds are this long' }

let server: TestServer
let ask: Asker
let graceId: string
let clientId: string

beforeAll(async () => {
  server = await startTestServer()
  const user = { ...grace, name: 'Grace', admin: false, actor: 'cli' }
  const registered = await registerUser(server.services, user)
  graceId = registered.outcome === 'accepted' ? registered.userId : ''
  await connect(server)
  const { client, tokens } = await connect(server, {}, server.person(grace))
  clientId = client.client_id
  await refresh(server, { client, refreshToken: tokens.refresh_token })
  ask = await signedInAsker(server)
})

afterAll(() => server.stop())

async function eventsOf(parameters: Record<string, string>): Promise<readonly AuditEvent[]> {
  const { status, body } = await ask('/events', { limit: '500', ...parameters })
  expect(status).toBe(200)
  return body.events
}

const typesOf = (events: readonly AuditEvent[]) => events.map(({ type }) => type)
const graceGrant = async () =>
  String((await eventsOf({ user: graceId, type: 'GrantApproved' }))[0]?.payload.grantId)

describe('an answer', () => {
  test('shows the newest first, each with its place, cause and payload', async () => {
    const events = await eventsOf({})
    const positions = events.map(({ position }) => position)
    expect(positions).toEqual(positions.toSorted((a, b) => b - a))
    const registered = events.find(({ stream_id }) => stream_id === `user/${graceId}`)
    expect(registered).toMatchObject({ type: 'UserRegistered', version: 1, actor: 'cli' })
    expect(registered?.payload).toMatchObject({ userId: graceId, email: grace.email })
    expect(registered?.recorded_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  })

  test('shows the oldest first when asked', async () => {
    const oldest = await eventsOf({ order: 'oldest' })
    const newest = await eventsOf({})
    expect(oldest.toReversed()).toEqual([...newest])
  })

  test('of one event is the same as in the list', async () => {
    const [event] = await eventsOf({})
    const { body } = await ask(`/events/${event?.event_id}`)
    expect(body as unknown).toEqual(event)
  })
})

describe('a filter', () => {
  test('by type may be repeated or hold commas', async () => {
    const wanted = ['GrantApproved', 'CodeRedeemed']
    const types = typesOf(await eventsOf({ type: wanted.join(',') }))
    expect(new Set(types)).toEqual(new Set(wanted))
    const repeated = await ask('/events?type=GrantApproved&type=CodeRedeemed')
    expect(typesOf(repeated.body.events)).toEqual(types)
  })

  test('by stream, by actor and by correlation', async () => {
    const streamed = await eventsOf({ stream: `grant/${await graceGrant()}` })
    const life = ['RefreshTokenRotated', 'CodeRedeemed', 'GrantApproved']
    expect(typesOf(streamed)).toEqual(life)
    expect(typesOf(await eventsOf({ actor: `client:${clientId}` }))).toEqual(life.slice(0, 2))
    const approval = streamed.at(-1)
    const together = await eventsOf({ correlation: approval?.correlation_id ?? '' })
    expect(typesOf(together)).toContain('GrantApproved')
    expect(typesOf(together)).toContain('ClientRegistered')
  })

  test('by several at once finds what all of them do', async () => {
    const grant = await graceGrant()
    const [approved] = await eventsOf({ type: 'GrantApproved', user: graceId })
    const asked: [Record<string, string>, string[]][] = [
      [{ actor: `user:${graceId}`, type: 'GrantApproved' }, ['GrantApproved']],
      [{ actor: 'cli', type: 'GrantApproved' }, []],
      [{ actor: 'cli', type: 'UserRegistered', stream: `user/${graceId}` }, ['UserRegistered']],
      [{ stream: `grant/${grant}`, type: 'CodeRedeemed' }, ['CodeRedeemed']],
      [{ correlation: approved?.correlation_id ?? '', type: 'CodeRedeemed' }, []],
    ]
    for (const [filter, types] of asked) expect(typesOf(await eventsOf(filter))).toEqual(types)
  })

  test('by user finds what was done under their grants too', async () => {
    const events = await eventsOf({ user: graceId })
    expect(typesOf(events)).toContain('UserRegistered')
    expect(typesOf(events)).toContain('SessionStarted')
    expect(typesOf(events)).toContain('RefreshTokenRotated')
    expect(events.filter(({ type }) => type === 'GrantApproved')).toHaveLength(1)
  })

  test('by client and by grant', async () => {
    expect(typesOf(await eventsOf({ client: clientId })).toSorted()).toEqual([
      'ClientRegistered',
      'CodeRedeemed',
      'GrantApproved',
      'RefreshTokenRotated',
    ])
    const grant = await graceGrant()
    const events = await eventsOf({ grant })
    expect(events.every(({ payload }) => payload.grantId === grant)).toBe(true)
    expect(events).toHaveLength(3)
  })

  test('by time, in ISO 8601 or in milliseconds', async () => {
    const all = await eventsOf({})
    const time = all[2]?.recorded_at ?? ''
    const since = await eventsOf({ from: time })
    const until = await eventsOf({ until: String(Date.parse(time)) })
    expect(since.every(({ recorded_at }) => recorded_at >= time)).toBe(true)
    expect(until.every(({ recorded_at }) => recorded_at <= time)).toBe(true)
    expect(since.length + until.length).toBeGreaterThan(all.length)
  })
})

describe('pages', () => {
  test('lead through everything once, in either order and with a filter', async () => {
    const several = { type: 'GrantApproved,CodeRedeemed,UserRegistered' }
    const filters = [
      ...[{}, { order: 'oldest' }, { user: graceId }, several],
      ...[{ stream: `user/${graceId}` }, { ...several, stream: `grant/${await graceGrant()}` }],
      ...[
        { ...several, actor: `user:${graceId}` },
        { ...several, actor: 'cli', order: 'oldest' },
      ],
    ]
    for (const filter of filters) {
      const whole = (await eventsOf(filter)).map(({ position }) => position)
      expect(await walk({ ...filter, limit: '2' })).toEqual(whole)
    }
  })

  test('of a search end at a limit, with what was found and where to go on', async () => {
    await appendMany(scannedEventsMax + 100)
    const first = await ask('/events', { user: graceId, limit: '100' })
    expect(first.body.events).toEqual([])
    expect(first.body.next_cursor).toMatch(/^[\w-]+$/)
    const cursor = first.body.next_cursor ?? ''
    const second = await ask('/events', { user: graceId, limit: '100', cursor })
    expect(typesOf(second.body.events)).toContain('RefreshTokenRotated')
    expect(second.body.next_cursor).toBeUndefined()
  })
})

describe('a parameter is refused by its name', () => {
  const wrong: Record<string, string>[] = [
    { cursor: 'nonsense' },
    { cursor: Buffer.from('oldest 5').toString('base64url') },
    { limit: '0' },
    { limit: '501' },
    { limit: 'ten' },
    { order: 'random' },
    { type: 'GrantAproved' },
    { from: 'yesterday' },
    { until: '2026-13-01' },
    { until: '2026-11-21T10:00:00' },
    { usr: 'usr_x' },
  ]
  for (const parameters of wrong) {
    const [name = ''] = Object.keys(parameters)
    test(`${name}=${parameters[name]}`, async () => {
      const { status, body } = await ask('/events', parameters)
      expect(status).toBe(400)
      expect(body.error).toBe('invalid_request')
      expect(body.message).toContain(name)
    })
  }

  test('when it is given twice', async () => {
    const { status, body } = await ask('/events?stream=a&stream=b')
    expect(status).toBe(400)
    expect(body.message).toContain('stream')
  })
})

async function walk(parameters: Record<string, string>): Promise<number[]> {
  const positions: number[] = []
  for (let cursor: string | undefined = ''; cursor !== undefined; ) {
    const { body } = await ask('/events', cursor === '' ? parameters : { ...parameters, cursor })
    positions.push(...body.events.map(({ position }) => position))
    cursor = body.next_cursor
  }
  return positions
}

/** Events about somebody else, two to a user, appended a thousand at a time. */
async function appendMany(count: number): Promise<void> {
  const userId = newId('usr')
  await registerStranger(userId)
  for (let done = 0; done < count; done += 1000) {
    await execute<string>(server.services.log, cause, async (work) => {
      for (let pair = 0; pair < 499; pair += 1) {
        await work.decide(userDecider, userId, { kind: 'disable', reason: 'a test', now: 1 })
        await work.decide(userDecider, userId, { kind: 'enable', now: 1 })
      }
      await work.decide(userDecider, userId, { kind: 'disable', reason: 'a test', now: 1 })
      return work.decide(userDecider, userId, { kind: 'enable', now: 1 })
    })
  }
}

const cause = { actor: 'system:test', correlationId: 'many' }

async function registerStranger(userId: string): Promise<void> {
  const registration = {
    userId,
    emailKey: server.services.keyring.mac('lookup', ['email', userId]),
    email: `${userId}@example.com`,
    emailVerified: true,
    name: 'A stranger',
    admin: false,
    passwordSecretId: newId('pwd'),
    now: 1,
  }
  await execute<string>(server.services.log, cause, (work) =>
    work.decide(userDecider, userId, { kind: 'register', registration }),
  )
}
